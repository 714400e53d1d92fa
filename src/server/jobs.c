#include "server/jobs.h"

#include "loop/loop_work.h"

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

void jobs_serve(struct server *v)
{
    uint32_t count = v->job_count; /* each has one slice in a turn */
    for (uint32_t i = 0; i < count && (i == 0 || !loop_work_is_over(&v->loop)); i++) {
        struct lease *lease = take_first(v);
        if (job_of(lease)->cancelled)
            pool_release(&v->loop.pool, lease);
        else if (job_of(lease)->run(v, lease))
            jobs_add(v, lease);
        loop_refresh(&v->loop);
    }
}
