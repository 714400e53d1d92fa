#include "client/drivers/drivers.h"
#include "client/drivers/steady.h"
#include "client/user/user.h"

static void messages_send(struct run *r, struct user *u)
{
    while (user_can_send(r, u))
        user_send(r, u);
}

static void messages_begin(struct run *r)
{
    steady_begin(r);
    for (uint32_t i = 0; i < r->user_count; i++) {
        if (r->users[i].state != USER_READY)
            continue;
        user_begin(r, &r->users[i]);
        messages_send(r, &r->users[i]);
        user_end(r, &r->users[i]);
    }
}

/* A message that an edge of the window has cut counts whole in the histogram, or not at all. */
static void edges_count(struct run *r, uint64_t sent, uint64_t answered)
{
    uint64_t from = r->window_from, until = r->window_until;
    if (sent >= until || answered < from)
        return;
    if (answered >= until)
        r->trial->vacant_ns += until - (sent > from ? sent : from);
    else if (sent < from)
        r->trial->early_ns += from - sent;
}

/* Between a reply and the next message its place stands empty; what of that lies in the window. */
static void gap_count(struct run *r, uint64_t answered, uint64_t sent)
{
    uint64_t from = answered > r->window_from ? answered : r->window_from;
    uint64_t until = sent < r->window_until ? sent : r->window_until;
    if (until > from)
        r->trial->vacant_ns += until - from;
}

static void roundtrip_reply(struct run *r, struct user *u, uint64_t latency_ns)
{
    uint64_t now = r->loop.io.now;
    if (!r->steady) {
        steady_opened(r);
        return;
    }
    if (latency_ns != UINT64_MAX) {
        if (now >= r->window_from && now < r->window_until)
            steady_count(r, u, latency_ns);
        edges_count(r, now - latency_ns, now);
    }
    if (now >= r->window_until || r->finishing)
        return;
    uint64_t sent = u->sent;
    messages_send(r, u);
    if (u->sent > sent)
        gap_count(r, now, u->starts[(u->sent - 1) % r->plan.depth]);
}

static uint64_t roundtrip_due(const struct run *r)
{
    if (r->steady_due)
        return 0;
    if (!r->steady || r->closing)
        return PORT_FOREVER;
    if (!r->window_open && !r->finishing)
        return r->window_from;
    return r->finishing ? (r->outstanding == 0 ? 0 : PORT_FOREVER) : r->window_until;
}

static void roundtrip_tick(struct run *r, uint64_t now)
{
    if (r->steady_due)
        messages_begin(r);
    if (!r->steady || r->closing)
        return;
    steady_window_begin(r, now);
    if (!r->finishing && now >= r->window_until)
        steady_window_end(r, r->window_until);
    if (r->finishing && r->outstanding == 0)
        steady_close(r);
}

const struct driver drivers_roundtrip = {
    .start = steady_open,
    .ready = steady_ready,
    .reply = roundtrip_reply,
    .gone = steady_gone,
    .due = roundtrip_due,
    .tick = roundtrip_tick,
};
