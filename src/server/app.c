#include "server/app.h"

#include "base/status.h"
#include "conn/echo.h"
#include "server/delivery.h"

#define ABSENT span_of(NULL, 0)

/* ---- Answers: into io->out, or as a delivery where they do not fit there ------------------ */

/* Sends it behind what was staged before. */
static void deliver_answer(struct server *v, struct server_session *session,
                           const struct delivery *d)
{
    if (server_session_commit(v, session))
        delivery_send(v, session, d);
}

static void answer_event(struct server *v, const struct session_io *io,
                         struct server_session *session, const struct session_event *event,
                         struct span name)
{
    if (echo_put(io, event, name) == STATUS_OK)
        return;
    struct echo echo;
    echo_make(&echo, io->config, event, name);
    struct delivery d = {echo.text, ECHO_PIECES, event->attachment, event->attachments};
    deliver_answer(v, session, &d);
}

static void answer_message(struct server *v, const struct session_io *io,
                           struct server_session *session, const struct session_event *event)
{
    if (echo_put_message(io, event) == STATUS_OK)
        return;
    struct span text[2] = {SPAN("4"), event->message};
    struct delivery d = event->kind == SESSION_TEXT ? (struct delivery){text, 2, NULL, 0}
                                                    : (struct delivery){NULL, 0, text + 1, 1};
    deliver_answer(v, session, &d);
}

static void answer_text(struct server *v, const struct session_io *io,
                        struct server_session *session, const struct span *text, unsigned pieces)
{
    struct delivery d = {text, pieces, NULL, 0};
    size_t mark = session_begin(io);
    for (unsigned i = 0; i < pieces; i++)
        buf_put_span(io->out, text[i]);
    if (session_end(io, mark) < 0)
        deliver_answer(v, session, &d);
}

static struct span find_name(const struct server *v, const struct session_event *event)
{
    return span_text(v->conn.session.namespaces[event->nsp]);
}

/* ---- Rooms: their events are acknowledged with nothing, or with an error ------------------ */

static const char room_wanted[] = "expected a room: a string of 1 to 64 bytes";
static const char rooms_taken[] = "all rooms are taken";
static const char rooms_each[] = "a session may be in 8 rooms";
static const char name_wanted[] = "expected the name of an event that is not reserved";

/* The first argument, as UTF-8; empty when it is no name of a room. */
static struct span read_room_name(const struct session_event *event, struct json_walk *walk,
                                  uint8_t bytes[ROOM_NAME_MAX])
{
    struct buf name = buf_over(bytes, ROOM_NAME_MAX);
    struct json value;
    *walk = json_walk(&event->data);
    json_next(walk, NULL, &value); /* the event's own name */
    if (!json_next(walk, NULL, &value) || json_string_copy(&value, &name) < 0)
        return ABSENT;
    return buf_span(&name);
}

static const char *join_room(struct server *v, struct server_session *session,
                             const struct session_event *event)
{
    uint8_t bytes[ROOM_NAME_MAX];
    struct json_walk walk;
    struct span name = read_room_name(event, &walk, bytes);
    if (name.len == 0)
        return room_wanted;
    uint32_t *member = server_session_rooms(v, session);
    int room = rooms_find(&v->rooms, event->nsp, name);
    bool joined = room >= 0 && (*member >> room & 1) != 0;
    if (!joined && rooms_count(*member) >= ROOMS_EACH)
        return rooms_each;
    return rooms_join(&v->rooms, member, event->nsp, name) ? NULL : rooms_taken;
}

static const char *leave_room(struct server *v, struct server_session *session,
                              const struct session_event *event)
{
    uint8_t bytes[ROOM_NAME_MAX];
    struct json_walk walk;
    struct span name = read_room_name(event, &walk, bytes);
    if (name.len == 0)
        return room_wanted;
    rooms_leave(&v->rooms, server_session_rooms(v, session), event->nsp, name);
    return NULL;
}

/* The others get the arguments from the second one on. */
static void send_to_room(struct server *v, struct server_session *session,
                         const struct session_event *event, int room, const uint8_t *from)
{
    const struct sio_packet *p = &event->packet;
    uint8_t bytes[ECHO_HEAD_MAX];
    struct buf head = buf_over(bytes, sizeof bytes);
    sio_head_put(&head, event->attachments > 0 ? SIO_BINARY_EVENT : SIO_EVENT, event->attachments,
                 find_name(v, event), false, 0);
    buf_put_byte(&head, '[');
    struct span rest = span_of(from, (size_t)(p->args.ptr + p->args.len - from));
    struct span text[3] = {buf_span(&head), rest, SPAN("]")};
    struct delivery d = {text, 3, event->attachment, event->attachments};
    delivery_send_room(v, (unsigned)room, session, &d);
}

static const char *broadcast_to_room(struct server *v, struct server_session *session,
                                     const struct session_event *event)
{
    uint8_t bytes[ROOM_NAME_MAX];
    struct json_walk walk;
    struct json name;
    struct span room = read_room_name(event, &walk, bytes);
    if (room.len == 0)
        return room_wanted;
    if (!json_next(&walk, NULL, &name) || !sio_name_allowed(&name))
        return name_wanted;
    int number = rooms_find(&v->rooms, event->nsp, room);
    if (number >= 0)
        send_to_room(v, session, event, number, name.text.ptr);
    return NULL;
}

static void put_ack(const struct server *v, const struct session_io *io,
                    const struct session_event *event, const char *error)
{
    if (!event->packet.has_id)
        return;
    size_t mark = session_begin(io);
    sio_head_put(io->out, SIO_ACK, 0, find_name(v, event), true, event->packet.id);
    buf_put_byte(io->out, '[');
    if (error != NULL)
        json_put_string(io->out, span_text(error));
    buf_put_byte(io->out, ']');
    session_end(io, mark);
}

/* ---- --app echo -------------------------------------------------------------------------- */

static const struct command {
    const char *name;
    const char *(*run)(struct server *v, struct server_session *session,
                       const struct session_event *event);
} commands[] = {{"join", join_room}, {"leave", leave_room}, {"broadcast", broadcast_to_room}};

static void echo_event(struct server *v, const struct session_io *io,
                       struct server_session *session, const struct session_event *event)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (!json_string_equal(&event->packet.name, span_text(commands[i].name)))
            continue;
        const char *error = commands[i].run(v, session, event);
        if (session->used)
            put_ack(v, io, event, error);
        return;
    }
    if (json_string_equal(&event->packet.name, SPAN("disconnect-me"))) {
        rooms_leave_namespace(&v->rooms, server_session_rooms(v, session), event->nsp);
        session_put_disconnect(&session->protocol, io, event->nsp);
        return;
    }
    answer_event(v, io, session, event, ABSENT);
}

/* ---- --app conformance ------------------------------------------------------------------- */

/* Keeps a text in a lease of its own, behind the others. False when there is no memory. */
static bool keep_for_later(struct server *v, struct server_session *session, unsigned nsp,
                           const struct span text[3])
{
    size_t bytes = 1 + text[0].len + text[1].len + text[2].len;
    struct lease *lease = pool_lease(&v->loop.pool, bytes, loop_reserve(&v->loop));
    struct lease **end = &session->later;
    if (lease == NULL)
        return false;
    struct buf to = buf_over(lease->data, bytes);
    buf_put_byte(&to, (uint8_t)nsp);
    for (unsigned i = 0; i < 3; i++)
        buf_put_span(&to, text[i]);
    lease->len = to.len;
    lease->next = NULL;
    while (*end != NULL)
        end = &(*end)->next;
    *end = lease;
    if (session->later_at == 0)
        session->later_at = v->loop.io.now + (uint64_t)AUTH_AFTER_MS * 1000000;
    server_session_arm(v, session);
    return true;
}

void app_send_later(struct server *v, struct server_session *session)
{
    struct lease *lease = session->later;
    struct span text = span_of(lease->data + 1, lease->len - 1);
    struct delivery d = {&text, 1, NULL, 0};
    bool joined = (session->protocol.joined >> lease->data[0] & 1) != 0;
    session->later = lease->next;
    session->later_at =
        session->later != NULL ? v->loop.io.now + (uint64_t)AUTH_AFTER_MS * 1000000 : 0;
    if (joined)
        delivery_send(v, session, &d);
    pool_release(&v->loop.pool, lease);
}

static void answer_join(struct server *v, const struct session_io *io,
                        struct server_session *session, const struct session_event *event)
{
    uint8_t bytes[ECHO_HEAD_MAX];
    struct buf head = buf_over(bytes, sizeof bytes);
    bool given = event->data.type != JSON_NONE;
    sio_head_put(&head, SIO_EVENT, 0, find_name(v, event), false, 0);
    buf_put_text(&head, "[\"auth\",");
    struct span text[3] = {buf_span(&head), given ? event->data.text : SPAN("{}"), SPAN("]")};
    if (!keep_for_later(v, session, event->nsp, text))
        answer_text(v, io, session, text, 3);
}

static void answer_conformance_event(struct server *v, const struct session_io *io,
                                     struct server_session *session,
                                     const struct session_event *event)
{
    if (event->nsp != 0)
        return;
    if (json_string_equal(&event->packet.name, SPAN("message"))) {
        struct session_event unasked = *event;
        unasked.packet.has_id = false;
        answer_event(v, io, session, &unasked, SPAN("\"message-back\""));
    } else if (event->packet.has_id &&
               json_string_equal(&event->packet.name, SPAN("message-with-ack"))) {
        answer_event(v, io, session, event, ABSENT);
    }
}

/* ---- Events ------------------------------------------------------------------------------ */

static void count_message(struct server *v)
{
    v->stats.socketio_messages++;
    selftest_delay(&v->stats.selftest, &v->loop);
}

void app_answer(struct server *v, const struct session_io *io, struct server_session *session,
                const struct session_event *event)
{
    bool conformance = v->options->app == SERVER_APP_CONFORMANCE;
    switch (event->kind) {
    case SESSION_EVENT:
        count_message(v);
        loop_mark(&v->loop, LOOP_HANDLE);
        (conformance ? answer_conformance_event : echo_event)(v, io, session, event);
        break;
    case SESSION_TEXT:
    case SESSION_BINARY:
        count_message(v);
        answer_message(v, io, session, event);
        break;
    case SESSION_JOINED:
        if (conformance)
            answer_join(v, io, session, event);
        break;
    case SESSION_LEFT:
        rooms_leave_namespace(&v->rooms, server_session_rooms(v, session), event->nsp);
        break;
    case SESSION_HEARTBEAT:
        v->stats.heartbeats++;
        break;
    case SESSION_ACK: /* the server asks for none */
    case SESSION_NOTHING:
    case SESSION_HEADER:
    case SESSION_OPENED:
    case SESSION_REFUSED:
        break;
    }
}
