/* What roundtrip and rate have in common. Opening: everybody connects and has one echo, cold.
 * Steady: the scenario's own part, measured between one clock reading and another. Finishing: the
 * last replies come, all close. */
#ifndef WSIO_CLIENT_STEADY_H
#define WSIO_CLIENT_STEADY_H

#include "client/drivers/run.h"

/* As the driver's start() and ready(). The scenario's own part may begin when r->steady_due is set:
 * at the next tick(), outside of anybody's callback. */
void steady_open(struct run *r);
void steady_ready(struct run *r, struct user *u);

/* A reply while opening; somebody is gone at any time. */
void steady_opened(struct run *r);
void steady_gone(struct run *r, struct user *u);

/* The steady part begins now: its times are set, its frames are counted. */
void steady_begin(struct run *r);

/* Begins to measure when the warm-up is over; and ends, which is at r->window_until or later. */
void steady_window_begin(struct run *r, uint64_t now);
void steady_window_end(struct run *r, uint64_t until);

/* A latency that counts, of a reply that came now. */
void steady_count(struct run *r, struct user *u, uint64_t latency_ns);

/* Nothing is outstanding any more: everybody closes. */
void steady_close(struct run *r);

#endif
