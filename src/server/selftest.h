/* Faults on purpose, to see whether a client measures them: the server stalls on schedule, and
 * delays its answers. */
#ifndef WSIO_SERVER_SELFTEST_H
#define WSIO_SERVER_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"

#define SELFTEST_STALLS 64 /* that are remembered, the last ones */

/* All-zero does nothing. */
struct selftest {
    uint64_t delay_ns;   /* before each message is answered; 0: none */
    uint64_t delays;     /* messages that were answered late */
    uint64_t delayed_ns; /* the time that took in all */
    uint64_t stall_ns;   /* length of a stall, < every_ns */
    uint64_t every_ns;   /* between the starts of two; 0: none */
    uint64_t started_ns; /* port_clock's; the first stall is one every_ns later */
    uint64_t due_ns;     /* when the next one begins */
    uint64_t stalls;     /* so far; number i is at i % SELFTEST_STALLS */
    struct selftest_stall {
        uint64_t at_ns;   /* port_clock's, of its actual start */
        uint64_t took_ns; /* its actual length */
    } last[SELFTEST_STALLS];
};

/* Reads "100ms/1s": the length of a stall and the time between the starts of two. False when the
 * text is malformed, or a stall is not shorter than that time. */
bool selftest_parse_stall(const char *text, uint64_t *stall_ns, uint64_t *every_ns);

/* Resets. The schedule begins at started_ns. */
void selftest_start(struct selftest *t, uint64_t delay_ns, uint64_t stall_ns, uint64_t every_ns,
                    uint64_t started_ns);

/* When selftest_serve() wants to be called, ns; UINT64_MAX: never. */
uint64_t selftest_due(const struct selftest *t);

/* Freezes, if that is due. A stop signal ends it early. */
void selftest_serve(struct selftest *t);

/* Waits for the delay of one message, if there is one, and has the loop read the clock anew. To be
 * called before the message is answered. */
void selftest_delay(struct selftest *t, struct loop *l);

#endif
