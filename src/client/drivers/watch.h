/* Samples the cores of both ends while a trial runs: a few times, and for about a five hundredth of
 * the time at most. */
#ifndef WSIO_CLIENT_WATCH_H
#define WSIO_CLIENT_WATCH_H

#include "measure/record/placement.h"
#include "port.h"

#define WATCH_THREADS 64 /* of the server, that are looked at */

struct watch {
    int64_t server_pid; /* 0: not known, nothing is sampled */
    uint64_t due;       /* ns, of the next sample; PORT_FOREVER: none */
    uint64_t gap;       /* ns, to the one after it */
    uint64_t cost;      /* ns, that the quickest sample took; 0: there was none */

    /* The server's threads at the last sample: the busiest since then stands for all. */
    size_t count;
    struct port_thread threads[WATCH_THREADS];
};

/* A watch whose first sample is due soon. */
struct watch watch_start(int64_t server_pid, uint64_t now);

/* Samples are due soon again, as after a start; what is known of the server stays. */
void watch_restart(struct watch *w, uint64_t now);

/* Takes a sample if the two cores can be known. */
void watch_sample(struct watch *w, struct placement_samples *samples);

#endif
