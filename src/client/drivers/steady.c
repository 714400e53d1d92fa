#include "client/drivers/steady.h"

#include "base/config.h"
#include "base/real.h"

/* ---- Opening ----------------------------------------------------------------------------- */

/* Every user that could be opened was, and each has had its first echo or is gone: the scenario's
 * own part may begin. */
static void check_opening(struct course *c)
{
    const struct crowd *all = &c->crowd;
    bool opened = all->opened == c->plan.concurrency || course_is_hopeless(c);
    if (!opened || all->connecting > 0 || c->steady.first_echoes < all->opened)
        return;
    if (all->open == 0)
        c->over = true;
    else
        c->steady.stage = STEADY_DUE;
}

static bool is_opening(const struct course *c)
{
    return c->steady.stage < STEADY_RUNNING;
}

void steady_open(struct course *c)
{
    course_fill(c, c->plan.concurrency, c->plan.concurrency, PLAN_CONNECTING_MAX);
    if (!c->filling && is_opening(c))
        check_opening(c);
}

void steady_ready(struct course *c, struct user *u)
{
    user_send(u);
    steady_open(c);
}

void steady_reply(struct course *c)
{
    c->steady.first_echoes++;
    check_opening(c);
}

/* ---- Silence ------------------------------------------------------------------------------ */

#define SILENCE_PART  100 /* of the window: less is no silence */
#define SILENCE_TRIPS 3.0 /* round trips: less is ordinary */

static uint64_t find_later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static bool is_ordinary(const struct trial *t, uint64_t ns)
{
    double trip = real_max(t->latency.values.mean, t->phases[PHASE_FIRST_ECHO].values.mean);
    return real_of(ns) <= SILENCE_TRIPS * trip;
}

static void note_silence(const struct course *c, uint64_t now)
{
    const struct steady *s = &c->steady;
    struct trial *t = c->crowd.trial;
    uint64_t since = find_later(s->heard, c->crowd.outstanding_since);
    uint64_t from = find_later(since, s->window_from);
    uint64_t until = now < s->window_until ? now : s->window_until;
    if (now - since < s->silence_min || from >= until || is_ordinary(t, now - since))
        return;
    t->silent_ns += until - from;
    t->longest_silence_ns = find_later(t->longest_silence_ns, now - since);
}

void steady_end_silence(struct course *c)
{
    struct steady *s = &c->steady;
    uint64_t now = course_now(c);
    if (now - s->heard >= s->silence_min)
        note_silence(c, now);
    s->heard = now;
}

/* ---- The scenario's own part --------------------------------------------------------------- */

static void begin_frames(struct course *c)
{
    struct tally *tally = &c->crowd.trial->tally;
    c->steady.counters = c->crowd.loop->counters;
    tally->frames_out = tally->frames_in = 0;
}

/* Between the first echoes and the closes nothing but our frames is on the wire: what the system
 * calls moved must be frames times size. Heartbeats would spoil the sum, and so would a broken
 * connection; a run that is interrupted never comes here. */
static void end_frames(struct course *c)
{
    const struct message_form *form = &c->crowd.destination->form;
    const struct loop_counters *from = &c->steady.counters, *now = &c->crowd.loop->counters;
    struct trial *t = c->crowd.trial;
    t->tally.frame_bytes_out = now->bytes_out - from->bytes_out;
    t->tally.frame_bytes_in = now->bytes_in - from->bytes_in;
    if (t->tally.heartbeats > 0 || t->lost > 0 || t->tally.unanswered > 0)
        return;
    t->frame_size_out = message_frame_size(form, true);
    if (c->own_server && form->plain.size <= ECHO_WHOLE)
        t->frame_size_in = message_frame_size(form, false);
}

void steady_begin(struct course *c)
{
    struct steady *s = &c->steady;
    s->stage = STEADY_RUNNING;
    begin_frames(c);
    s->from = port_clock();
    s->window_from = s->from + c->plan.warmup_ns;
    s->window_until = s->from + c->plan.duration_ns;
    s->silence_min = (s->window_until - s->window_from) / SILENCE_PART;
    s->heard = s->from;
    s->stamps_from = s->window_until - (s->window_until - s->window_from) / COURSE_STAMP_PART;
    if (c->plan.warmup_ns == 0)
        course_begin_window(c);
}

uint64_t steady_find_wake(const struct course *c, uint64_t (*running)(const struct course *c))
{
    switch (c->steady.stage) {
    case STEADY_DUE:
        return 0;
    case STEADY_RUNNING:
        return running(c);
    case STEADY_FINISHING:
        return c->crowd.outstanding == 0 ? 0 : PORT_FOREVER;
    case STEADY_OPENING:
    case STEADY_CLOSING:
        break;
    }
    return PORT_FOREVER;
}

void steady_begin_window(struct course *c, uint64_t now)
{
    if (!c->window.open && c->steady.stage == STEADY_RUNNING && now >= c->steady.window_from)
        course_begin_window(c);
    if (c->window.open && now >= c->steady.stamps_from)
        course_begin_stamps(c);
}

void steady_end_window(struct course *c, uint64_t until)
{
    course_end_window(c);
    c->steady.stage = STEADY_FINISHING;
    c->crowd.trial->cut_ns = c->plan.warmup_ns;
    c->crowd.trial->window_ns = until - c->steady.window_from;
}

void steady_count(struct course *c, struct user *u, uint64_t latency_ns)
{
    const struct steady *s = &c->steady;
    struct trial *t = c->crowd.trial;
    uint64_t third = (s->window_until - s->window_from) / 3;
    uint64_t at = course_now(c) - s->window_from;
    if (!histogram_record(&t->latency, latency_ns))
        return;
    running_add(&u->latencies, real_of(latency_ns));
    if (at < third)
        histogram_record(&t->first_third, latency_ns);
    else if (at >= 2 * third)
        histogram_record(&t->last_third, latency_ns);
}

/* ---- The end ----------------------------------------------------------------------------- */

/* The last user is gone before its time: the window ends here. */
static void cut_window(struct steady *s, uint64_t now)
{
    if (s->stage == STEADY_RUNNING && now < s->window_until)
        s->window_until = now > s->window_from ? now : s->window_from;
}

void steady_gone(struct course *c, struct user *u)
{
    struct steady *s = &c->steady;
    if (is_opening(c)) {
        s->first_echoes += !u->echoed; /* it never had its first echo */
        steady_open(c);
        return;
    }
    if (c->crowd.open == 0) {
        cut_window(s, course_now(c));
        c->over = true;
    }
    if (s->stage == STEADY_RUNNING && s->window_from < s->window_until)
        c->crowd.trial->window_ns = s->window_until - s->window_from;
}

void steady_finish(struct course *c)
{
    if (c->steady.stage != STEADY_FINISHING || c->crowd.outstanding > 0)
        return;
    end_frames(c);
    for (uint32_t i = 0; i < c->memory.user_count; i++) {
        struct user *u = &c->memory.users[i];
        if (u->state != USER_READY)
            continue;
        user_begin(u);
        user_close(u);
        user_end(u);
    }
    c->steady.stage = STEADY_CLOSING;
}
