#include "client/user/transport.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "client/user/transport_inner.h"
#include "codec/json.h"
#include "conn/polling.h"

/* ns that a poll has to end once the session's end is acknowledged. */
#define LAST_POLL_NS 50000000u

void transport_reset(struct transport *t, const struct destination *d)
{
    struct buf control = buf_over(t->control.ptr, t->control.cap);
    memset(t, 0, sizeof *t);
    t->control = control;
    if (d->target->kind == TARGET_SIO && d->target->transport == TARGET_POLLING)
        t->state = TRANSPORT_POLLING;
    else if (d->target->kind == TARGET_SIO && d->target->transport == TARGET_UPGRADE)
        t->state = TRANSPORT_UPGRADING;
}

bool transport_settled(const struct transport *t)
{
    return t->state == TRANSPORT_DIRECT || t->state == TRANSPORT_POLLING;
}

static struct session_io session_io_of(struct run *r, struct user *u)
{
    return (struct session_io){&r->destination->conn.session, &u->transport.control,
                               &r->loop.random, r->loop.io.now, true};
}

/* ---- Who has something to do ------------------------------------------------------------- */

void transport_touch(struct run *r, struct user *u)
{
    struct transport *t = &u->transport;
    if (t->listed)
        return;
    t->listed = true;
    t->listed_next = LOOP_NOBODY;
    if (r->work_last == LOOP_NOBODY)
        r->work_first = u->index;
    else
        r->users[r->work_last].transport.listed_next = u->index;
    r->work_last = u->index;
}

static struct user *list_pop(struct run *r)
{
    struct user *u = &r->users[r->work_first];
    u->transport.listed = false;
    r->work_first = u->transport.listed_next;
    if (r->work_first == LOOP_NOBODY)
        r->work_last = LOOP_NOBODY;
    return u;
}

/* ---- Ending ------------------------------------------------------------------------------ */

void transport_fail(struct run *r, struct user *u, int status, const char *detail)
{
    user_cause_note(u, status, detail);
    u->transport.doomed = true;
    transport_touch(r, u);
}

/* What fails in the upgrade fails in one of its phases, whatever else is under way. */
void transport_upgrade_fail(struct run *r, struct user *u)
{
    if (u->cause == STATUS_OK)
        u->phase = u->transport.state == TRANSPORT_PAUSING ? PHASE_SWITCH : PHASE_PROBE;
    u->transport.doomed = true;
    transport_touch(r, u);
}

static void line_drop(struct run *r, struct transport_line *line)
{
    struct loop_slot *s = line->slot;
    *line = (struct transport_line){0};
    if (s != NULL)
        loop_drop(&r->loop, s, STATUS_OK);
}

static void parts_release(struct run *r, struct transport *t)
{
    hold_take(&t->parts);
    pool_release(&r->loop.pool, t->lease);
    t->lease = NULL;
}

void transport_lines_drop(struct run *r, struct user *u)
{
    struct transport *t = &u->transport;
    t->over = true;
    for (int role = 0; role < TRANSPORT_ROLES; role++)
        line_drop(r, &t->lines[role]);
    parts_release(r, t);
}

void transport_drop(struct run *r, struct user *u)
{
    transport_lines_drop(r, u);
    user_gone(r, u);
}

void transport_leave(struct run *r, struct user *u)
{
    struct transport *t = &u->transport;
    struct session_io io = session_io_of(r, u);
    session_put_leave(&u->session, &io);
    size_t mark = session_begin(&io);
    buf_put_byte(io.out, '1');
    if (session_end(&io, mark) < 0)
        transport_fail(r, u, STATUS_QUEUE_FULL, "");
    t->leaving = true;
    transport_touch(r, u);
}

/* The last words are answered. */
static bool has_said(const struct transport *t)
{
    enum transport_line_state post = t->lines[TRANSPORT_POST].state;
    return t->leaving && t->control.len == 0 &&
           (post == TRANSPORT_LINE_NONE || post == TRANSPORT_LINE_IDLE);
}

/* And so is the poll, which python-engineio forgets, so that it is not waited for without end. */
static bool has_left(const struct run *r, const struct transport *t)
{
    return has_said(t) && (t->lines[TRANSPORT_GET].state != TRANSPORT_LINE_BUSY ||
                           r->loop.io.now >= t->answered + LAST_POLL_NS);
}

/* ---- Requests ---------------------------------------------------------------------------- */

static void sid_put(struct buf *out, const char *sid)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char digits[] = "0123456789ABCDEF";
    for (; *sid != '\0'; sid++) {
        if (strchr(plain, *sid) != NULL) {
            buf_put_byte(out, (uint8_t)*sid);
            continue;
        }
        buf_put_byte(out, '%');
        buf_put_byte(out, (uint8_t)digits[(uint8_t)*sid >> 4]);
        buf_put_byte(out, (uint8_t)digits[(uint8_t)*sid & 15]);
    }
}

/* Path and query, with the session's sid once there is one. */
struct span transport_url(struct run *r, const struct user *u, struct span base)
{
    struct buf out = buf_over(r->url, sizeof r->url);
    buf_put_span(&out, base);
    if (u->session.state == SESSION_OPEN) {
        buf_put_text(&out, "&sid=");
        sid_put(&out, u->session.sid);
    }
    return buf_span(&out);
}

/* The connection for a request, if it is there and free; else it is made. NULL: not now. */
struct loop_slot *transport_line_ready(struct run *r, struct user *u, enum transport_role role)
{
    const struct destination *d = r->destination;
    struct transport_line *line = &u->transport.lines[role];
    if (line->state == TRANSPORT_LINE_IDLE)
        return line->slot;
    if (line->state != TRANSPORT_LINE_NONE)
        return NULL;
    int status = loop_connect(&r->loop, &d->addresses[d->address],
                              u->index * TRANSPORT_TAGS + (uint32_t)role, &line->slot);
    if (status < 0)
        transport_fail(r, u, status, "");
    else
        line->state = TRANSPORT_LINE_CONNECTING;
    return NULL;
}

static void get_work(struct run *r, struct user *u)
{
    struct transport *t = &u->transport;
    struct loop *l = &r->loop;
    bool said = t->leaving && (t->control.len == 0 || u->cause != STATUS_OK);
    if (said || t->state == TRANSPORT_PAUSING)
        return;
    struct loop_slot *s = transport_line_ready(r, u, TRANSPORT_GET);
    if (s == NULL)
        return;
    t->lines[TRANSPORT_GET].state = TRANSPORT_LINE_BUSY;
    loop_begin(l, s);
    conn_start_exchange(&s->conn, &l->io, transport_url(r, u, r->destination->polling), NULL);
    loop_end(l, s);
}

/* ---- What is to be done ------------------------------------------------------------------ */

/* One of the connections has the alarm for all of it. */
static void alarm_arm(struct run *r, const struct user *u)
{
    uint64_t at = session_deadline(&u->session);
    if (u->alarm_at != 0 && u->alarm_at < at)
        at = u->alarm_at;
    if (has_said(&u->transport) && u->transport.answered + LAST_POLL_NS < at)
        at = u->transport.answered + LAST_POLL_NS;
    for (int role = 0; role < TRANSPORT_ROLES; role++) {
        struct loop_slot *s = u->transport.lines[role].slot;
        if (s != NULL) {
            loop_alarm(&r->loop, s, at == UINT64_MAX ? 0 : at);
            return;
        }
    }
}

static void user_work(struct run *r, struct user *u)
{
    struct transport *t = &u->transport;
    if (u->state == USER_FREE || t->state == TRANSPORT_DIRECT)
        return;
    bool left = has_left(r, t);
    if (left && u->state == USER_CLOSING && u->cause == STATUS_OK)
        histogram_record(&r->trial->phases[PHASE_CLOSE], t->answered - u->closing);
    if (left || t->doomed) {
        transport_drop(r, u);
    } else if (transport_may_switch(t)) {
        transport_switch(r, u);
    } else if (u->state != USER_CONNECTING) {
        if (t->leaving) /* with a poll under way, as at any other time */
            get_work(r, u);
        transport_post_work(r, u);
        get_work(r, u);
        transport_websocket_work(r, u);
    }
    if (u->state != USER_FREE && t->state != TRANSPORT_DIRECT)
        alarm_arm(r, u);
}

void transport_work(struct run *r)
{
    while (r->work_first != LOOP_NOBODY)
        user_work(r, list_pop(r));
}

/* ---- Responses --------------------------------------------------------------------------- */

/* "HTTP 400: Session ID unknown": the words are a JSON object's message, or a JSON string. */
static void status_note(struct user *u, const struct conn_event *event)
{
    char words[FAILURE_TEXT] = "";
    char text[FAILURE_TEXT];
    struct json all;
    struct json message;
    if (json_parse(event->part, &all) == STATUS_OK) {
        if (all.type == JSON_STRING)
            span_copy_text(span_of(all.text.ptr + 1, all.text.len - 2), words, sizeof words);
        else if (json_find(&all, "message", &message) && message.type == JSON_STRING)
            span_copy_text(span_of(message.text.ptr + 1, message.text.len - 2), words,
                           sizeof words);
    }
    snprintf(text, sizeof text, "HTTP %u%s%.80s", event->code, words[0] == '\0' ? "" : ": ", words);
    user_cause_note(u, STATUS_HTTP_STATUS, text);
}

/* Memory for a binary packet, whose header came. */
static bool parts_lease(struct run *r, struct transport *t, const struct polling *p)
{
    size_t bytes = POLLING_PARTS_BYTES(destination_message_bytes(r->options));
    t->lease = pool_lease(&r->loop.pool, bytes, loop_reserve(&r->loop));
    if (t->lease != NULL)
        polling_keep(p, &t->parts, t->lease->data, t->lease->cap);
    return t->lease != NULL;
}

static void body_received(struct run *r, struct user *u, struct span body)
{
    struct transport *t = &u->transport;
    struct session_io io = session_io_of(r, u);
    struct polling p = {body, true, {0}};
    struct session_event event;
    int more = 1;
    while (more > 0 && u->cause == STATUS_OK) {
        more = polling_feed(&p, &u->session, &io, &t->parts, &event);
        if (more > 0 && event.kind == SESSION_HEADER)
            more = parts_lease(r, t, &p) ? 1 : STATUS_NO_MEMORY;
        else if (more > 0)
            user_session_event(r, u, &event);
        if (t->parts.over)
            parts_release(r, t);
    }
    if (more < 0)
        transport_fail(r, u, more == STATUS_NO_ROOM ? STATUS_QUEUE_FULL : more, "");
}

static void response_received(struct run *r, struct user *u, enum transport_role role,
                              const struct conn_event *event)
{
    struct transport *t = &u->transport;
    t->lines[role].state = TRANSPORT_LINE_IDLE;
    t->answered = r->loop.io.now;
    transport_touch(r, u);
    if (t->leaving && role == TRANSPORT_GET)
        return; /* whatever it says: it is the last one */
    if (event->code != 200) {
        status_note(u, event);
        t->doomed = true;
    } else if (role == TRANSPORT_GET) {
        body_received(r, u, event->part);
    } else if (u->out.active || u->written < t->post_until) {
        transport_fail(r, u, STATUS_HTTP_BAD, "answered before it was all sent");
    }
}

/* ---- The loop's calls -------------------------------------------------------------------- */

static enum transport_role role_of(const struct loop_slot *s)
{
    return (enum transport_role)(s->tag % TRANSPORT_TAGS);
}

void transport_connected(struct run *r, struct user *u, struct loop_slot *s)
{
    u->transport.lines[role_of(s)].state = TRANSPORT_LINE_IDLE;
    transport_touch(r, u);
}

/* Between two requests a server may close when it likes. */
static void closed_early(struct run *r, struct user *u, enum transport_role role,
                         const struct conn_event *event)
{
    if (role == TRANSPORT_WEBSOCKET)
        transport_upgrade_fail(r, u);
    else if (u->transport.lines[role].state != TRANSPORT_LINE_BUSY)
        return;
    user_close_note(u, event);
    u->transport.doomed = true;
    transport_touch(r, u);
}

void transport_event(struct run *r, struct user *u, struct loop_slot *s, struct conn_event *event)
{
    if (u->transport.doomed)
        return;
    switch (event->kind) {
    case CONN_RESPONSE:
        response_received(r, u, role_of(s), event);
        break;
    case CONN_UPGRADED:
        transport_probe_begin(r, u);
        break;
    case CONN_DATA:
        transport_probe_part(r, u, &event->data);
        break;
    case CONN_CLOSE:
        closed_early(r, u, role_of(s), event);
        break;
    case CONN_PING:
    case CONN_PONG:
        r->trial->tally.heartbeats++;
        break;
    case CONN_SESSION:
    case CONN_HOLD:
    case CONN_REQUEST:
    case CONN_BODY_WHOLE:
    case CONN_NOTHING:
        break;
    }
}

void transport_alarm(struct run *r, struct user *u)
{
    uint64_t now = r->loop.io.now;
    bool waits = u->state != USER_READY || u->outstanding > 0;
    transport_touch(r, u); /* to be armed again */
    if (now >= session_deadline(&u->session)) {
        transport_fail(r, u, STATUS_PING_TIMEOUT, "");
    } else if (u->alarm_at != 0 && now >= u->alarm_at) {
        if (!waits)
            transport_upgrade_fail(r, u);
        transport_fail(r, u, STATUS_TIMEOUT, "");
    }
}

void transport_ended(struct run *r, struct user *u, struct loop_slot *s, int status)
{
    struct transport *t = &u->transport;
    enum transport_role role = role_of(s);
    struct transport_line *line = &t->lines[role];
    if (t->over)
        return;
    bool wanted = line->state != TRANSPORT_LINE_IDLE || role == TRANSPORT_WEBSOCKET;
    *line = (struct transport_line){0};
    transport_touch(r, u);
    if (!wanted)
        return;
    if (role == TRANSPORT_WEBSOCKET)
        transport_upgrade_fail(r, u);
    transport_fail(r, u, status < 0 ? status : STATUS_CLOSED, "");
}
