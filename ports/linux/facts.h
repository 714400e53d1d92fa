/* Where the facts come from, so that tests can lay out a machine of their own. */
#ifndef WSIO_LINUX_FACTS_H
#define WSIO_LINUX_FACTS_H

#include "port.h"

/* port_facts_read() with the files under `root`; "" is this machine. */
void linux_facts_read(const char *root, struct port_facts *facts);

/* The least number of cores whose time the control group of this process, or one above it, allows;
 * 0 without a quota. Knows both versions of control groups. */
double linux_quota_read(const char *root);

#endif
