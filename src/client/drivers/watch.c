#include "client/drivers/watch.h"

#include <string.h>

/* The gaps between samples grow, so that a trial of a few ms has some, and a long one few. */
#define GAP_MIN    UINT64_C(1000000)  /* ns */
#define GAP_MAX    UINT64_C(50000000) /* ns */
#define GAP_PART   500           /* a gap is so many times as long as taking a sample, or longer, */
#define GAP_WIDEST (5 * GAP_MAX) /* but this at most */

#define NO_CORE (-1)

struct watch watch_start(int64_t server_pid, uint64_t now)
{
    return (struct watch){.server_pid = server_pid,
                          .due = server_pid == 0 ? PORT_FOREVER : now + GAP_MIN,
                          .gap = GAP_MIN};
}

void watch_restart(struct watch *w, uint64_t now)
{
    w->gap = GAP_MIN;
    if (w->server_pid != 0)
        w->due = now + GAP_MIN;
}

/* ---- The server's core ------------------------------------------------------------------- */

/* What the thread used since the last sample; all that it ever used, where it was not there. */
static uint64_t measure_work(const struct watch *w, const struct port_thread *thread)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->threads[i].id == thread->id && thread->cpu_ns >= w->threads[i].cpu_ns)
            return thread->cpu_ns - w->threads[i].cpu_ns;
    return thread->cpu_ns;
}

/* A process of one thread needs no choice. Where there are several, most sleep, and the core on
 * which a sleeping one ran long ago says nothing. */
static int find_busiest(struct watch *w)
{
    struct port_thread now[WATCH_THREADS];
    int count = port_threads_read(w->server_pid, now, WATCH_THREADS);
    uint64_t most = 0;
    int best = 0;
    if (count <= 0)
        return count;
    for (int i = 0; i < count; i++) {
        uint64_t work = measure_work(w, &now[i]);
        if (work > most)
            best = i;
        most = work > most ? work : most;
    }
    w->count = (size_t)count;
    memcpy(w->threads, now, w->count * sizeof now[0]);
    return (int)now[best].core;
}

/* Where the system does not report it: a process that may not use our core is on another one, and
 * one that may use no other is here. */
static int find_by_permission(int64_t pid, unsigned own)
{
    struct port_cores cores;
    unsigned others = 0;
    int other = NO_CORE;
    if (port_cores_read(pid, &cores) < 0)
        return NO_CORE;
    for (unsigned core = 0; core < PORT_CORES_MAX; core++) {
        if (core == own || !port_cores_has(&cores, core))
            continue;
        other = (int)core;
        others++;
    }
    if (!port_cores_has(&cores, own))
        return other;
    return others == 0 ? (int)own : NO_CORE;
}

static int find_server_core(struct watch *w, unsigned own)
{
    int core = find_busiest(w);
    return core == STATUS_UNSUPPORTED ? find_by_permission(w->server_pid, own) : core;
}

/* ---- Samples --------------------------------------------------------------------------------- */

/* A sample takes long now and then because something else ran meanwhile, so the quickest one
 * counts. */
static uint64_t choose_gap(struct watch *w, uint64_t took)
{
    if (w->cost == 0 || took < w->cost)
        w->cost = took;
    w->gap = 2 * w->gap < GAP_MAX ? 2 * w->gap : GAP_MAX;
    uint64_t fair = GAP_PART * w->cost;
    if (fair > GAP_WIDEST)
        fair = GAP_WIDEST;
    return w->gap > fair ? w->gap : fair;
}

void watch_sample(struct watch *w, struct placement_samples *samples)
{
    uint64_t began = port_clock();
    int own = port_core();
    if (w->server_pid == 0 || own < 0) {
        w->due = PORT_FOREVER;
        return;
    }
    int server = find_server_core(w, (unsigned)own);
    uint64_t now = port_clock();
    if (server >= 0)
        placement_add(samples, own == server);
    w->due = now + choose_gap(w, now - began);
}
