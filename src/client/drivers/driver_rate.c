#include "base/config.h"
#include "client/drivers/drivers.h"
#include "client/drivers/steady.h"
#include "client/options/schedule.h"

/* ---- Which user is next ------------------------------------------------------------------ */

/* Users that may take a message are queued; each takes one, and goes to the end. */
static void join_queue(struct course *c, const struct user *u)
{
    if (user_can_send(u))
        queue_join(&c->pacing.queue, u->index);
}

/* Takes the first user that still may send; NULL: none. A user that is gone leaves the queue only
 * here. */
static struct user *take_from_queue(struct course *c)
{
    while (c->pacing.queue.count > 0) {
        struct user *u = &c->memory.users[queue_take(&c->pacing.queue)];
        if (user_can_send(u))
            return u;
    }
    return NULL;
}

/* ---- The schedule ------------------------------------------------------------------------ */

static bool is_due(const struct course *c, uint64_t now)
{
    const struct pacing *p = &c->pacing;
    return c->steady.stage == STEADY_RUNNING && p->next < p->scheduled && p->next_due <= now;
}

/* When a user's message fell due. */
static uint64_t *find_due(const struct course *c, const struct user *u, uint64_t sequence)
{
    uint64_t depth = c->plan.depth;
    return &c->pacing.dues[u->index * depth + sequence % depth];
}

static void count_planned(struct course *c, uint64_t due, uint64_t sent)
{
    struct trial *t = c->crowd.trial;
    uint64_t lag = sent - due;
    bool waited = due < c->pacing.free_since;
    if (due < c->steady.window_from)
        return;
    t->planned_sent++;
    t->planned_waited += waited;
    if (!waited)
        histogram_record(&t->lag, lag);
    t->worst_lag_ns = lag > t->worst_lag_ns ? lag : t->worst_lag_ns;
}

static void send_message(struct course *c, struct user *u)
{
    struct pacing *p = &c->pacing;
    uint64_t due = p->next_due;
    uint64_t sequence = u->traffic.sent;
    *find_due(c, u, sequence) = due;
    p->next_due = c->steady.from + schedule_due(++p->next, c->plan.rate);
    user_send(u);
    count_planned(c, due, u->traffic.starts[sequence % c->plan.depth]);
    join_queue(c, u);
    p->all_busy = p->queue.count == 0;
}

/* Sends the messages that are due and that no reply has sent. */
static void send_due(struct course *c)
{
    struct user *u;
    while (is_due(c, port_clock()) && (u = take_from_queue(c)) != NULL) {
        user_begin(u);
        send_message(c, u);
        user_end(u);
    }
}

static void begin_schedule(struct course *c)
{
    struct pacing *p = &c->pacing;
    for (uint32_t i = 0; i < c->memory.user_count; i++)
        join_queue(c, &c->memory.users[i]);
    steady_begin(c);
    p->scheduled = schedule_count(c->plan.duration_ns, c->plan.rate);
    p->next_due = c->steady.from;
}

/* What was planned in the window, which may have been cut short. */
static void note_planned(struct course *c)
{
    const struct steady *s = &c->steady;
    uint64_t rate = c->plan.rate;
    struct trial *t = c->crowd.trial;
    t->planned = schedule_count(s->window_until - s->from, rate) -
                 schedule_count(s->window_from - s->from, rate);
    t->paced_ns =
        schedule_due(t->planned, rate) + t->window_ns - (s->window_until - s->window_from);
}

/* Those of the window's messages that fell due before `until` (ns) and were never sent have waited
 * longer than `waited` (ns), in vain. */
static void miss_unsent(struct course *c, uint64_t until, uint64_t waited)
{
    const struct steady *s = &c->steady;
    struct trial *t = c->crowd.trial;
    uint64_t end = until < s->window_until ? until : s->window_until;
    uint64_t due = end > s->from ? schedule_count(end - s->from, c->plan.rate) : 0;
    uint64_t first = schedule_count(s->window_from - s->from, c->plan.rate);
    if (first < c->pacing.next)
        first = c->pacing.next;
    if (due <= first)
        return;
    histogram_miss(&t->latency, waited, due - first);
    histogram_miss(&t->plain, waited, due - first);
}

/* ---- Replies ----------------------------------------------------------------------------- */

static void start(struct course *c)
{
    c->pacing.queue = queue_of(c->memory.queue, c->memory.user_count);
    c->pacing.dues = c->memory.dues;
    steady_open(c);
}

static void count_latency(struct course *c, struct user *u, const struct traffic_reply *reply)
{
    const struct steady *s = &c->steady;
    uint64_t now = course_now(c);
    uint64_t due = *find_due(c, u, reply->sequence);
    if (due >= s->window_from) {
        steady_count(c, u, now - due);
        histogram_record(&c->crowd.trial->plain, reply->latency_ns);
    }
    if (now >= s->window_from && s->stage == STEADY_RUNNING)
        c->crowd.trial->replied++;
}

static void take_reply(struct course *c, struct user *u, const struct traffic_reply *reply)
{
    struct pacing *p = &c->pacing;
    uint64_t now = course_now(c);
    if (c->steady.stage < STEADY_RUNNING) {
        steady_reply(c);
        return;
    }
    steady_end_silence(c);
    if (reply->right)
        count_latency(c, u, reply);
    if (p->all_busy)
        p->free_since = now;
    p->all_busy = false;
    while (is_due(c, now) && user_can_send(u))
        send_message(c, u);
    join_queue(c, u);
}

static void take_unanswered(struct course *c, struct user *u, uint64_t sequence, uint64_t sent)
{
    struct trial *t = c->crowd.trial;
    if (c->steady.stage < STEADY_RUNNING)
        return;
    uint64_t due = *find_due(c, u, sequence);
    steady_end_silence(c);
    if (due < c->steady.window_from)
        return;
    course_miss(c, u, &t->latency, due);
    course_miss(c, u, &t->plain, sent);
}

/* Nobody is left to send what is due. Where the run was stopped, it is only known of those messages
 * that have waited longer than all others that they are late. */
static void miss_rest(struct course *c, const struct user *u)
{
    uint64_t now = course_now(c);
    uint64_t longest = (uint64_t)c->crowd.trial->latency.values.max;
    if (!course_is_cut(c, u))
        miss_unsent(c, now, c->options->timeout_ns);
    else if (longest > 0 && longest < now)
        miss_unsent(c, now - longest, longest);
}

static void take_gone(struct course *c, struct user *u)
{
    if (c->steady.stage == STEADY_RUNNING && c->crowd.open == 0)
        miss_rest(c, u);
    steady_gone(c, u);
    if (c->steady.stage >= STEADY_RUNNING && c->over)
        note_planned(c);
}

/* ---- Time -------------------------------------------------------------------------------- */

/* When the window is over, messages that fell due in it are still sent and awaited, for at most the
 * timeout: so a stall at its end shows in the latencies. */
static uint64_t find_drain_end(const struct course *c)
{
    return c->steady.window_until + c->options->timeout_ns;
}

/* A sleep ends late, so the last stretch before a message is due is spent looking. */
static uint64_t find_next_wake(const struct course *c)
{
    uint64_t wake = c->pacing.next_due - RATE_SPIN_NS;
    return wake > port_clock() ? wake : 0;
}

static bool is_scheduled_sent(const struct course *c)
{
    return c->pacing.next == c->pacing.scheduled;
}

static uint64_t find_running_wake(const struct course *c)
{
    uint64_t edge = c->window.open ? find_drain_end(c) : c->steady.window_from;
    if (is_scheduled_sent(c))
        return c->window.open && c->crowd.outstanding == 0 ? c->steady.window_until : edge;
    uint64_t wake = c->pacing.queue.count > 0 ? find_next_wake(c) : edge;
    return wake < edge ? wake : edge;
}

static uint64_t find_wake(const struct course *c)
{
    return steady_find_wake(c, find_running_wake);
}

/* Where every message of the window was sent, the replies to these count, whenever they came. Where
 * some were not, the server was still busy with earlier ones, and the count of the replies that
 * came within the window stays: it shows what the server can do. */
static void note_replied(struct trial *t)
{
    if (t->planned_sent == t->planned)
        t->replied = t->latency.values.n + t->latency.outside;
}

/* The first message that was never sent has waited at least so long. */
static void note_lag(struct course *c, uint64_t now)
{
    struct trial *t = c->crowd.trial;
    uint64_t from = c->steady.window_from;
    uint64_t due = c->pacing.next_due > from ? c->pacing.next_due : from;
    if (t->planned_sent < t->planned && now > due && now - due > t->worst_lag_ns)
        t->worst_lag_ns = now - due;
}

/* The window ends with the reply to its last message: rate and CPU time count messages whole. */
static void check_window(struct course *c, uint64_t now)
{
    uint64_t until = c->steady.window_until;
    uint64_t last_reply = c->crowd.last_reply;
    bool done = is_scheduled_sent(c) && c->crowd.outstanding == 0;
    if (now < until || (!done && now < find_drain_end(c)))
        return;
    steady_end_window(c, last_reply > until ? last_reply : until);
    note_planned(c);
    if (!c->over) /* else miss_rest() did it */
        miss_unsent(c, until, c->options->timeout_ns);
    note_replied(c->crowd.trial);
    note_lag(c, now);
}

static void tick(struct course *c, uint64_t now)
{
    if (c->steady.stage == STEADY_DUE)
        begin_schedule(c);
    if (c->steady.stage == STEADY_RUNNING) {
        steady_begin_window(c, now);
        send_due(c);
        check_window(c, now);
    }
    steady_finish(c);
}

const struct driver driver_rate = {
    .start = start,
    .ready = steady_ready,
    .reply = take_reply,
    .unanswered = take_unanswered,
    .gone = take_gone,
    .due = find_wake,
    .tick = tick,
};
