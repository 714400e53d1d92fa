/* The result of ONE scenario run against one target on fresh connections: the unit of statistics.
 */
#ifndef WSIO_MEASURE_TRIAL_H
#define WSIO_MEASURE_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/record/failure.h"
#include "measure/record/histogram.h"
#include "measure/record/phase.h"
#include "measure/record/running.h"
#include "measure/record/scenario.h"
#include "measure/record/tally.h"

/* What shows that messages sent one way arrived (`send`). */
enum proof {
    PROOF_NONE,      /* not asked: another scenario */
    PROOF_ECHOED,    /* replies were matched */
    PROOF_FINAL_ACK, /* nothing came back but the reply to the last message */
    PROOF_UNPROVEN,  /* not even that */
};

/* The client's scenario code fills everything; nothing here reads a clock. When it does:
 *
 * Before the run: trial_reset() with the scenario; clients, depth, frame_size_*.
 *
 * Per client: `started` at its connect; phases[] at each phase's end (PHASE_READY once, when it may
 * send; PHASE_RESOLVE once per target, in its first trial); then `ready` or `failed`, exactly one
 * by the end of the trial; trial_add_client() with its own latencies when it is done.
 *
 * Per message: the tally, over the whole trial; `latency` when its reply is matched and equal at an
 * instant within the window. In `throughput` and `send` nothing is cut: every answered message. In
 * `connect` none: the one message is PHASE_FIRST_ECHO.
 *
 * At the end: the durations, the CPU times, send's fields.
 *
 * Durations and CPU times that are not known or not of this scenario stay 0.
 * About 340 KiB: static memory, not the stack. All-zero is a valid empty trial of `connect`. */
struct trial {
    enum scenario scenario;
    unsigned trials; /* 1; after trial_merge the number of trials pooled */

    /* What was planned; the same in every trial of one target and scenario. */
    unsigned clients; /* open at once: connect 1, roundtrip --clients, throughput --concurrency,
                         send 1 */
    unsigned depth;   /* messages outstanding on each, rate: at most; 0: not fixed (send), Little is
                         not checked */
    uint32_t
        frame_size_out; /* wire bytes of each message frame; 0: not fixed, bytes are not checked */
    uint32_t frame_size_in;

    /* Clients, all of the trial. started == ready + failed, at the end. */
    uint64_t started;
    uint64_t ready;  /* came so far that they might send */
    uint64_t failed; /* did not */
    uint64_t lost;   /* of the ready ones: closed or failed by the peer before they were done */

    /* Durations, ns. */
    uint64_t cut_ns;    /* roundtrip: warm-up, from all ready to the window's start */
    uint64_t window_ns; /* roundtrip: measured window; rate: the same, and on to the reply of the
                           last message that fell due in it. roundtrip's rate is latency.values.n /
                           window_ns */
    uint64_t paced_ns;  /* rate: what the planned messages take at their rate, and how much longer
                           the last reply took; its rate is replied / paced_ns: whole messages are
                           due in a window that is no multiple of their distance */
    /* roundtrip, of all places: what no counted latency covers of the window (from a reply to the
     * send that takes its place; messages that are answered after its end), and what counted
     * latencies cover before its start. */
    uint64_t vacant_ns;
    uint64_t early_ns;
    uint64_t elapsed_ns; /* throughput: before the first connect() to the last end of stream */
    uint64_t
        outstanding_ns; /* throughput: time with at least one message outstanding, of any client */

    struct tally tally;       /* whole trial */
    struct histogram latency; /* ns, round trips, see above */
    struct running
        client_means; /* ns, one value per client: its mean latency. By trial_add_client() */
    struct histogram phases[PHASE_COUNT]; /* ns */

    /* send */
    uint64_t accepted;    /* messages that the kernel took completely */
    uint64_t accepted_ns; /* before the first send to the last send returned */
    uint64_t
        proven; /* echoes matched; with PROOF_FINAL_ACK: accepted ones before the final message */
    uint64_t proven_ns; /* before the first send to the last echo (or the final ack) */
    enum proof proof;

    /* rate: latency runs from the instant at which a message fell due, and it is that which lies
     * within the window. */
    uint64_t planned;        /* messages that fell due within the window */
    uint64_t planned_sent;   /* of those, sent: all, unless the server was too slow for too long */
    uint64_t planned_waited; /* of those, due while every client had --depth outstanding */
    uint64_t worst_lag_ns;   /* between due and sent, of those */
    uint64_t replied; /* right replies to them; when not all were sent, all that came meanwhile */
    struct histogram plain; /* ns, the same messages from their actual send */

    /* roundtrip and rate: latencies of the window's first and last third, by the reply's instant.
     */
    struct histogram first_third;
    struct histogram last_third;

    /* CPU time within the window (throughput: elapsed; send: until drained), but for what rate
     * spent on looking for the next message to fall due. 0 unknown. */
    uint64_t client_cpu_ns;
    uint64_t server_cpu_ns;
    bool busy_polled; /* then CPU time says nothing about who was the limit */

    /* Within the window: ours. Over the whole trial: the sibling's, from its /stats before and
     * after. 0 unknown. */
    uint64_t client_calls; /* system calls: send, receive, wait; rate's looks are not among them */
    uint64_t server_calls;
    uint64_t client_switches; /* of context, voluntary and forced */
    uint64_t server_switches; /* within the window */

    struct failures failures; /* clients that failed or were lost, by phase and cause */
};

/* JSON: "none", "echoed", "final_ack", "unproven". */
const char *trial_proof_key(enum proof proof);

void trial_reset(struct trial *t, enum scenario scenario);

/* A client is done: its own latencies within the window (ns). One without any is not counted. */
void trial_add_client(struct trial *t, const struct running *latencies);

/* Pools a further trial of the same target and scenario. Counts and durations add up; what was
 * planned is taken over from `from`; the weaker proof stays. */
void trial_merge(struct trial *into, const struct trial *from);

/* Per second; 0 when the duration is 0. */
double trial_rate(
    const struct trial *t); /* answered in the window; throughput: over elapsed_ns; send: proven */
double trial_rate_outstanding(const struct trial *t); /* throughput: answered / outstanding_ns */
double trial_accepted_rate(const struct trial *t);    /* send */
double
trial_bytes_rate(const struct trial *t); /* bytes of payload echoed, one way, at trial_rate */

/* The part of one core that `cpu_ns` is of the time it was measured over; 0 where that is not
 * known, or the scenario has none (connect, send). */
double trial_busy_share(const struct trial *t, uint64_t cpu_ns);

#endif
