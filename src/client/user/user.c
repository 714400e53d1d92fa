#include "client/user/user_inner.h"

#include <stdio.h>

#include "base/status.h"
#include "client/user/user_reason.h"

/* ---- Phases and times -------------------------------------------------------------------- */

static void end_phase(struct user *u, enum phase next)
{
    uint64_t now = u->crowd->loop->io.now;
    histogram_record(&u->crowd->trial->phases[u->phase], now - u->mark);
    u->mark = now;
    u->phase = next;
}

void user_note_cause(struct user *u, enum phase phase, int status, const char *detail)
{
    if (u->cause != STATUS_OK)
        return;
    u->cause = status;
    u->phase = phase != PHASE_COUNT ? phase : u->phase;
    snprintf(u->detail, sizeof u->detail, "%s", detail);
}

void user_set_alarm(struct user *u, uint64_t at)
{
    u->alarm_at = at;
    u->paused = u->crowd->loop->counters.paused;
    u->transport->kind->set_alarm(u->transport, at);
}

/* Sets the alarm for what the user waits for: the end of an upgrade, a reply, or nothing. */
static void renew_alarm(struct user *u)
{
    const struct crowd *c = u->crowd;
    bool waits = u->traffic.outstanding > 0;
    u->moved = 0;
    if (!waits && !u->transport->settled)
        user_set_alarm(u, u->started + c->timeout_ns);
    else if (c->reply_timeout != 0)
        user_set_alarm(u, waits ? c->loop->io.now + c->reply_timeout : 0);
}

/* A long message may take longer than one timeout, but it has to move in each of them. */
static void note_received(struct user *u, size_t bytes)
{
    u->moved += bytes;
    if (u->traffic.outstanding > 0 && u->moved >= u->crowd->timeout_ns / SLOWEST_NS_PER_BYTE)
        renew_alarm(u);
}

void user_note_drained(struct user *u)
{
    if (u->traffic.outstanding > 0)
        renew_alarm(u);
}

/* What came brings a reply nearer to its end: not what lies behind its length, nor what is left
 * out. */
static bool is_nearer(const struct user *u)
{
    const struct message_form *form = &u->crowd->destination->form;
    const struct message_in *in = &u->traffic.in;
    if (form->picked && (in->wrong || in->offset == 0))
        return false;
    return form->any || in->offset <= form->plain.size;
}

/* ---- Opening ----------------------------------------------------------------------------- */

void user_free(struct user *u)
{
    struct crowd *c = u->crowd;
    struct trial *t = c->trial;
    bool was_ready = u->state == USER_READY || u->state == USER_CLOSING;
    traffic_abandon(&u->traffic, c);
    if (u->cause != STATUS_OK) {
        failures_add(&t->failures, u->cause, u->phase, u->detail);
        if (was_ready)
            t->lost++;
    }
    if (!was_ready) {
        t->failed++;
        c->failed_in_a_row++;
        c->connecting--;
    }
    if (was_ready && !u->echoed && u->cause == STATUS_TIMEOUT)
        c->silent_in_a_row++;
    trial_add_client(t, &u->latencies);
    u->state = USER_FREE;
    c->open--;
    c->ended = c->loop->io.now;
    c->hooks->gone(c, u);
}

static void note_connected(struct user *u, enum phase next)
{
    if (u->state != USER_CONNECTING)
        return; /* it is a further connection */
    u->crowd->destination->reached = true;
    u->state = USER_OPENING;
    end_phase(u, next);
}

static void become_ready(struct user *u)
{
    struct crowd *c = u->crowd;
    bool settled = u->transport->settled;
    histogram_record(&c->trial->phases[PHASE_READY], c->loop->io.now - u->started);
    u->state = USER_READY;
    u->phase = PHASE_FIRST_ECHO;
    c->trial->ready++;
    c->failed_in_a_row = 0;
    c->connecting--;
    if (settled)
        user_set_alarm(u, 0);
    if (settled || !c->ready_settled)
        c->hooks->ready(c, u);
}

/* ---- Sending ----------------------------------------------------------------------------- */

bool user_can_send(const struct user *u)
{
    return u->state == USER_READY && u->cause == STATUS_OK &&
           traffic_has_room(&u->traffic, u->crowd) && u->transport->kind->can_send(u->transport);
}

static bool is_blocked(const struct user *u)
{
    return u->transport->kind->is_blocked(u->transport);
}

bool user_is_flushed(const struct user *u)
{
    return traffic_is_written(&u->traffic) && !is_blocked(u);
}

void user_send(struct user *u)
{
    uint64_t now = traffic_send(&u->traffic, u->crowd);
    if (u->crowd->reply_timeout != 0)
        user_set_alarm(u, now + u->crowd->reply_timeout);
    u->transport->kind->send(u->transport);
}

void user_begin(struct user *u)
{
    u->transport->kind->begin(u->transport);
}

void user_end(struct user *u)
{
    if (u->state != USER_FREE)
        u->transport->kind->end(u->transport);
}

/* ---- Replies ----------------------------------------------------------------------------- */

static void report_reply(struct user *u, const struct traffic_reply *reply)
{
    u->echoed = true;
    u->crowd->silent_in_a_row = 0;
    u->crowd->hooks->reply(u->crowd, u, reply);
}

/* During an upgrade only one message is sent, and its reply is reported when that is over. */
static void take_reply(struct user *u, const struct traffic_reply *reply)
{
    bool first = u->phase == PHASE_FIRST_ECHO;
    if (first && reply->right)
        histogram_record(&u->crowd->trial->phases[PHASE_FIRST_ECHO], reply->latency_ns);
    if (first)
        u->phase = PHASE_COUNT;
    renew_alarm(u);
    u->held = !u->transport->settled;
    if (u->held)
        u->held_reply = *reply;
    else
        report_reply(u, reply);
}

/* The user with this number is still in its place; else the place is free, or has a new user. */
static bool is_still(const struct user *u, uint32_t number)
{
    return u->state != USER_FREE && u->number == number;
}

/* One receive may bring several replies, and the user may go with any of them. */
static void receive_raw(struct user *u, struct span data)
{
    uint32_t number = u->number;
    struct traffic_reply reply;
    bool any = false;
    while (is_still(u, number) &&
           traffic_match_raw(&u->traffic, u->crowd, is_blocked(u), &data, &reply)) {
        any = true;
        take_reply(u, &reply);
    }
    if (!any)
        note_received(u, data.len);
}

static void receive_part(struct user *u, const struct websocket_event *part)
{
    struct traffic_reply reply;
    if (traffic_match_part(&u->traffic, u->crowd, is_blocked(u), part, &reply))
        take_reply(u, &reply);
    else if (is_nearer(u))
        note_received(u, part->len);
}

static void receive_packet(struct user *u, const struct session_event *event)
{
    struct traffic_reply reply;
    bool ready = u->state == USER_READY;
    if (traffic_match_event(&u->traffic, u->crowd, is_blocked(u), ready, event, &reply))
        take_reply(u, &reply);
}

/* ---- Closing ----------------------------------------------------------------------------- */

static void fail_and_leave(struct user *u, int status, const char *detail)
{
    user_note_cause(u, PHASE_COUNT, status, detail);
    u->transport->kind->leave(u->transport, true);
}

/* The socket's options are read here, between two phases, so that no phase becomes longer by it. */
void user_close(struct user *u)
{
    struct crowd *c = u->crowd;
    if (u->state != USER_READY)
        return;
    const struct loop_slot *s = u->transport->kind->slot(u->transport);
    if (s != NULL)
        environment_note_socket(c->environment, s->socket);
    loop_refresh(c->loop);
    u->closing = c->loop->io.now;
    u->state = USER_CLOSING;
    u->phase = PHASE_CLOSE;
    user_set_alarm(u, u->closing + c->timeout_ns);
    u->transport->kind->leave(u->transport, false);
}

void user_drop(struct user *u)
{
    u->transport->kind->drop(u->transport);
}

void user_drop_late(struct user *u, const char *reason)
{
    user_note_cause(u, PHASE_COUNT, STATUS_TIMEOUT, reason);
    user_drop(u);
}

/* A user that closes ends well when the peer ends, too, or when the trial was stopped meanwhile. */
static void end_user(struct user *u, int status, uint64_t at)
{
    char text[FAILURE_TEXT] = "";
    bool closing = u->state == USER_CLOSING;
    if (closing && u->cause == STATUS_OK && status == STATUS_OK)
        histogram_record(&u->crowd->trial->phases[PHASE_CLOSE], at - u->closing);
    else if (!closing || status != STATUS_STOPPED) {
        if (status == STATUS_TIMEOUT)
            user_reason_timeout(u, text);
        user_note_cause(u, PHASE_COUNT, status < 0 ? status : STATUS_CLOSED, text);
    }
    user_free(u);
}

/* ---- What the transport reports ---------------------------------------------------------- */

/* A user with messages that are too long fails before the first one: else all that is known would
 * be a close code 1009 after it. */
static void note_joined(struct user *u)
{
    char text[FAILURE_TEXT];
    bool fits = u->transport->kind->fits(u->transport, &u->crowd->destination->form);
    end_phase(u, PHASE_FIRST_ECHO);
    if (fits) {
        become_ready(u);
        return;
    }
    snprintf(text, sizeof text, "the server's maxPayload is %llu bytes",
             (unsigned long long)u->session.max_payload);
    fail_and_leave(u, STATUS_TOO_BIG, text);
}

static void receive_session(struct user *u, const struct session_event *event)
{
    char text[FAILURE_TEXT];
    switch (event->kind) {
    case SESSION_OPENED:
        end_phase(u, PHASE_SIO_CONNECT);
        break;
    case SESSION_JOINED:
        if (u->state == USER_OPENING)
            note_joined(u);
        break;
    case SESSION_EVENT:
    case SESSION_ACK:
        receive_packet(u, event);
        break;
    case SESSION_REFUSED:
        span_copy_text(event->data.text, text, sizeof text);
        fail_and_leave(u, STATUS_SIO_CONNECT_ERROR, text);
        break;
    case SESSION_LEFT:
        fail_and_leave(u, STATUS_SIO_DISCONNECT, "");
        break;
    case SESSION_HEARTBEAT:
        u->crowd->trial->tally.heartbeats++;
        break;
    case SESSION_NOTHING:
    case SESSION_HEADER:
    case SESSION_TEXT:
    case SESSION_BINARY:
        break;
    }
}

/* The peer closes after we did, as it should; or it closes of its own. */
static void note_close(struct user *u, int status, unsigned code, const char *text)
{
    char hinted[FAILURE_TEXT];
    bool proper = status == STATUS_OK || status == STATUS_CLOSED;
    if (u->state != USER_CLOSING || !proper)
        user_note_cause(u, PHASE_COUNT, status == STATUS_OK ? STATUS_WS_CLOSED : status,
                        user_reason_hinted(u, status, code, text, hinted));
}

/* One of several connections may be the first to be late. */
static void note_failure(struct user *u, const struct transport_event *event)
{
    char text[FAILURE_TEXT] = "";
    if (event->status == STATUS_TIMEOUT)
        user_reason_timeout(u, text);
    user_note_cause(u, event->phase, event->status, text[0] != '\0' ? text : event->text);
}

static void note_overdue(struct user *u, enum phase upgrade)
{
    char text[FAILURE_TEXT];
    bool idle = u->state == USER_READY && u->traffic.outstanding == 0;
    user_reason_timeout(u, text);
    user_note_cause(u, idle ? upgrade : PHASE_COUNT, STATUS_TIMEOUT, text);
}

/* What waited since the pause is sent, and the first reply is reported. */
static void go_on_upgraded(struct user *u, struct loop_slot *websocket)
{
    struct crowd *c = u->crowd;
    uint32_t number = u->number;
    u->direct.slot = websocket;
    u->transport = &u->direct.base;
    user_set_alarm(u, u->alarm_at);
    if (u->state != USER_READY)
        return;
    if (u->traffic.outstanding == 0)
        user_set_alarm(u, 0);
    u->transport->kind->send(u->transport);
    if (!is_still(u, number))
        return; /* the peer was found gone */
    if (c->ready_settled) {
        c->hooks->ready(c, u);
    } else if (u->held) {
        u->held = false;
        report_reply(u, &u->held_reply);
    }
}

void user_receive(struct user *u, const struct transport_event *event)
{
    switch (event->kind) {
    case TRANSPORT_CONNECTED:
        note_connected(u, event->phase);
        break;
    case TRANSPORT_PHASE_ENDED:
        end_phase(u, event->phase);
        break;
    case TRANSPORT_READY:
        become_ready(u);
        break;
    case TRANSPORT_RAW:
        receive_raw(u, event->data);
        break;
    case TRANSPORT_PART:
        receive_part(u, event->part);
        break;
    case TRANSPORT_SESSION:
        receive_session(u, event->session);
        break;
    case TRANSPORT_HEARTBEAT:
        u->crowd->trial->tally.heartbeats++;
        break;
    case TRANSPORT_UPGRADED:
        go_on_upgraded(u, event->slot);
        break;
    case TRANSPORT_CLOSED:
        note_close(u, event->status, event->code, event->text);
        break;
    case TRANSPORT_FAILED:
        note_failure(u, event);
        break;
    case TRANSPORT_OVERDUE:
        note_overdue(u, event->phase);
        break;
    case TRANSPORT_ENDED:
        end_user(u, event->status, event->at);
        break;
    }
}
