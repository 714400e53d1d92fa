#include "client/drivers/drivers.h"
#include "base/real.h"
#include "client/user/user.h"

static void users_add(struct run *r)
{
    run_fill(r, r->plan.clients, r->plan.concurrency, r->plan.concurrency);
    if (!r->filling && r->open == 0)
        r->over = true;
}

static void throughput_start(struct run *r)
{
    run_window_begin(r);
    users_add(r);
}

static void throughput_ready(struct run *r, struct user *u)
{
    user_send(r, u);
}

static void latency_keep(struct run *r, struct user *u, uint64_t latency_ns)
{
    size_t at = (size_t)u->number * r->plan.roundtrips + (size_t)u->sent - 1;
    if (histogram_record(&r->trial->latency, latency_ns))
        running_add(&u->latencies, real_of(latency_ns));
    if (r->raw != NULL && at < r->raw_count)
        r->raw[at] = latency_ns;
}

static void throughput_reply(struct run *r, struct user *u, uint64_t latency_ns)
{
    if (latency_ns != UINT64_MAX)
        latency_keep(r, u, latency_ns);
    if (u->sent >= r->plan.roundtrips)
        user_close(r, u);
    else if (user_can_send(r, u))
        user_send(r, u);
}

static void throughput_gone(struct run *r, struct user *u)
{
    (void)u;
    r->trial->elapsed_ns = r->ended - r->began;
    users_add(r);
}

const struct driver drivers_throughput = {
    .start = throughput_start,
    .ready = throughput_ready,
    .reply = throughput_reply,
    .gone = throughput_gone,
};
