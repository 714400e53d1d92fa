#include <stdio.h>

#include "base/status.h"
#include "client/user/reply.h"
#include "client/user/user.h"

/* Better told before the first message than by a close code 1009 after it. */
static void joined(struct run *r, struct user *u)
{
    const struct message_form *form = &r->destination->form;
    bool fits = u->transport.state == TRANSPORT_DIRECT
                    ? form->encoded.size <= u->session.max_payload
                    : transport_fits(u, form);
    user_phase_end(r, u, PHASE_FIRST_ECHO);
    if (fits) {
        user_ready_reached(r, u);
        return;
    }
    snprintf(u->detail, sizeof u->detail, "the server's maxPayload is %llu bytes",
             (unsigned long long)u->session.max_payload);
    u->cause = STATUS_TOO_BIG;
    user_leave(r, u);
}

void user_session_event(struct run *r, struct user *u, const struct session_event *event)
{
    switch (event->kind) {
    case SESSION_OPENED:
        user_phase_end(r, u, PHASE_SIO_CONNECT);
        break;
    case SESSION_JOINED:
        if (u->state == USER_OPENING)
            joined(r, u);
        break;
    case SESSION_EVENT:
    case SESSION_ACK:
        reply_event(r, u, event);
        break;
    case SESSION_REFUSED:
        span_copy_text(event->data.text, u->detail, sizeof u->detail);
        u->cause = STATUS_SIO_CONNECT_ERROR;
        user_leave(r, u);
        break;
    case SESSION_LEFT:
        user_cause_note(u, STATUS_SIO_DISCONNECT, "");
        user_leave(r, u);
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

void user_close_note(struct user *u, const struct conn_event *event)
{
    char text[FAILURE_TEXT] = "";
    if (event->status == STATUS_HTTP_STATUS)
        snprintf(text, sizeof text, "HTTP %u", event->code);
    else if (event->status == STATUS_OK && event->code != 0)
        snprintf(text, sizeof text, "close code %u", event->code);
    user_cause_note(u, event->status == STATUS_OK ? STATUS_WS_CLOSED : event->status, text);
}

void user_direct_event(struct run *r, struct user *u, struct loop_slot *s, struct conn_event *event)
{
    switch (event->kind) {
    case CONN_UPGRADED:
        user_phase_end(r, u, s->conn.session != NULL ? PHASE_EIO_OPEN : PHASE_FIRST_ECHO);
        if (s->conn.session == NULL)
            user_ready_reached(r, u);
        break;
    case CONN_DATA:
        if (s->conn.state == CONN_RAW)
            reply_raw(r, u, span_of(event->data.ptr, event->data.len));
        else
            reply_part(r, u, &event->data);
        break;
    case CONN_SESSION:
        user_session_event(r, u, &event->session);
        break;
    case CONN_CLOSE:
        if (u->state != USER_CLOSING ||
            (event->status != STATUS_OK && event->status != STATUS_CLOSED))
            user_close_note(u, event);
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
