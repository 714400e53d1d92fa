/* What the server reports: counters, faults by kind, phases and service times. */
#ifndef WSIO_SERVER_STATS_H
#define WSIO_SERVER_STATS_H

#include "base/bytes.h"
#include "loop/loop.h"
#include "measure/record/histogram.h"
#include "server/selftest.h"

/* X(NAME, key, starts, ends). */
#define STATS_PHASE_LIST(X)                                                                        \
    X(HANDSHAKE, "handshake", "accepted", "101 or open packet put")                                \
    X(JOIN, "join", "open packet put", "first namespace joined")                                   \
    X(FIRST, "first_message", "may send", "its first message arrived")                             \
    X(CLOSE, "close", "close begun by either side", "end of stream")

enum stats_phase {
#define X(name, key, starts, ends) STATS_##name,
    STATS_PHASE_LIST(X)
#undef X
        STATS_PHASES,
};

/* X(name): connections by kind, and messages answered. The JSON has these names as keys, the text
 * with spaces. */
#define STATS_COUNT_LIST(X)                                                                        \
    X(raw_connections)                                                                             \
    X(websocket_connections)                                                                       \
    X(socketio_sessions)                                                                           \
    X(requests_refused)                                                                            \
    X(sessions_refused)                                                                            \
    X(crowd_refused)                                                                               \
    X(address_refused)                                                                             \
    X(raw_messages)                                                                                \
    X(websocket_messages)                                                                          \
    X(socketio_messages)                                                                           \
    X(heartbeats)                                                                                  \
    X(closed_properly)                                                                             \
    X(lost)

#define STATS_FAULTS 128 /* one per number of enum status */

/* About 280 KiB: one static object. All-zero is the start but for `started`. */
struct stats {
    uint64_t started; /* ns of port_clock */
#define X(name) uint64_t name;
    STATS_COUNT_LIST(X)
#undef X
    uint64_t faults[STATS_FAULTS]; /* connections that failed, by -status */
    struct histogram phases[STATS_PHASES];
    struct selftest selftest;              /* by selftest_start() */
    struct histogram service[LOOP_STAGES]; /* per receive, of every LOOP_SAMPLE_EVERY-th */
};

/* A connection ended because of `status` (negative). */
void stats_count_fault(struct stats *s, int status);

/* Ends a phase that began at *mark (0: unknown, nothing is recorded), and begins the next one. */
void stats_end_phase(struct stats *s, enum stats_phase phase, uint64_t *mark, uint64_t now);

/* One sampled receive. */
void stats_add_sample(struct stats *s, const uint64_t ns[LOOP_STAGES]);

/* Appends the whole as one JSON object, at most STATS_JSON_MAX bytes. All or nothing. */
#define STATS_JSON_MAX 12288
int stats_put_json(const struct stats *s, const struct loop *l, struct buf *out);

/* Appends the same as a short text for people, at most STATS_JSON_MAX bytes. All or nothing. */
int stats_put_text(const struct stats *s, const struct loop *l, struct buf *out);

#endif
