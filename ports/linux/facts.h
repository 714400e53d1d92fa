/* Where the facts come from, so that tests can lay out a machine of their own. */
#ifndef WSIO_LINUX_FACTS_H
#define WSIO_LINUX_FACTS_H

#include "port.h"

/* port_facts_read() with the files under `root`; "" is this machine. */
void linux_facts_read(const char *root, struct port_facts *facts);

/* Cores' worth of time that our control group and those above it allow, the least of them; 0
 * without a quota. Both versions of control groups. */
double linux_quota_read(const char *root);

#endif
