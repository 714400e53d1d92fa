/* What roundtrip and rate have in common, in the stages of enum steady_stage: all users open and
 * have one cold echo; then comes the scenario's own part, measured between two readings of the
 * clock; then the last replies come, and all close. The state is course->steady. */
#ifndef WSIO_CLIENT_STEADY_H
#define WSIO_CLIENT_STEADY_H

#include "client/drivers/course.h"

/* The driver's start() and ready(). STEADY_DUE is set when the scenario's own part may begin: at
 * the next tick(), outside of the users' reports. */
void steady_open(struct course *c);
void steady_ready(struct course *c, struct user *u);

/* A reply while opening; a user is gone at any time. */
void steady_reply(struct course *c);
void steady_gone(struct course *c, struct user *u);

/* The scenario's own part begins now: its times are set, its frames are counted. */
void steady_begin(struct course *c);

/* The driver's due(). `running` gives it while the scenario's own part runs. */
uint64_t steady_find_wake(const struct course *c, uint64_t (*running)(const struct course *c));

/* Opens the measuring window once the warm-up is over, and begins stamps near its end; closes it,
 * as if that was at `until` (ns), which is c->steady.window_until or later. */
void steady_begin_window(struct course *c, uint64_t now);
void steady_end_window(struct course *c, uint64_t until);

/* A reply came now, or one is given up: to be called before its latency is counted. Notes for how
 * long none had come while messages were outstanding, if that is out of the ordinary: at least a
 * hundredth of the window, and longer than three of the round trips so far (their mean, and that of
 * the first echoes). */
void steady_end_silence(struct course *c);

/* Records the latency of a reply that came now. */
void steady_count(struct course *c, struct user *u, uint64_t latency_ns);

/* Once nothing is outstanding any more after the window, all users close. */
void steady_finish(struct course *c);

#endif
