/* The result of ONE scenario run against one target on fresh connections: the unit of statistics.
 */
#ifndef WSIO_MEASURE_TRIAL_H
#define WSIO_MEASURE_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/record/failure.h"
#include "measure/record/histogram.h"
#include "measure/record/phase.h"
#include "measure/record/placement.h"
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

/* Members of struct trial that are merged and written alike, under their own names: durations
 * (JSON) and costs (JSON and CSV). */
#define TRIAL_DURATION_LIST(X)                                                                     \
    X(cut_ns)                                                                                      \
    X(window_ns)                                                                                   \
    X(vacant_ns)                                                                                   \
    X(overhang_ns)                                                                                 \
    X(silent_ns)                                                                                   \
    X(elapsed_ns)                                                                                  \
    X(outstanding_ns)
#define TRIAL_COST_LIST(X)                                                                         \
    X(client_cpu_ns)                                                                               \
    X(server_cpu_ns)                                                                               \
    X(client_calls)                                                                                \
    X(server_calls)                                                                                \
    X(client_switches)                                                                             \
    X(server_switches)

/* The drivers of the client fill in everything; nothing here reads a clock. They do so
 *
 * before the run: trial_reset() with the scenario; clients, depth, frame_size_*;
 *
 * for each client: `started` at its connect; phases[] at the end of each phase (PHASE_READY once,
 * when it may send; PHASE_RESOLVE once per target, in its first trial); then `ready` or `failed`,
 * exactly one of them by the end of the trial; trial_add_client() with its own latencies when it is
 * done;
 *
 * for each message: the tally, over the whole trial; `latency` when its reply is matched and equal,
 * or when it is known that none comes. `throughput` cuts nothing: every message counts. `connect`
 * and `send` have none: the one message of `connect` is PHASE_FIRST_ECHO;
 *
 * at the end: the durations, the CPU times, the fields of send.
 *
 * Durations and CPU times that are unknown, or do not belong to the scenario, stay 0. About 480
 * KiB: static memory, not the stack. All-zero is a valid empty trial of `connect`. */
struct trial {
    enum scenario scenario;
    unsigned trials; /* 1; after trial_merge() the number of trials pooled */
    bool stopped;    /* it was ended before its time */

    /* What was planned: the same in every trial of one target and scenario. */
    unsigned clients; /* open at once: 1 for connect and send, --clients for roundtrip and rate,
                       * --concurrency for throughput */
    unsigned depth;   /* messages outstanding on each client, for rate at most; 0: not fixed (send),
                       * and Little's law is not checked */
    uint32_t frame_size_out; /* wire bytes of each message's frame; 0: not fixed, and the bytes are
                              * not checked */
    uint32_t frame_size_in;

    /* Clients. started == ready + failed when the trial is over. */
    uint64_t started;
    uint64_t ready;  /* may send */
    uint64_t failed; /* ended before that */
    uint64_t lost;   /* ready ones that the peer closed or failed before they were done */
    struct histogram phases[PHASE_COUNT]; /* ns */

    /* Messages. */
    struct tally tally;       /* of the whole trial */
    struct histogram latency; /* ns, of the window's messages, whenever their replies came; rate:
                               * from due. Those that nobody answered or sent are missing in it */
    uint64_t replied; /* roundtrip: right replies that came within the window. rate: right replies
                       * to its messages; when not all were sent, all that came */
    struct histogram arrival; /* ns, sampled: from when a reply came to this system to when the
                               * client read it; empty where the system does not know */
    struct running
        client_means; /* ns, one value per client: its mean latency; by trial_add_client()
                       */

    /* Durations, ns. */
    uint64_t cut_ns;     /* roundtrip: warm-up, from all ready to the window's start */
    uint64_t window_ns;  /* roundtrip: measured window, by which its rate is divided; rate: up to
                          * the reply of the last message that fell due in the window */
    uint64_t elapsed_ns; /* throughput: before the first connect() to the last end of stream */
    uint64_t outstanding_ns; /* throughput: with a message of any client outstanding */
    uint64_t paced_ns;       /* rate: what the planned messages take at their rate, and how much
                              * longer the last reply took. The rate is replied / paced_ns, as whole
                              * messages fall due in a window that is no multiple of their distance */

    /* roundtrip, summed over all places, ns: what no counted latency covers of the window (from a
     * reply to the send that takes its place; messages of the warm-up), and what counted latencies
     * cover before its start and after its end. */
    uint64_t vacant_ns;
    uint64_t overhang_ns;

    /* roundtrip and rate, ns: how long messages were outstanding and no reply came, in stretches
     * that are out of the ordinary (see drivers/steady.h): the part in the window, and the longest
     * stretch, whole. */
    uint64_t silent_ns;
    uint64_t longest_silence_ns;

    /* roundtrip and rate: latencies of the window's first and last third, by the time of the reply.
     */
    struct histogram first_third;
    struct histogram last_third;

    /* rate. A message belongs to the window if it fell due within it. */
    uint64_t planned;        /* messages that fell due */
    uint64_t planned_sent;   /* all of them, unless the server was too slow for too long */
    uint64_t planned_waited; /* due while every client had --depth outstanding */
    uint64_t worst_lag_ns;   /* between due and sent */
    struct histogram plain;  /* ns, the same messages from their actual send; those never sent are
                              * missing in it, too */
    struct histogram lag;    /* ns, between due and sent, of messages that did not have to wait */

    /* send. */
    uint64_t accepted;    /* messages that the kernel took completely */
    uint64_t accepted_ns; /* before the first send to the last send's return */
    uint64_t proven; /* echoes matched; with PROOF_FINAL_ACK: messages accepted before the last */
    uint64_t proven_ns; /* before the first send to the last echo (or the final ack) */
    enum proof proof;

    /* Costs; 0: unknown. Those of the client, and CPU times and context switches of both, cover the
     * window (throughput: elapsed; send: until drained). What rate spends on looking for the next
     * message to fall due does not count. */
    uint64_t client_cpu_ns;
    uint64_t server_cpu_ns;
    bool busy_polled;         /* CPU time then does not show what limited the exchange */
    uint64_t client_calls;    /* system calls: send, receive, wait */
    uint64_t server_calls;    /* over the whole trial, from the sibling's /stats before and after */
    uint64_t client_switches; /* of context, voluntary and forced */
    uint64_t server_switches;

    /* Sampled in the window; in connect, in the whole trial. */
    struct placement_samples placement;

    struct failures failures; /* of clients that failed or were lost, by phase and cause */
};

/* JSON: "none", "echoed", "final_ack", "unproven". */
const char *trial_proof_key(enum proof proof);

void trial_reset(struct trial *t, enum scenario scenario);

/* Takes the latencies (ns, within the window) of a client that is done; one without any is not
 * counted. */
void trial_add_client(struct trial *t, const struct running *latencies);

/* Pools a further trial of the same target and scenario. Counts and durations add up, what was
 * planned is that of `from`, and the weaker proof stays. */
void trial_merge(struct trial *into, const struct trial *from);

/* Each is per second, and 0 when its duration is 0. */
double trial_rate(const struct trial *t); /* replies that came in the window; throughput: over
                                           * elapsed_ns; send: proven */
double trial_rate_outstanding(const struct trial *t); /* throughput: over outstanding_ns */
double trial_accepted_rate(const struct trial *t);    /* send */
double trial_bytes_rate(const struct trial *t);       /* payload echoed, one way, at trial_rate() */

/* `cpu_ns` as a share of the time that it was measured over: 1 is a whole core. 0 where that time
 * is unknown, or the scenario has none (connect, send). */
double trial_busy_share(const struct trial *t, uint64_t cpu_ns);

#endif
