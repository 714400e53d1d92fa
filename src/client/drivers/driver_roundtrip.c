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

#define STALL_PART 20 /* of the window: a message of the warm-up that took more of it counts */

/* The window's messages are those that were sent in it; and those of the warm-up that took more
 * than a twentieth of it, for a stall must not hide in the warm-up. `end` (ns): when the message
 * was answered, or given up. */
static bool is_counted(const struct steady *s, uint64_t sent, uint64_t end)
{
    uint64_t part = (s->window_until - s->window_from) / STALL_PART;
    if (s->stage < STEADY_RUNNING || sent >= s->window_until)
        return false;
    return sent >= s->window_from || (end > s->window_from && end - s->window_from > part);
}

/* A message that an edge of the window has cut counts whole in the histogram, or not at all. */
static void count_edges(struct course *c, bool counted, uint64_t sent, uint64_t answered)
{
    uint64_t from = c->steady.window_from, until = c->steady.window_until;
    struct trial *t = c->crowd.trial;
    uint64_t end = answered < until ? answered : until;
    if (counted)
        t->overhang_ns += (sent < from ? from - sent : 0) + answered - end;
    else if (sent < from && end > from)
        t->vacant_ns += end - from;
}

/* Its latency belongs to the window by its send, and its reply to the rate by the time at which it
 * came. */
static void count_reply(struct course *c, struct user *u, uint64_t latency_ns)
{
    const struct steady *s = &c->steady;
    uint64_t now = course_now(c);
    uint64_t sent = now - latency_ns;
    bool counted = is_counted(s, sent, now);
    count_edges(c, counted, sent, now);
    if (counted)
        steady_count(c, u, latency_ns);
    if (now >= s->window_from && now < s->window_until)
        c->crowd.trial->replied++;
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
    steady_end_silence(c);
    if (reply->right)
        count_reply(c, u, reply->latency_ns);
    if (now >= s->window_until || s->stage != STEADY_RUNNING)
        return;
    uint64_t sent = u->traffic.sent;
    send_messages(u);
    if (u->traffic.sent > sent)
        count_gap(c, now, u->traffic.starts[(u->traffic.sent - 1) % c->plan.depth]);
}

static void take_unanswered(struct course *c, struct user *u, uint64_t sequence, uint64_t sent)
{
    (void)sequence;
    if (c->steady.stage < STEADY_RUNNING)
        return;
    steady_end_silence(c);
    if (is_counted(&c->steady, sent, course_now(c)))
        course_miss(c, u, &c->crowd.trial->latency, sent);
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
    .unanswered = take_unanswered,
    .gone = steady_gone,
    .due = find_wake,
    .tick = tick,
};
