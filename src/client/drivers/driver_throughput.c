#include "base/real.h"
#include "client/drivers/drivers.h"

static void add_users(struct course *c)
{
    course_fill(c, c->plan.clients, c->plan.concurrency, c->plan.concurrency);
    if (!c->filling && c->crowd.open == 0)
        c->over = true;
}

static void start(struct course *c)
{
    course_begin_window(c);
    add_users(c);
}

/* Arrivals are stamped for the last clients only. */
static void take_ready(struct course *c, struct user *u)
{
    uint64_t last = c->plan.clients - 1 - c->plan.clients / COURSE_STAMP_PART;
    if (u->number >= last) {
        c->crowd.loop->stamping = true;
        user_stamp(u);
    }
    user_send(u);
}

static void keep_latency(struct course *c, struct user *u, const struct traffic_reply *reply)
{
    const struct course_memory *m = &c->memory;
    size_t at = (size_t)u->number * c->plan.roundtrips + (size_t)reply->sequence;
    if (histogram_record(&c->crowd.trial->latency, reply->latency_ns))
        running_add(&u->latencies, real_of(reply->latency_ns));
    if (m->raw != NULL && at < m->raw_count)
        m->raw[at] = reply->latency_ns;
}

static void take_reply(struct course *c, struct user *u, const struct traffic_reply *reply)
{
    if (reply->right)
        keep_latency(c, u, reply);
    if (u->traffic.sent >= c->plan.roundtrips)
        user_close(u);
    else if (user_can_send(u))
        user_send(u);
}

static void take_unanswered(struct course *c, struct user *u, uint64_t sequence, uint64_t sent)
{
    (void)sequence;
    course_miss(c, u, &c->crowd.trial->latency, sent);
}

static void take_gone(struct course *c, struct user *u)
{
    (void)u;
    c->crowd.trial->elapsed_ns = c->crowd.ended - c->began;
    add_users(c);
}

const struct driver driver_throughput = {
    .start = start,
    .ready = take_ready,
    .reply = take_reply,
    .unanswered = take_unanswered,
    .gone = take_gone,
};
