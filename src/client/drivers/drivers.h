/* The table of scenarios. To add one: a file driver_NAME.c with its `struct driver`, declared here,
 * and its row in drivers.c; and, if it keeps anything of a trial, its struct in driver_state.h. */
#ifndef WSIO_CLIENT_DRIVERS_H
#define WSIO_CLIENT_DRIVERS_H

#include "client/drivers/course.h"
#include "measure/record/scenario.h"

/* connect: one user after the other; opens, one first echo, closes. Ends after plan.clients, or
 * with the first one that ends after plan.duration_ns (0: no limit). */
extern const struct driver driver_connect;

/* roundtrip: plan.concurrency users at once, each with a first echo; then plan.depth messages
 * outstanding on each for plan.duration_ns, of which plan.warmup_ns are cut. */
extern const struct driver driver_roundtrip;

/* throughput: plan.clients users in all, plan.concurrency at a time, plan.roundtrips each. */
extern const struct driver driver_throughput;

/* send: one user sends for plan.duration_ns or until plan.depth messages are outstanding; one
 * different message at the end; then drains for at most the timeout. */
extern const struct driver driver_send;

/* rate: plan.concurrency users as in roundtrip; then message k is sent k / plan.rate after the
 * start by a user that is free, in turn, and with at most plan.depth outstanding on each. */
extern const struct driver driver_rate;

/* Never NULL. */
const struct driver *drivers_find(enum scenario scenario);

#endif
