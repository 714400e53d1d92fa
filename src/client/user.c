#include "client/user.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "loop/output.h"

static struct run *run_of(const struct loop *l)
{
    return l->setup.app->self;
}

/* ---- Phases ------------------------------------------------------------------------------ */

static void phase_end(struct run *r, struct user *u, enum phase next)
{
    uint64_t now = r->loop.io.now;
    histogram_record(&r->trial->phases[u->phase], now - u->mark);
    u->mark = now;
    u->phase = next;
}

static void ready_reached(struct run *r, struct user *u)
{
    histogram_record(&r->trial->phases[PHASE_READY], r->loop.io.now - u->started);
    u->state = USER_READY;
    u->phase = PHASE_FIRST_ECHO;
    r->trial->ready++;
    r->connecting--;
    loop_alarm(&r->loop, u->slot, 0);
    r->driver->ready(r, u);
}

static void cause_note(struct user *u, int status, const char *detail)
{
    if (u->cause != STATUS_OK)
        return;
    u->cause = status;
    snprintf(u->detail, sizeof u->detail, "%s", detail);
}

/* ---- Opening ----------------------------------------------------------------------------- */

static void user_gone(struct run *r, struct user *u)
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
        r->connecting--;
    }
    trial_add_client(t, &u->latencies);
    u->state = USER_FREE;
    u->outstanding = 0;
    r->open--;
    r->ended = r->loop.io.now;
    r->driver->gone(r, u);
}

/* Until one address has answered, the next one is tried; from then on it is the only one. */
static bool address_advance(struct destination *d)
{
    if (d->reached || d->address + 1 >= d->address_count)
        return false;
    d->address++;
    return true;
}

static int connect_start(struct run *r, struct user *u)
{
    struct destination *d = r->destination;
    int status;
    do {
        loop_refresh(&r->loop);
        u->started = u->mark = r->loop.io.now;
        status = loop_connect(&r->loop, &d->addresses[d->address], u->index, &u->slot);
    } while (status < 0 && address_advance(d));
    if (status >= 0)
        loop_alarm(&r->loop, u->slot, u->started + r->options->timeout_ns);
    return status;
}

void user_open(struct run *r, struct user *u)
{
    uint64_t *starts = u->starts;
    uint32_t index = u->index;
    memset(u, 0, sizeof *u);
    u->starts = starts;
    u->index = index;
    memset(starts, 0, r->plan.depth * sizeof *starts);
    u->number = r->opened++;
    u->state = USER_CONNECTING;
    u->phase = PHASE_TCP;
    r->open++;
    r->connecting++;
    r->trial->started++;
    int status = connect_start(r, u);
    if (status < 0) {
        cause_note(u, status, "");
        user_gone(r, u);
    }
}

void user_loop_connected(struct loop *l, struct loop_slot *s)
{
    struct run *r = run_of(l);
    struct user *u = &r->users[s->tag];
    bool session = r->destination->target->kind == TARGET_SIO;
    bool raw = r->destination->conn.request == NULL;
    r->destination->reached = true;
    u->state = USER_OPENING;
    phase_end(r, u, PHASE_UPGRADE);
    conn_start_client(&s->conn, &l->io, session ? &u->session : NULL);
    if (raw)
        ready_reached(r, u);
}

/* ---- Sending ----------------------------------------------------------------------------- */

bool user_can_send(const struct run *r, const struct user *u)
{
    return u->state == USER_READY && u->cause == STATUS_OK && !u->out.active &&
           !output_blocked(u->slot) && u->starts[u->sent % r->plan.depth] == 0;
}

static const struct message_form *form_of(const struct run *r, uint64_t sequence)
{
    return sequence == r->last_sequence ? &r->last_form : &r->destination->form;
}

/* Puts what fits; the rest follows when the peer has taken this. */
static void user_pump(struct run *r, struct user *u)
{
    struct loop *l = &r->loop;
    uint32_t generation = u->slot->generation;
    const struct message_form *form = form_of(r, u->out.sequence);
    while (!message_put(&u->out, form, &l->out, &l->random)) {
        if (!output_flush(l, u->slot) || u->slot->generation != generation ||
            output_blocked(u->slot))
            return;
    }
}

void user_send(struct run *r, struct user *u, bool ack)
{
    struct tally *tally = &r->trial->tally;
    const struct message_form *form = form_of(r, u->sent);
    uint64_t now = port_clock();
    if (r->outstanding++ == 0)
        r->outstanding_since = now;
    u->outstanding++;
    u->starts[u->sent % r->plan.depth] = now;
    tally->sent++;
    tally->frames_out++;
    tally->payload_out += form->plain.size;
    if (r->reply_timeout != 0)
        loop_alarm(&r->loop, u->slot, now + r->reply_timeout);
    message_begin(&u->out, form, u->sent, ack);
    u->sent++;
    user_pump(r, u);
}

/* Something moves: a long message may take as long as it likes. */
static void progress_note(struct run *r, struct user *u)
{
    if (r->reply_timeout != 0 && u->outstanding > 0)
        loop_alarm(&r->loop, u->slot, r->loop.io.now + r->reply_timeout);
}

void user_loop_drained(struct loop *l, struct loop_slot *s)
{
    struct run *r = run_of(l);
    struct user *u = &r->users[s->tag];
    progress_note(r, u);
    if (u->out.active)
        user_pump(r, u);
}

void user_close(struct run *r, struct user *u)
{
    if (u->state != USER_READY && u->state != USER_OPENING)
        return;
    if (u->state == USER_OPENING) {
        loop_drop(&r->loop, u->slot, STATUS_STOPPED);
        return;
    }
    environment_socket(r->environment, u->slot->socket); /* between two phases: it costs none */
    loop_refresh(&r->loop);
    u->closing = r->loop.io.now;
    u->state = USER_CLOSING;
    u->phase = PHASE_CLOSE;
    loop_alarm(&r->loop, u->slot, u->closing + r->options->timeout_ns);
    conn_close(&u->slot->conn, &r->loop.io, 1000);
}

/* ---- Replies ----------------------------------------------------------------------------- */

static void reply_count(struct run *r, struct user *u, uint64_t sequence, enum message_reply reply)
{
    struct tally *tally = &r->trial->tally;
    uint64_t *start = &u->starts[sequence % r->plan.depth];
    uint64_t now = r->loop.io.now;
    uint64_t latency = now - *start;
    bool first = u->phase == PHASE_FIRST_ECHO;
    *start = 0;
    u->outstanding--;
    tally->payload_in += form_of(r, sequence)->plain.size;
    tally->frames_in++;
    if (--r->outstanding == 0)
        r->trial->outstanding_ns += now - r->outstanding_since;
    r->last_reply = now;
    if (reply == MESSAGE_RIGHT)
        tally->answered++;
    else
        tally->wrong++;
    if (first && reply == MESSAGE_RIGHT)
        histogram_record(&r->trial->phases[PHASE_FIRST_ECHO], latency);
    if (first)
        u->phase = PHASE_COUNT;
    if (r->reply_timeout != 0)
        loop_alarm(&r->loop, u->slot, u->outstanding > 0 ? now + r->reply_timeout : 0);
    if (reply == MESSAGE_RIGHT)
        r->driver->reply(r, u, latency);
    else
        r->driver->reply(r, u, UINT64_MAX);
}

/* By order: the oldest message that is not answered. */
static bool reply_expected(struct run *r, const struct user *u)
{
    if (u->outstanding > 0 && u->starts[u->matched % r->plan.depth] != 0)
        return true;
    r->trial->tally.unexpected++;
    return false;
}

static void raw_received(struct run *r, struct user *u, struct span data)
{
    uint32_t generation = u->slot->generation;
    progress_note(r, u);
    while (data.len > 0 && u->slot->generation == generation) {
        enum message_reply reply;
        if (!reply_expected(r, u))
            return;
        size_t used = message_match_raw(&u->in, form_of(r, u->matched), u->matched, data, &reply);
        data = span_after(data, used);
        if (reply != MESSAGE_NONE)
            reply_count(r, u, u->matched++, reply);
    }
}

static void part_received(struct run *r, struct user *u, const struct websocket_event *part)
{
    progress_note(r, u);
    if (u->outstanding == 0) {
        r->trial->tally.unexpected += part->message_last;
        return;
    }
    enum message_reply reply = message_match_part(&u->in, form_of(r, u->matched), u->matched, part);
    if (reply != MESSAGE_NONE)
        reply_count(r, u, u->matched++, reply);
}

/* By id: the message may be any that is not answered. Where acks were not asked for, this one is of
 * send's last message, and proves by coming: servers acknowledge with any arguments or none. */
static void ack_received(struct run *r, struct user *u, const struct session_event *event)
{
    uint64_t id = event->packet.id;
    bool known = event->packet.has_id && id < u->sent && u->sent - id <= r->plan.depth &&
                 u->starts[id % r->plan.depth] != 0;
    if (!known) {
        r->trial->tally.unexpected++;
        return;
    }
    enum message_reply reply =
        r->destination->form.ack ? message_match_event(form_of(r, id), id, event) : MESSAGE_RIGHT;
    reply_count(r, u, id, reply);
}

static void event_received(struct run *r, struct user *u, const struct session_event *event)
{
    bool by_order = !r->destination->form.ack;
    if (event->kind == SESSION_ACK) {
        ack_received(r, u, event);
        return;
    }
    if (!by_order || u->state != USER_READY || !message_is_reply(&r->destination->form, event)) {
        r->trial->tally.unexpected++;
        return;
    }
    if (!reply_expected(r, u))
        return;
    const struct message_form *form = form_of(r, u->matched);
    reply_count(r, u, u->matched, message_match_event(form, u->matched, event));
    u->matched++;
}

/* ---- The loop's calls -------------------------------------------------------------------- */

/* Better told before the first message than by a close code 1009 after it. */
static void joined(struct run *r, struct user *u)
{
    phase_end(r, u, PHASE_FIRST_ECHO);
    if (r->destination->form.encoded.size <= u->session.max_payload) {
        ready_reached(r, u);
        return;
    }
    snprintf(u->detail, sizeof u->detail, "the server's maxPayload is %llu bytes",
             (unsigned long long)u->session.max_payload);
    u->cause = STATUS_TOO_BIG;
    conn_close(&u->slot->conn, &r->loop.io, 1000);
}

static void session_received(struct run *r, struct user *u, const struct session_event *event)
{
    switch (event->kind) {
    case SESSION_OPENED:
        phase_end(r, u, PHASE_SIO_CONNECT);
        break;
    case SESSION_JOINED:
        if (u->state == USER_OPENING)
            joined(r, u);
        break;
    case SESSION_EVENT:
    case SESSION_ACK:
        event_received(r, u, event);
        break;
    case SESSION_REFUSED:
        span_copy_text(event->data.text, u->detail, sizeof u->detail);
        u->cause = STATUS_SIO_CONNECT_ERROR;
        conn_close(&u->slot->conn, &r->loop.io, 1000);
        break;
    case SESSION_LEFT:
        cause_note(u, STATUS_SIO_DISCONNECT, "");
        conn_close(&u->slot->conn, &r->loop.io, 1000);
        break;
    case SESSION_HEARTBEAT:
        r->trial->tally.heartbeats++;
        break;
    case SESSION_NOTHING:
    case SESSION_HEADER:
    case SESSION_TEXT:
    case SESSION_BINARY:
        break;
    }
}

static void close_received(struct user *u, const struct conn_event *event)
{
    char text[FAILURE_TEXT] = "";
    if (u->state == USER_CLOSING && (event->status == STATUS_OK || event->status == STATUS_CLOSED))
        return;
    if (event->status == STATUS_HTTP_STATUS)
        snprintf(text, sizeof text, "HTTP %u", event->code);
    else if (event->status == STATUS_OK && event->code != 0)
        snprintf(text, sizeof text, "close code %u", event->code);
    cause_note(u, event->status == STATUS_OK ? STATUS_WS_CLOSED : event->status, text);
}

void user_loop_event(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    struct run *r = run_of(l);
    struct user *u = &r->users[s->tag];
    switch (event->kind) {
    case CONN_UPGRADED:
        phase_end(r, u, s->conn.session != NULL ? PHASE_EIO_OPEN : PHASE_FIRST_ECHO);
        if (s->conn.session == NULL)
            ready_reached(r, u);
        break;
    case CONN_DATA:
        if (s->conn.state == CONN_RAW)
            raw_received(r, u, span_of(event->data.ptr, event->data.len));
        else
            part_received(r, u, &event->data);
        break;
    case CONN_SESSION:
        session_received(r, u, &event->session);
        break;
    case CONN_CLOSE:
        close_received(u, event);
        break;
    case CONN_PING:
    case CONN_PONG:
        r->trial->tally.heartbeats++;
        break;
    case CONN_HOLD:
    case CONN_REQUEST:
    case CONN_BODY_WHOLE:
    case CONN_RESPONSE:
    case CONN_NOTHING:
        break;
    }
}

void user_loop_alarm(struct loop *l, struct loop_slot *s)
{
    struct run *r = run_of(l);
    struct user *u = &r->users[s->tag];
    if (r->silence_allowed && u->state == USER_READY) {
        user_close(r, u);
        return;
    }
    cause_note(u, STATUS_TIMEOUT, "");
    loop_drop(l, s, STATUS_TIMEOUT);
}

void user_loop_ended(struct loop *l, struct loop_slot *s, int status)
{
    struct run *r = run_of(l);
    struct user *u = &r->users[s->tag];
    loop_refresh(l);
    if (u->state == USER_CONNECTING && status < 0 && u->cause == STATUS_OK &&
        status != STATUS_STOPPED && address_advance(r->destination)) {
        status = connect_start(r, u);
        if (status >= 0)
            return;
    }
    if (u->state == USER_CLOSING && u->cause == STATUS_OK && status == STATUS_OK)
        histogram_record(&r->trial->phases[PHASE_CLOSE], l->io.now - u->closing);
    else if (u->state != USER_CLOSING || status != STATUS_STOPPED)
        cause_note(u, status < 0 ? status : STATUS_CLOSED, "");
    user_gone(r, u);
}
