#include "base/config.h"
#include "client/drivers/drivers.h"
#include "client/options/schedule.h"
#include "client/drivers/steady.h"
#include "client/user/user.h"

/* ---- Whose turn it is -------------------------------------------------------------------- */

/* Those who may take a message stand in line; one message each, then to the end of it. */
static void line_join(struct run *r, struct user *u)
{
    if (u->in_line || !user_can_send(r, u))
        return;
    u->in_line = true;
    if (r->line_count++ == 0)
        r->line_first = u->index;
    else
        r->users[r->line_last].line_next = u->index;
    r->line_last = u->index;
}

/* The first who still may; NULL when nobody does. Who is gone leaves the line only here. */
static struct user *line_take(struct run *r)
{
    while (r->line_count > 0) {
        struct user *u = &r->users[r->line_first];
        r->line_first = u->line_next;
        r->line_count--;
        u->in_line = false;
        if (user_can_send(r, u))
            return u;
    }
    return NULL;
}

/* ---- The schedule ------------------------------------------------------------------------ */

static bool is_due(const struct run *r, uint64_t now)
{
    return !r->finishing && r->next < r->scheduled && r->next_due <= now;
}

static void message_send(struct run *r, struct user *u)
{
    struct trial *t = r->trial;
    uint64_t due = r->next_due;
    size_t at = (size_t)(u->sent % r->plan.depth);
    u->dues[at] = due;
    r->next_due = r->steady_from + schedule_due(++r->next, r->plan.rate);
    user_send(r, u);
    if (due >= r->window_from) {
        uint64_t lag = u->starts[at] - due;
        t->planned_sent++;
        t->planned_waited += due < r->free_since;
        t->worst_lag_ns = lag > t->worst_lag_ns ? lag : t->worst_lag_ns;
    }
    line_join(r, u);
    r->nobody_free = r->line_count == 0;
}

/* What the callbacks of replies did not send already. */
static void due_send(struct run *r)
{
    struct user *u;
    while (is_due(r, port_clock()) && (u = line_take(r)) != NULL) {
        user_begin(r, u);
        message_send(r, u);
        user_end(r, u);
    }
}

static void schedule_begin(struct run *r)
{
    for (uint32_t i = 0; i < r->user_count; i++)
        line_join(r, &r->users[i]);
    steady_begin(r);
    r->scheduled = schedule_count(r->plan.duration_ns, r->plan.rate);
    r->next_due = r->steady_from;
}

/* Of the window, which may have been cut short. */
static void planned_count(struct run *r)
{
    uint64_t rate = r->plan.rate;
    struct trial *t = r->trial;
    t->planned = schedule_count(r->window_until - r->steady_from, rate) -
                 schedule_count(r->window_from - r->steady_from, rate);
    t->paced_ns =
        schedule_due(t->planned, rate) + t->window_ns - (r->window_until - r->window_from);
}

/* ---- The driver -------------------------------------------------------------------------- */

static void rate_start(struct run *r)
{
    r->line_count = 0;
    r->next = r->scheduled = r->free_since = 0;
    r->nobody_free = false;
    steady_open(r);
}

static void latency_count(struct run *r, struct user *u, uint64_t latency_ns)
{
    uint64_t due = u->dues[u->replied % r->plan.depth];
    if (due < r->window_from)
        return;
    steady_count(r, u, r->loop.io.now - due);
    histogram_record(&r->trial->plain, latency_ns);
}

static void rate_reply(struct run *r, struct user *u, uint64_t latency_ns)
{
    uint64_t now = r->loop.io.now;
    if (!r->steady) {
        steady_opened(r);
        return;
    }
    if (latency_ns != UINT64_MAX)
        latency_count(r, u, latency_ns);
    if (latency_ns != UINT64_MAX && now >= r->window_from && !r->finishing)
        r->trial->replied++;
    if (r->nobody_free)
        r->free_since = now;
    r->nobody_free = false;
    while (is_due(r, now) && user_can_send(r, u))
        message_send(r, u);
    line_join(r, u);
}

static void rate_gone(struct run *r, struct user *u)
{
    steady_gone(r, u);
    if (r->steady && r->over)
        planned_count(r);
}

/* Messages that fell due are still sent and awaited when the window is over, for at most the
 * timeout: what comes of a stall at its end is not lost. */
static uint64_t drain_until(const struct run *r)
{
    return r->window_until + r->options->timeout_ns;
}

/* A sleep ends late, so the last stretch before a message is due is spent looking. */
static uint64_t next_wake(const struct run *r)
{
    uint64_t wake = r->next_due - RATE_SPIN_NS;
    return wake > port_clock() ? wake : 0;
}

static uint64_t rate_due(const struct run *r)
{
    if (r->steady_due)
        return 0;
    if (!r->steady || r->closing)
        return PORT_FOREVER;
    if (r->finishing)
        return r->outstanding == 0 ? 0 : PORT_FOREVER;
    uint64_t edge = r->window_open ? drain_until(r) : r->window_from;
    if (r->next == r->scheduled)
        return r->window_open && r->outstanding == 0 ? r->window_until : edge;
    uint64_t wake = r->line_count > 0 ? next_wake(r) : edge;
    return wake < edge ? wake : edge;
}

/* A server that is too slow is still busy with what fell due before the window: then all that came
 * while it was measured tells what it can do. */
static void replied_count(struct trial *t)
{
    if (t->planned_sent == t->planned)
        t->replied = t->latency.values.n + t->latency.outside;
}

/* The first message that never went has waited at least so long. */
static void lag_count(struct run *r, uint64_t now)
{
    struct trial *t = r->trial;
    uint64_t due = r->next_due > r->window_from ? r->next_due : r->window_from;
    if (t->planned_sent < t->planned && now > due && now - due > t->worst_lag_ns)
        t->worst_lag_ns = now - due;
}

/* The window is over when its last message is: rate and CPU time count the whole of them. */
static void window_check(struct run *r, uint64_t now)
{
    bool done = r->next == r->scheduled && r->outstanding == 0;
    if (r->finishing || now < r->window_until || (!done && now < drain_until(r)))
        return;
    steady_window_end(r, r->last_reply > r->window_until ? r->last_reply : r->window_until);
    planned_count(r);
    replied_count(r->trial);
    lag_count(r, now);
}

static void rate_tick(struct run *r, uint64_t now)
{
    if (r->steady_due)
        schedule_begin(r);
    if (!r->steady || r->closing)
        return;
    steady_window_begin(r, now);
    due_send(r);
    window_check(r, now);
    if (r->finishing && r->outstanding == 0)
        steady_close(r);
}

const struct driver drivers_rate = {
    .start = rate_start,
    .ready = steady_ready,
    .reply = rate_reply,
    .gone = rate_gone,
    .due = rate_due,
    .tick = rate_tick,
};
