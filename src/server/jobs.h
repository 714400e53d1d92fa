/* Work that no turn may do at once: a message for many members, a body of many packets. Each is a
 * job in a lease of the pool. Jobs have their turn one after the other, a slice each. */
#ifndef WSIO_SERVER_JOBS_H
#define WSIO_SERVER_JOBS_H

#include "server/server.h"

/* What the memory of a job's lease begins with. */
struct job {
    /* Does a slice. Returns whether more is left: the job is put at the end; else the lease, if it
     * is to be given back, was given back. */
    bool (*run)(struct server *v, struct lease *lease);
    bool queued;
    bool waits; /* the last slice could do nothing: the next one is to be later */
    bool cancelled;
};

static inline struct job *job_of(const struct lease *lease)
{
    return (struct job *)(void *)lease->data;
}

/* Puts the lease, whose `run` is set, at the end. */
void jobs_add(struct server *v, struct lease *lease);

/* The job, in the queue or not, is not to be done any more: its lease goes back. */
void jobs_cancel(struct server *v, struct lease *lease);

/* When a job is to be served, ns of port_clock; UINT64_MAX: there is none. */
uint64_t jobs_due(const struct server *v);

/* Serves the jobs in order: one at least, and more while the turn lasts. */
void jobs_serve(struct server *v);

#endif
