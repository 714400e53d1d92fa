#include "base/config.h"
#include "client/drivers.h"
#include "client/user.h"

/* Opening: everybody connects and has one echo, cold. Steady: everybody keeps plan.depth messages
 * outstanding, between one clock reading and another. Finishing: the last replies come, all close.
 */

static void messages_send(struct run *r, struct user *u)
{
    while (user_can_send(r, u))
        user_send(r, u);
}

static void frames_count_begin(struct run *r)
{
    r->counters_steady = r->loop.counters;
    r->trial->tally.frames_out = r->trial->tally.frames_in = 0;
}

/* Between the first echoes and the closes nothing but our frames is on the wire: what the system
 * calls moved must be frames times size. Heartbeats would spoil the sum, and so would a broken
 * connection; a run that is interrupted never comes here. */
static void frames_count_end(struct run *r)
{
    const struct message_form *form = &r->destination->form;
    struct trial *t = r->trial;
    t->tally.frame_bytes_out = r->loop.counters.bytes_out - r->counters_steady.bytes_out;
    t->tally.frame_bytes_in = r->loop.counters.bytes_in - r->counters_steady.bytes_in;
    if (t->tally.heartbeats > 0 || t->lost > 0 || t->tally.unanswered > 0)
        return;
    t->frame_size_out = message_frame_size(form, true);
    if (r->own_server && form->plain.size <= ECHO_WHOLE)
        t->frame_size_in = message_frame_size(form, false);
}

static void steady_begin(struct run *r)
{
    r->steady = true;
    frames_count_begin(r);
    r->steady_from = port_clock();
    r->window_from = r->steady_from + r->plan.warmup_ns;
    r->window_until = r->steady_from + r->plan.duration_ns;
    if (r->plan.warmup_ns == 0)
        run_window_begin(r);
    for (uint32_t i = 0; i < r->user_count; i++) {
        if (r->users[i].state != USER_READY)
            continue;
        user_begin(r, &r->users[i]);
        messages_send(r, &r->users[i]);
        user_end(r, &r->users[i]);
    }
}

/* All that will come are there, and had their first echo, or are gone. */
static void steady_check(struct run *r)
{
    bool opened = r->opened == r->plan.concurrency || run_hopeless(r);
    if (!opened || r->connecting > 0 || r->first_echoes < r->opened)
        return;
    if (r->open == 0)
        r->over = true;
    else
        r->steady_due = true; /* from the tick, outside of anybody's callback */
}

static void users_add(struct run *r)
{
    run_fill(r, r->plan.concurrency, r->plan.concurrency, RUN_CONNECTING_MOST);
    if (!r->filling && !r->steady)
        steady_check(r);
}

static void roundtrip_ready(struct run *r, struct user *u)
{
    user_send(r, u);
    users_add(r);
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
        r->first_echoes++;
        steady_check(r);
        return;
    }
    bool counts = now >= r->window_from && now < r->window_until && latency_ns != UINT64_MAX;
    if (counts && histogram_record(&r->trial->latency, latency_ns))
        running_add(&u->latencies, (double)latency_ns);
    if (latency_ns != UINT64_MAX)
        edges_count(r, now - latency_ns, now);
    if (now >= r->window_until || r->finishing)
        return;
    uint64_t sent = u->sent;
    messages_send(r, u);
    if (u->sent > sent)
        gap_count(r, now, u->starts[(u->sent - 1) % r->plan.depth]);
}

static void roundtrip_gone(struct run *r, struct user *u)
{
    if (!r->steady) {
        r->first_echoes += !u->echoed; /* it never had its first echo */
        users_add(r);
        return;
    }
    if (r->open == 0) {
        if (!r->finishing && r->loop.io.now < r->window_until)
            r->window_until = r->loop.io.now > r->window_from ? r->loop.io.now : r->window_from;
        r->over = true;
    }
    if (r->window_from < r->window_until)
        r->trial->window_ns = r->window_until - r->window_from;
}

static void users_close(struct run *r)
{
    frames_count_end(r);
    for (uint32_t i = 0; i < r->user_count; i++) {
        struct user *u = &r->users[i];
        if (u->state != USER_READY)
            continue;
        user_begin(r, u);
        user_close(r, u);
        user_end(r, u);
    }
    r->closing = true;
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

static void window_tick(struct run *r, uint64_t now)
{
    if (!r->window_open && !r->finishing && now >= r->window_from)
        run_window_begin(r);
    if (!r->finishing && now >= r->window_until) {
        run_window_end(r);
        r->finishing = true;
        r->trial->cut_ns = r->plan.warmup_ns;
        r->trial->window_ns = r->window_until - r->window_from;
    }
}

static void roundtrip_tick(struct run *r, uint64_t now)
{
    if (r->steady_due) {
        r->steady_due = false;
        steady_begin(r);
    }
    if (!r->steady || r->closing)
        return;
    window_tick(r, now);
    if (r->finishing && r->outstanding == 0)
        users_close(r);
}

const struct driver drivers_roundtrip = {
    .start = users_add,
    .ready = roundtrip_ready,
    .reply = roundtrip_reply,
    .gone = roundtrip_gone,
    .due = roundtrip_due,
    .tick = roundtrip_tick,
};
