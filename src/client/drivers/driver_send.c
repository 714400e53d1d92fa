#include "base/real.h"
#include "client/drivers/drivers.h"

/* Messages put into one system call's buffer between two looks at what came back. */
#define SEND_BATCH 64

static void start(struct course *c)
{
    c->crowd.reply_timeout = 0;
    c->crowd.silence_allowed = true;
    c->crowd.trial->depth = 0; /* not fixed */
    course_open_user(c);
}

static void take_ready(struct course *c, struct user *u)
{
    u->phase = PHASE_COUNT; /* no echo is waited for by itself */
    c->sending.stage = SENDING_RUNS;
    c->sending.from = course_now(c);
    c->sending.until = c->sending.from + c->plan.duration_ns;
    course_begin_window(c);
}

/* ---- Sending ----------------------------------------------------------------------------- */

static struct user *find_sender(const struct course *c)
{
    return &c->memory.users[0];
}

/* Once nothing is queued any more, the system has accepted all messages that were sent. */
static void note_accepted(struct course *c, const struct user *u)
{
    struct trial *t = c->crowd.trial;
    if (u->state != USER_READY || !user_is_flushed(u) || t->accepted == u->traffic.sent)
        return;
    t->accepted = u->traffic.sent;
    t->accepted_ns = port_clock() - c->sending.from;
}

/* One place in the ring is left for the last message. */
static bool is_full(const struct course *c, const struct user *u)
{
    return u->traffic.outstanding >= c->plan.depth - 1;
}

static void send_batch(struct course *c, struct user *u)
{
    user_begin(u);
    if (u->traffic.sent == 0)
        c->sending.from = course_now(c);
    for (int i = 0; i < SEND_BATCH && !is_full(c, u) && user_can_send(u); i++)
        user_send(u);
    user_end(u);
    note_accepted(c, u);
}

/* Socket.IO acknowledges it even where nothing is echoed. */
static void send_last(struct course *c, struct user *u)
{
    user_begin(u);
    c->crowd.last_sequence = u->traffic.sent;
    user_send(u);
    c->sending.stage = SENDING_ENDS;
    user_end(u);
}

/* ---- Proof ------------------------------------------------------------------------------- */

static void note_proof(struct course *c, bool last)
{
    struct trial *t = c->crowd.trial;
    uint64_t others = t->tally.answered - (last ? 1 : 0);
    if (last && others == 0) {
        t->proof = PROOF_FINAL_ACK;
        t->proven = t->accepted;
    } else {
        t->proof = PROOF_ECHOED;
        t->proven = others;
    }
    t->proven_ns = c->crowd.last_reply - c->sending.from;
}

static bool is_last_answered(const struct course *c, const struct user *u)
{
    return c->sending.stage == SENDING_ENDS &&
           u->traffic.starts[c->crowd.last_sequence % c->plan.depth] == 0;
}

static void take_reply(struct course *c, struct user *u, const struct traffic_reply *reply)
{
    bool last = is_last_answered(c, u);
    if (reply->right) {
        if (histogram_record(&c->crowd.trial->latency, reply->latency_ns))
            running_add(&u->latencies, real_of(reply->latency_ns));
        note_proof(c, last);
    }
    if (last) {
        course_end_window(c);
        user_close(u);
    }
}

static void take_gone(struct course *c, struct user *u)
{
    struct trial *t = c->crowd.trial;
    (void)u;
    if (c->sending.stage != SENDING_OPENS && t->proof == PROOF_NONE)
        t->proof = PROOF_UNPROVEN;
    c->over = true;
}

/* ---- Time -------------------------------------------------------------------------------- */

static bool is_sending(const struct course *c)
{
    return c->sending.stage == SENDING_RUNS && find_sender(c)->state == USER_READY;
}

/* What is not flushed waits for the peer, or for the alarm. */
static uint64_t find_wake(const struct course *c)
{
    if (!is_sending(c))
        return PORT_FOREVER;
    if (user_is_flushed(find_sender(c)))
        return 0;
    return c->sending.drains ? PORT_FOREVER : c->sending.until;
}

static void tick(struct course *c, uint64_t now)
{
    struct user *u = find_sender(c);
    if (!is_sending(c))
        return;
    note_accepted(c, u);
    if (now < c->sending.until && !is_full(c, u)) {
        if (user_is_flushed(u))
            send_batch(c, u);
        return;
    }
    c->sending.drains = true;
    if (u->alarm_at == 0) /* from here on the drain may take so long */
        user_set_alarm(u, now + c->options->timeout_ns);
    if (user_can_send(u))
        send_last(c, u);
}

const struct driver driver_send = {
    .ready_settled = true,
    .start = start,
    .ready = take_ready,
    .reply = take_reply,
    .gone = take_gone,
    .due = find_wake,
    .tick = tick,
};
