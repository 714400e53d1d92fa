#include "client/drivers/drivers.h"
#include "client/drivers/steady.h"

static void send_messages(struct user *u)
{
    while (user_can_send(u))
        user_send(u);
}

static void begin_messages(struct course *c)
{
    steady_begin(c);
    for (uint32_t i = 0; i < c->memory.user_count; i++) {
        struct user *u = &c->memory.users[i];
        if (u->state != USER_READY)
            continue;
        user_begin(u);
        send_messages(u);
        user_end(u);
    }
}

/* A message that an edge of the window has cut counts whole in the histogram, or not at all. */
static void count_edges(struct course *c, uint64_t sent, uint64_t answered)
{
    uint64_t from = c->steady.window_from, until = c->steady.window_until;
    if (sent >= until || answered < from)
        return;
    if (answered >= until)
        c->crowd.trial->vacant_ns += until - (sent > from ? sent : from);
    else if (sent < from)
        c->crowd.trial->early_ns += from - sent;
}

/* From a reply to the next message, a place is empty: counts the part of that in the window. */
static void count_gap(struct course *c, uint64_t answered, uint64_t sent)
{
    const struct steady *s = &c->steady;
    uint64_t from = answered > s->window_from ? answered : s->window_from;
    uint64_t until = sent < s->window_until ? sent : s->window_until;
    if (until > from)
        c->crowd.trial->vacant_ns += until - from;
}

static void take_reply(struct course *c, struct user *u, const struct traffic_reply *reply)
{
    const struct steady *s = &c->steady;
    uint64_t now = course_now(c);
    if (s->stage < STEADY_RUNNING) {
        steady_reply(c);
        return;
    }
    if (reply->right) {
        if (now >= s->window_from && now < s->window_until)
            steady_count(c, u, reply->latency_ns);
        count_edges(c, now - reply->latency_ns, now);
    }
    if (now >= s->window_until || s->stage != STEADY_RUNNING)
        return;
    uint64_t sent = u->traffic.sent;
    send_messages(u);
    if (u->traffic.sent > sent)
        count_gap(c, now, u->traffic.starts[(u->traffic.sent - 1) % c->plan.depth]);
}

static uint64_t find_running_wake(const struct course *c)
{
    return c->window.open ? c->steady.window_until : c->steady.window_from;
}

static uint64_t find_wake(const struct course *c)
{
    return steady_find_wake(c, find_running_wake);
}

static void tick(struct course *c, uint64_t now)
{
    struct steady *s = &c->steady;
    if (s->stage == STEADY_DUE)
        begin_messages(c);
    if (s->stage == STEADY_RUNNING) {
        steady_begin_window(c, now);
        if (now >= s->window_until)
            steady_end_window(c, s->window_until);
    }
    steady_finish(c);
}

const struct driver driver_roundtrip = {
    .start = steady_open,
    .ready = steady_ready,
    .reply = take_reply,
    .gone = steady_gone,
    .due = find_wake,
    .tick = tick,
};
