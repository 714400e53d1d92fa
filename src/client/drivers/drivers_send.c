#include <string.h>

#include "client/drivers/drivers.h"
#include "base/real.h"
#include "client/user/user.h"

/* Messages put into one system call's buffer between two looks at what came back. */
#define SEND_BATCH 64

static const char last_text[] = "wsio: the last message of this run";

static void send_start(struct run *r)
{
    const struct message_form *form = &r->destination->form;
    r->reply_timeout = 0;
    r->silence_allowed = true;
    r->last_form = *form;
    r->last_form.plain = (struct payload){last_text, sizeof last_text - 1, false};
    r->last_form.encoded = r->last_form.plain;
    r->trial->depth = 0; /* not fixed */
    run_open_user(r);
}

static void send_ready(struct run *r, struct user *u)
{
    u->phase = PHASE_COUNT; /* no echo is waited for by itself */
    r->steady = true;
    r->steady_from = r->loop.io.now;
    r->window_until = r->steady_from + r->plan.duration_ns;
    run_window_begin(r);
}

static struct user *sender(const struct run *r)
{
    return &r->users[0];
}

/* The system took the whole batch, or it did so later: when nothing is queued any more. */
static void accepted_note(struct run *r)
{
    struct user *u = sender(r);
    if (u->state != USER_READY || !user_flushed(u) || r->trial->accepted == u->sent)
        return;
    r->trial->accepted = u->sent;
    r->trial->accepted_ns = port_clock() - r->steady_from;
}

static void batch_send(struct run *r, struct user *u)
{
    user_begin(r, u);
    if (u->sent == 0)
        r->steady_from = r->loop.io.now;
    for (int i = 0; i < SEND_BATCH && u->outstanding < r->plan.depth - 1 && user_can_send(r, u);
         i++)
        user_send(r, u);
    user_end(r, u);
    accepted_note(r);
}

/* One message that cannot be mistaken for the others; Socket.IO acknowledges it even where nothing
 * is echoed. */
static void last_send(struct run *r, struct user *u)
{
    user_begin(r, u);
    r->last_sequence = u->sent;
    user_send(r, u);
    r->finishing = true;
    user_end(r, u);
}

static void proof_note(struct run *r, bool last)
{
    struct trial *t = r->trial;
    bool echoed = t->tally.answered > (last ? 1u : 0u);
    if (last && !echoed) {
        t->proof = PROOF_FINAL_ACK;
        t->proven = t->accepted;
    } else {
        t->proof = PROOF_ECHOED;
        t->proven = t->tally.answered - (last ? 1 : 0);
    }
    t->proven_ns = r->last_reply - r->steady_from;
}

static void send_reply(struct run *r, struct user *u, uint64_t latency_ns)
{
    bool last = r->finishing && u->starts[r->last_sequence % r->plan.depth] == 0;
    if (latency_ns != UINT64_MAX) {
        if (histogram_record(&r->trial->latency, latency_ns))
            running_add(&u->latencies, real_of(latency_ns));
        proof_note(r, last);
    }
    if (last) {
        run_window_end(r);
        user_close(r, u);
    }
}

static void send_gone(struct run *r, struct user *u)
{
    (void)u;
    if (r->steady && r->trial->proof == PROOF_NONE)
        r->trial->proof = PROOF_UNPROVEN;
    r->over = true;
}

static bool sending_over(const struct run *r, uint64_t now)
{
    return now >= r->window_until || sender(r)->outstanding >= r->plan.depth - 1;
}

static uint64_t send_due(const struct run *r)
{
    const struct user *u = sender(r);
    if (!r->steady || r->finishing || u->state != USER_READY)
        return PORT_FOREVER;
    if (user_flushed(u))
        return 0;
    return r->finishing_due ? PORT_FOREVER
                            : r->window_until; /* it waits for the peer, or the alarm */
}

static void send_tick(struct run *r, uint64_t now)
{
    struct user *u = sender(r);
    if (!r->steady || r->finishing || u->state != USER_READY)
        return;
    accepted_note(r);
    if (!sending_over(r, now)) {
        if (user_flushed(u))
            batch_send(r, u);
        return;
    }
    r->finishing_due = true;
    if (u->alarm_at == 0) /* from here on the drain may take so long */
        user_alarm(r, u, now + r->options->timeout_ns);
    if (user_can_send(r, u))
        last_send(r, u);
}

const struct driver drivers_send = {
    .ready_settled = true,
    .start = send_start,
    .ready = send_ready,
    .reply = send_reply,
    .gone = send_gone,
    .due = send_due,
    .tick = send_tick,
};
