#include "client/drivers/steady.h"

#include "base/config.h"
#include "base/real.h"
#include "client/user/user.h"

/* ---- Opening ----------------------------------------------------------------------------- */

/* All that will come are there, and had their first echo, or are gone. */
static void opening_check(struct run *r)
{
    bool opened = r->opened == r->plan.concurrency || run_hopeless(r);
    if (!opened || r->connecting > 0 || r->first_echoes < r->opened)
        return;
    if (r->open == 0)
        r->over = true;
    else
        r->steady_due = true; /* from the tick, outside of anybody's callback */
}

void steady_open(struct run *r)
{
    run_fill(r, r->plan.concurrency, r->plan.concurrency, RUN_CONNECTING_MAX);
    if (!r->filling && !r->steady)
        opening_check(r);
}

void steady_ready(struct run *r, struct user *u)
{
    user_send(r, u);
    steady_open(r);
}

void steady_opened(struct run *r)
{
    r->first_echoes++;
    opening_check(r);
}

/* ---- The steady part --------------------------------------------------------------------- */

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

void steady_begin(struct run *r)
{
    r->steady = true;
    r->steady_due = false;
    frames_count_begin(r);
    r->steady_from = port_clock();
    r->window_from = r->steady_from + r->plan.warmup_ns;
    r->window_until = r->steady_from + r->plan.duration_ns;
    if (r->plan.warmup_ns == 0)
        run_window_begin(r);
}

void steady_window_begin(struct run *r, uint64_t now)
{
    if (!r->window_open && !r->finishing && now >= r->window_from)
        run_window_begin(r);
}

void steady_window_end(struct run *r, uint64_t until)
{
    run_window_end(r);
    r->finishing = true;
    r->trial->cut_ns = r->plan.warmup_ns;
    r->trial->window_ns = until - r->window_from;
}

void steady_count(struct run *r, struct user *u, uint64_t latency_ns)
{
    struct trial *t = r->trial;
    uint64_t third = (r->window_until - r->window_from) / 3;
    uint64_t at = r->loop.io.now - r->window_from;
    if (!histogram_record(&t->latency, latency_ns))
        return;
    running_add(&u->latencies, real_of(latency_ns));
    if (at < third)
        histogram_record(&t->first_third, latency_ns);
    else if (at >= 2 * third)
        histogram_record(&t->last_third, latency_ns);
}

/* ---- The end ----------------------------------------------------------------------------- */

void steady_gone(struct run *r, struct user *u)
{
    if (!r->steady) {
        r->first_echoes += !u->echoed; /* it never had its first echo */
        steady_open(r);
        return;
    }
    if (r->open == 0) {
        uint64_t now = r->loop.io.now;
        if (!r->finishing && now < r->window_until)
            r->window_until = now > r->window_from ? now : r->window_from;
        r->over = true;
    }
    if (!r->finishing && r->window_from < r->window_until)
        r->trial->window_ns = r->window_until - r->window_from;
}

void steady_close(struct run *r)
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
