#ifndef WSIO_TESTS_EACH_POLLER_H
#define WSIO_TESTS_EACH_POLLER_H

#include "port.h"

/* Calls run for every poller of the port; the sum of what it returns. */
int each_poller(int (*run)(const struct port_poller *));

#endif
