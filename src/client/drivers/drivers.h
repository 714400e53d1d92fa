/* The scenarios' drivers, one file each, and what they have in common. */
#ifndef WSIO_CLIENT_DRIVERS_H
#define WSIO_CLIENT_DRIVERS_H

#include "client/drivers/run.h"

/* connect: one user after the other; opens, one first echo, closes. Ends after plan.clients, or
 * with the first one that ends after plan.duration_ns (0: no limit). */
extern const struct driver drivers_connect;

/* roundtrip: plan.concurrency users at once, each with a first echo; then plan.depth messages
 * outstanding on each for plan.duration_ns, of which plan.warmup_ns are cut. */
extern const struct driver drivers_roundtrip;

/* rate: plan.concurrency users as in roundtrip; then message k is sent k / plan.rate after the
 * start by whoever is free, in turn, and with at most plan.depth outstanding on each. */
extern const struct driver drivers_rate;

/* throughput: plan.clients users in all, plan.concurrency at a time, plan.roundtrips each. */
extern const struct driver drivers_throughput;

/* send: one user sends for plan.duration_ns or until plan.depth messages are outstanding; one
 * different message at the end; then drains for at most the timeout. */
extern const struct driver drivers_send;

#endif
