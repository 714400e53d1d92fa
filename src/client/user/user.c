#include "client/user/user.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "client/user/reply.h"
#include "loop/output.h"

static struct run *run_of(const struct loop *l)
{
    return l->setup.app->self;
}

static struct user *user_of(struct run *r, const struct loop_slot *s)
{
    return &r->users[s->tag / TRANSPORT_TAGS];
}

static bool is_direct(const struct user *u)
{
    return u->transport.state == TRANSPORT_DIRECT;
}

/* ---- Phases and times -------------------------------------------------------------------- */

void user_phase_end(struct run *r, struct user *u, enum phase next)
{
    uint64_t now = r->loop.io.now;
    histogram_record(&r->trial->phases[u->phase], now - u->mark);
    u->mark = now;
    u->phase = next;
}

void user_cause_note(struct user *u, int status, const char *detail)
{
    if (u->cause != STATUS_OK)
        return;
    u->cause = status;
    snprintf(u->detail, sizeof u->detail, "%s", detail);
}

void user_alarm(struct run *r, struct user *u, uint64_t at)
{
    u->alarm_at = at;
    if (is_direct(u))
        loop_alarm(&r->loop, u->slot, at);
    else
        transport_touch(r, u);
}

void user_alarm_renew(struct run *r, struct user *u)
{
    if (u->outstanding == 0 && !transport_settled(&u->transport))
        user_alarm(r, u, u->started + r->options->timeout_ns);
    else if (r->reply_timeout != 0)
        user_alarm(r, u, u->outstanding > 0 ? r->loop.io.now + r->reply_timeout : 0);
}

void user_ready_reached(struct run *r, struct user *u)
{
    bool settled = transport_settled(&u->transport);
    histogram_record(&r->trial->phases[PHASE_READY], r->loop.io.now - u->started);
    u->state = USER_READY;
    u->phase = PHASE_FIRST_ECHO;
    r->trial->ready++;
    r->failed_in_a_row = 0;
    r->connecting--;
    if (settled)
        user_alarm(r, u, 0);
    if (settled || !r->driver->ready_settled)
        r->driver->ready(r, u);
}

/* ---- Opening ----------------------------------------------------------------------------- */

void user_gone(struct run *r, struct user *u)
{
    struct trial *t = r->trial;
    bool was_ready = u->state == USER_READY || u->state == USER_CLOSING;
    t->tally.unanswered += u->outstanding;
    if (r->outstanding > 0 && r->outstanding == u->outstanding)
        t->outstanding_ns += r->loop.io.now - r->outstanding_since;
    r->outstanding -= u->outstanding;
    if (u->cause != STATUS_OK) {
        failures_add(&t->failures, u->cause, u->phase, u->detail);
        if (was_ready)
            t->lost++;
    }
    if (!was_ready) {
        t->failed++;
        r->failed_in_a_row++;
        r->connecting--;
    }
    trial_add_client(t, &u->latencies);
    u->state = USER_FREE;
    u->outstanding = 0;
    r->open--;
    r->ended = r->loop.io.now;
    r->driver->gone(r, u);
}

/* Until one address has answered, the next one is tried; from then on it is the only one. Several
 * users may find out at once that an address is no good. */
static bool address_advance(struct user *u, struct destination *d)
{
    if (!d->reached && u->address == d->address && d->address + 1 < d->address_count)
        d->address++;
    bool other = u->address != d->address;
    u->address = d->address;
    return other;
}

static int connect_start(struct run *r, struct user *u)
{
    struct destination *d = r->destination;
    struct transport_line *line = &u->transport.lines[TRANSPORT_GET];
    int status;
    do {
        loop_refresh(&r->loop);
        u->started = u->mark = r->loop.io.now;
        status = loop_connect(&r->loop, &d->addresses[u->address],
                              u->index * TRANSPORT_TAGS + TRANSPORT_GET, &u->slot);
    } while (status < 0 && address_advance(u, d));
    if (!is_direct(u))
        *line = (struct transport_line){u->slot, TRANSPORT_LINE_CONNECTING};
    if (status >= 0)
        user_alarm(r, u, u->started + r->options->timeout_ns);
    return status;
}

void user_open(struct run *r, struct user *u)
{
    uint64_t *starts = u->starts;
    uint64_t *dues = u->dues;
    uint32_t index = u->index;
    struct transport transport = u->transport;
    memset(u, 0, sizeof *u);
    u->starts = starts;
    u->dues = dues;
    u->index = index;
    u->transport = transport;
    transport_reset(&u->transport, r->destination);
    u->address = r->destination->address;
    memset(starts, 0, r->plan.depth * sizeof *starts);
    u->number = r->opened++;
    u->state = USER_CONNECTING;
    u->phase = PHASE_TCP;
    r->open++;
    r->connecting++;
    r->trial->started++;
    int status = connect_start(r, u);
    if (status < 0) {
        user_cause_note(u, status, "");
        user_gone(r, u);
    }
}

void user_loop_connected(struct loop *l, struct loop_slot *s)
{
    struct run *r = run_of(l);
    struct user *u = user_of(r, s);
    bool raw = r->destination->conn.request == NULL;
    if (u->state == USER_CONNECTING) {
        r->destination->reached = true;
        u->state = USER_OPENING;
        user_phase_end(r, u, is_direct(u) ? PHASE_UPGRADE : PHASE_EIO_OPEN);
    }
    if (!is_direct(u)) {
        transport_connected(r, u, s);
        return;
    }
    bool session = r->destination->target->kind == TARGET_SIO;
    conn_start_client(&s->conn, &l->io, session ? &u->session : NULL);
    if (raw)
        user_ready_reached(r, u);
}

/* ---- Sending ----------------------------------------------------------------------------- */

bool user_can_send(const struct run *r, const struct user *u)
{
    if (u->state != USER_READY || u->cause != STATUS_OK)
        return false;
    bool taken = !is_direct(u) || (!u->out.active && !output_blocked(u->slot));
    return taken && u->starts[u->sent % r->plan.depth] == 0;
}

bool user_flushed(const struct user *u)
{
    if (!is_direct(u))
        return transport_flushed(u);
    return u->written == u->sent && !u->out.active && !output_blocked(u->slot);
}

const struct message_form *user_form(const struct run *r, uint64_t sequence)
{
    return sequence == r->last_sequence ? &r->last_form : &r->destination->form;
}

/* Of send's last message, which proves that the others came, always. */
bool user_asks_ack(const struct run *r, uint64_t sequence)
{
    const struct message_form *form = user_form(r, sequence);
    return form->ack || (sequence == r->last_sequence && form->kind == TARGET_SIO);
}

static bool next_begin(const struct run *r, struct user *u)
{
    if (!u->out.active && u->written < u->sent) {
        message_begin(&u->out, user_form(r, u->written), u->written, user_asks_ack(r, u->written));
        u->written++;
    }
    return u->out.active;
}

/* Puts what fits; the rest follows when the peer has taken this. */
static void user_pump(struct run *r, struct user *u)
{
    struct loop *l = &r->loop;
    struct loop_slot *s = u->slot;
    uint32_t generation = s->generation;
    bool framed = r->destination->conn.request != NULL;
    while (next_begin(r, u)) {
        const struct message_form *form = user_form(r, u->out.sequence);
        bool whole = message_put(&u->out, form, &l->out, &l->random);
        if (whole && s->conn.mid_frame)
            conn_settle(&s->conn, &l->io);
        if (whole)
            continue;
        s->conn.mid_frame = framed; /* nobody else may put anything there */
        if (!output_flush(l, s) || s->generation != generation || output_blocked(s))
            return;
    }
}

void user_upgraded(struct run *r, struct user *u)
{
    user_alarm(r, u, u->alarm_at);
    if (u->state != USER_READY)
        return;
    if (u->outstanding == 0)
        user_alarm(r, u, 0);
    uint32_t generation = u->slot->generation;
    const struct loop_slot *s = u->slot;
    user_pump(r, u); /* what waited since the pause */
    if (s->generation != generation)
        return; /* it found the peer gone */
    if (r->driver->ready_settled)
        r->driver->ready(r, u);
    else
        reply_release(r, u);
}

void user_send(struct run *r, struct user *u)
{
    struct tally *tally = &r->trial->tally;
    uint64_t now = port_clock();
    if (r->outstanding++ == 0)
        r->outstanding_since = now;
    u->outstanding++;
    u->starts[u->sent % r->plan.depth] = now;
    tally->sent++;
    tally->frames_out++;
    tally->payload_out += user_form(r, u->sent)->plain.size;
    if (r->reply_timeout != 0)
        user_alarm(r, u, now + r->reply_timeout);
    u->sent++;
    if (is_direct(u))
        user_pump(r, u);
    else
        transport_touch(r, u);
}

void user_loop_drained(struct loop *l, struct loop_slot *s)
{
    struct run *r = run_of(l);
    struct user *u = user_of(r, s);
    if (u->outstanding > 0)
        user_alarm_renew(r, u); /* it moves: a long message may take as long as it likes */
    if (!is_direct(u))
        transport_drained(r, u, s);
    else if (s == u->slot)
        user_pump(r, u);
}

void user_begin(struct run *r, struct user *u)
{
    if (is_direct(u))
        loop_begin(&r->loop, u->slot);
    else
        loop_refresh(&r->loop);
}

void user_end(struct run *r, struct user *u)
{
    if (u->state != USER_FREE && is_direct(u))
        loop_end(&r->loop, u->slot);
}

/* ---- Closing ----------------------------------------------------------------------------- */

/* With the protocol's own words. */
void user_leave(struct run *r, struct user *u)
{
    if (is_direct(u))
        conn_close(&u->slot->conn, &r->loop.io, 1000);
    else
        transport_leave(r, u);
}

void user_close(struct run *r, struct user *u)
{
    const struct loop_slot *s = is_direct(u) ? u->slot : u->transport.lines[TRANSPORT_GET].slot;
    if (u->state != USER_READY)
        return;
    if (s != NULL) /* between two phases: it costs none */
        environment_socket(r->environment, s->socket);
    loop_refresh(&r->loop);
    u->closing = r->loop.io.now;
    u->state = USER_CLOSING;
    u->phase = PHASE_CLOSE;
    user_alarm(r, u, u->closing + r->options->timeout_ns);
    user_leave(r, u);
}

void user_drop(struct run *r, struct user *u)
{
    if (is_direct(u)) {
        loop_drop(&r->loop, u->slot, STATUS_STOPPED);
        return;
    }
    if (u->state != USER_CLOSING)
        user_cause_note(u, STATUS_STOPPED, "");
    transport_drop(r, u);
}

/* ---- The loop's calls -------------------------------------------------------------------- */

void user_loop_event(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    struct run *r = run_of(l);
    struct user *u = user_of(r, s);
    if (!is_direct(u))
        transport_event(r, u, s, event);
    else if (s == u->slot)
        user_direct_event(r, u, s, event);
}

void user_loop_alarm(struct loop *l, struct loop_slot *s)
{
    struct run *r = run_of(l);
    struct user *u = user_of(r, s);
    bool due = u->alarm_at != 0 && l->io.now >= u->alarm_at;
    if (due && u->state == USER_CONNECTING)
        loop_drop(l, s, STATUS_TIMEOUT); /* there may be another address */
    else if (due && r->silence_allowed && u->state == USER_READY &&
             transport_settled(&u->transport))
        user_close(r, u);
    else if (!is_direct(u))
        transport_alarm(r, u);
    else if (due) {
        user_cause_note(u, STATUS_TIMEOUT, "");
        loop_drop(l, s, STATUS_TIMEOUT);
    }
}

void user_loop_ended(struct loop *l, struct loop_slot *s, int status)
{
    struct run *r = run_of(l);
    struct user *u = user_of(r, s);
    loop_refresh(l);
    if (u->state == USER_CONNECTING && status < 0 && u->cause == STATUS_OK &&
        status != STATUS_STOPPED && address_advance(u, r->destination)) {
        status = connect_start(r, u);
        if (status >= 0)
            return;
    }
    if (!is_direct(u)) {
        transport_ended(r, u, s, status);
        return;
    }
    if (u->slot != NULL && u->slot != s)
        return; /* what is left of polling after an upgrade */
    if (u->state == USER_CLOSING && u->cause == STATUS_OK && status == STATUS_OK)
        histogram_record(&r->trial->phases[PHASE_CLOSE], l->io.now - u->closing);
    else if (u->state != USER_CLOSING || status != STATUS_STOPPED)
        user_cause_note(u, status < 0 ? status : STATUS_CLOSED, "");
    user_gone(r, u);
}
