#include "client/output/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/real.h"

#define PROGRESS_EVERY_NS 200000000u

void progress_start(struct progress *p, bool on, uint64_t now, uint64_t planned_ns)
{
    memset(p, 0, sizeof *p);
    p->on = on;
    p->started = now;
    p->planned_ns = planned_ns;
}

void progress_step(struct progress *p, const char *step)
{
    snprintf(p->step, sizeof p->step, "%s", step);
}

void progress_show(struct progress *p, uint64_t now)
{
    if (!p->on || now - p->shown_at < PROGRESS_EVERY_NS)
        return;
    p->shown_at = now;
    fprintf(stderr, "\r%3.0f of about %.0f s  %-50.50s", real_of(now - p->started) / 1e9,
            real_of(p->planned_ns) / 1e9, p->step);
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->on && p->shown_at != 0)
        fprintf(stderr, "\r%78s\r", "");
    fflush(stderr);
    p->on = false;
}
