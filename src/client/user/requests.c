#include "client/user/requests.h"

#include "base/status.h"
#include "client/user/requests_post.h"
#include "client/user/requests_upgrade.h"
#include "conn/polling.h"
#include "loop/output.h"

/* ns that a poll has to end once the session's end is acknowledged. */
#define LAST_POLL_NS 50000000u

/* ---- Work -------------------------------------------------------------------------------- */

/* The last words are answered. */
static bool has_said(const struct requests *q)
{
    enum requests_link_state post = q->links[REQUESTS_POST].state;
    return q->leaving && q->control.len == 0 &&
           (post == REQUESTS_LINK_NONE || post == REQUESTS_LINK_IDLE);
}

/* The poll is answered, too, or was waited for long enough: python-engineio forgets it. */
static bool has_left(const struct requests *q)
{
    return has_said(q) && (q->links[REQUESTS_GET].state != REQUESTS_LINK_BUSY ||
                           q->base.crowd->loop->io.now >= q->answered + LAST_POLL_NS);
}

/* One of the connections has the alarm for all of it. */
static void arm_alarm(const struct requests *q)
{
    uint64_t at = session_deadline(q->base.session);
    if (q->alarm_at != 0 && q->alarm_at < at)
        at = q->alarm_at;
    if (has_said(q) && q->answered + LAST_POLL_NS < at)
        at = q->answered + LAST_POLL_NS;
    for (int role = 0; role < REQUESTS_ROLES; role++) {
        struct loop_slot *s = q->links[role].slot;
        if (s != NULL) {
            loop_alarm(q->base.crowd->loop, s, at == UINT64_MAX ? 0 : at);
            return;
        }
    }
}

static void send_get(struct requests *q)
{
    struct loop *l = q->base.crowd->loop;
    bool said = q->leaving && (q->control.len == 0 || q->failed);
    if (said || q->pausing)
        return;
    struct loop_slot *s = requests_take_link(q, REQUESTS_GET);
    if (s == NULL)
        return;
    uint8_t url[REQUESTS_URL_BYTES];
    q->links[REQUESTS_GET].state = REQUESTS_LINK_BUSY;
    loop_begin(l, s);
    conn_start_exchange(&s->conn, &l->io, requests_url(q, q->base.crowd->destination->polling, url),
                        NULL);
    loop_end(l, s);
}

static void finish(struct requests *q, int status, uint64_t at)
{
    requests_drop_links(q);
    requests_report(q,
                    &(struct transport_event){.kind = TRANSPORT_ENDED, .status = status, .at = at});
}

/* Reporting a user's end may open it anew at once: `q` is the new one's then. */
static void work(struct requests *q)
{
    if (q->over)
        return;
    if (q->doomed || has_left(q)) {
        finish(q, STATUS_OK, q->answered);
    } else if (requests_upgrade_can_switch(q)) {
        requests_upgrade_switch(q);
    } else {
        if (q->leaving) /* with a poll under way, as at any other time */
            send_get(q);
        requests_post_work(q);
        send_get(q);
        requests_upgrade_work(q);
    }
    if (!q->over)
        arm_alarm(q);
}

void requests_work(struct crowd *c)
{
    while (c->work_first != NULL) {
        struct requests *q = c->work_first;
        c->work_first = q->listed_next;
        if (c->work_first == NULL)
            c->work_last = NULL;
        q->listed = false;
        work(q);
    }
}

/* ---- What the user asks for -------------------------------------------------------------- */

static int start_connect(struct transport *t, const struct port_address *address)
{
    struct requests *q = requests_of(t);
    struct requests_link *get = &q->links[REQUESTS_GET];
    get->state = REQUESTS_LINK_CONNECTING;
    return loop_connect(t->crowd->loop, address, t->tag + REQUESTS_GET, &get->slot);
}

static bool can_send(const struct transport *t)
{
    (void)t;
    return true;
}

static void touch(struct transport *t)
{
    requests_touch(requests_of(t));
}

static bool is_blocked(const struct transport *t)
{
    const struct loop_slot *post = ((const struct requests *)t)->links[REQUESTS_POST].slot;
    return post != NULL && output_blocked(post);
}

static bool fits(const struct transport *t, const struct message_form *form)
{
    return message_joined_length(form, 0, form->ack) <= t->session->max_payload;
}

static void set_alarm(struct transport *t, uint64_t at)
{
    struct requests *q = requests_of(t);
    q->alarm_at = at;
    requests_touch(q);
}

/* Says goodbye as the JavaScript client does (`41`, `1`), and ends when that is answered. */
static void leave(struct transport *t, bool failed)
{
    struct requests *q = requests_of(t);
    struct session_io io = requests_session_io(q);
    q->leaving = true;
    q->failed = q->failed || failed;
    session_put_leave(t->session, &io);
    size_t mark = session_begin(&io);
    buf_put_byte(io.out, '1');
    if (session_end(&io, mark) < 0)
        requests_fail(q, STATUS_QUEUE_FULL, "");
    requests_touch(q);
}

static void drop(struct transport *t)
{
    finish(requests_of(t), STATUS_STOPPED, t->crowd->loop->io.now);
}

static void begin(struct transport *t)
{
    loop_refresh(t->crowd->loop);
}

static void end(struct transport *t)
{
    (void)t; /* the work follows at the end of the turn */
}

static const struct loop_slot *show_slot(const struct transport *t)
{
    return ((const struct requests *)t)->links[REQUESTS_GET].slot;
}

/* ---- Responses --------------------------------------------------------------------------- */

static void fail_with_status(struct requests *q, const struct conn_event *event)
{
    char text[FAILURE_TEXT];
    transport_put_status(event->code, event->part, text);
    requests_fail(q, STATUS_HTTP_STATUS, text);
}

/* Memory for a binary packet, whose header came. */
static bool lease_parts(struct requests *q, const struct polling *p)
{
    struct loop *l = q->base.crowd->loop;
    size_t bytes = POLLING_PARTS_BYTES(q->base.crowd->message_bytes);
    q->lease = pool_lease(&l->pool, bytes, loop_reserve(l));
    if (q->lease != NULL)
        polling_keep(p, &q->parts, q->lease->data, q->lease->cap);
    return q->lease != NULL;
}

static void receive_body(struct requests *q, struct span body)
{
    struct session_io io = requests_session_io(q);
    struct polling p = {body, true, {0}};
    struct session_event event;
    int more = 1;
    while (more > 0 && !q->failed && !q->doomed) {
        more = polling_feed(&p, q->base.session, &io, &q->parts, &event);
        if (more > 0 && event.kind == SESSION_HEADER)
            more = lease_parts(q, &p) ? 1 : STATUS_NO_MEMORY;
        else if (more > 0)
            requests_report(
                q, &(struct transport_event){.kind = TRANSPORT_SESSION, .session = &event});
        if (q->parts.over)
            requests_release_parts(q);
    }
    if (more < 0)
        requests_fail(q, more == STATUS_NO_ROOM ? STATUS_QUEUE_FULL : more, "");
}

static void receive_response(struct requests *q, enum requests_role role,
                             const struct conn_event *event)
{
    const struct traffic *m = q->base.traffic;
    q->links[role].state = REQUESTS_LINK_IDLE;
    q->answered = q->base.crowd->loop->io.now;
    requests_touch(q);
    if (q->leaving && role == REQUESTS_GET)
        return; /* whatever it says: it is the last one */
    if (event->code != 200)
        fail_with_status(q, event);
    else if (role == REQUESTS_GET)
        receive_body(q, event->part);
    else if (m->out.active || m->written < q->post_until)
        requests_fail(q, STATUS_HTTP_BAD, "answered before it was all sent");
}

/* ---- What the loop reports --------------------------------------------------------------- */

static enum requests_role find_role(const struct loop_slot *s)
{
    return (enum requests_role)(s->tag % CROWD_TAGS);
}

static void note_connected(struct transport *t, struct loop_slot *s)
{
    struct requests *q = requests_of(t);
    requests_report(
        q, &(struct transport_event){.kind = TRANSPORT_CONNECTED, .phase = PHASE_EIO_OPEN});
    q->links[find_role(s)].state = REQUESTS_LINK_IDLE;
    requests_touch(q);
}

/* Between two requests a server may close when it likes. */
static void receive_close(struct requests *q, enum requests_role role,
                          const struct conn_event *event)
{
    char text[FAILURE_TEXT];
    int status = event->status == STATUS_OK ? STATUS_WS_CLOSED : event->status;
    transport_put_close(event, text);
    if (role == REQUESTS_WEBSOCKET)
        requests_fail_upgrade(q, status, text);
    else if (q->links[role].state == REQUESTS_LINK_BUSY)
        requests_fail(q, status, text);
}

static void take_event(struct transport *t, struct loop_slot *s, struct conn_event *event)
{
    struct requests *q = requests_of(t);
    if (q->doomed)
        return;
    switch (event->kind) {
    case CONN_RESPONSE:
        receive_response(q, find_role(s), event);
        break;
    case CONN_UPGRADED:
        requests_upgrade_probe(q);
        break;
    case CONN_DATA:
        requests_upgrade_receive(q, &event->data);
        break;
    case CONN_CLOSE:
        receive_close(q, find_role(s), event);
        break;
    default:
        transport_take_rest(t, event);
        break;
    }
}

static void resume(struct transport *t, struct loop_slot *s)
{
    if (find_role(s) == REQUESTS_POST)
        requests_post_put(requests_of(t), s);
}

static void take_alarm(struct transport *t, struct loop_slot *s, bool due)
{
    struct requests *q = requests_of(t);
    (void)s;
    requests_touch(q); /* to be armed again */
    if (t->crowd->loop->judge_by >= session_deadline(t->session)) {
        requests_fail(q, STATUS_PING_TIMEOUT, "");
    } else if (due) {
        requests_report(q, &(struct transport_event){.kind = TRANSPORT_OVERDUE,
                                                     .phase = requests_upgrade_phase(q)});
        q->doomed = true;
    }
}

static void note_end(struct transport *t, struct loop_slot *s, int status)
{
    struct requests *q = requests_of(t);
    enum requests_role role = find_role(s);
    struct requests_link *link = &q->links[role];
    if (q->over)
        return;
    bool wanted = link->state != REQUESTS_LINK_IDLE || role == REQUESTS_WEBSOCKET;
    *link = (struct requests_link){0};
    requests_touch(q);
    if (!wanted)
        return;
    status = status < 0 ? status : STATUS_CLOSED;
    if (role == REQUESTS_WEBSOCKET)
        requests_fail_upgrade(q, status, "");
    else
        requests_fail(q, status, "");
}

const struct transport_kind requests_kind = {
    .connect = start_connect,
    .can_send = can_send,
    .send = touch,
    .is_blocked = is_blocked,
    .fits = fits,
    .set_alarm = set_alarm,
    .leave = leave,
    .drop = drop,
    .begin = begin,
    .end = end,
    .slot = show_slot,
    .connected = note_connected,
    .event = take_event,
    .drained = resume,
    .alarm = take_alarm,
    .ended = note_end,
};
