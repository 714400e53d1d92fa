#include "server/jobs.h"

#include "loop/loop_work.h"

#define JOBS_WAIT_NS 1000000 /* before jobs that could do nothing are tried again */

void jobs_add(struct server *v, struct lease *lease)
{
    lease->next = NULL;
    if (v->jobs == NULL)
        v->jobs = lease;
    else
        v->jobs_last->next = lease;
    v->jobs_last = lease;
    v->job_count++;
    job_of(lease)->queued = true;
}

static struct lease *take_first(struct server *v)
{
    struct lease *lease = v->jobs;
    v->jobs = lease->next;
    v->job_count--;
    job_of(lease)->queued = false;
    return lease;
}

void jobs_cancel(struct server *v, struct lease *lease)
{
    if (job_of(lease)->queued)
        job_of(lease)->cancelled = true;
    else
        pool_release(&v->loop.pool, lease);
}

uint64_t jobs_due(const struct server *v)
{
    if (v->jobs == NULL)
        return UINT64_MAX;
    return v->jobs_wait ? v->loop.io.now + JOBS_WAIT_NS : 0;
}

void jobs_serve(struct server *v)
{
    uint32_t count = v->job_count; /* each has one slice in a turn */
    v->jobs_wait = true;
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && loop_work_is_over(&v->loop)) {
            v->jobs_wait = false;
            return;
        }
        struct lease *lease = take_first(v);
        bool cancelled = job_of(lease)->cancelled;
        bool more = !cancelled && job_of(lease)->run(v, lease);
        if (cancelled)
            pool_release(&v->loop.pool, lease);
        v->jobs_wait = v->jobs_wait && more && job_of(lease)->waits;
        if (more)
            jobs_add(v, lease);
        loop_refresh(&v->loop);
    }
}
