#include "conn/assemble.h"

#include "base/base64.h"
#include "base/status.h"
#include "conn/conn_state.h"

/* Room for all parts of a packet whose lengths are not known beforehand. */
#define PARTS_HEADROOM ((size_t)(2 + ATTACHMENTS_MAX) * HOLD_HEADROOM)

/* CONN_FRAMES: a short frame that is cut by a read is held until it is whole. */
static void take_frame_part(struct conn *c, const struct websocket_event *data,
                            struct conn_event *event)
{
    bool cut = data->frame_first && !data->frame_last;
    event->kind = CONN_DATA;
    event->data = *data;
    if (cut && data->frame_length <= ECHO_WHOLE) {
        c->frame_held = true;
        c->frame_opens = data->message_first;
        conn_state_ask(c, event, (size_t)data->frame_length, span_of(data->ptr, data->len));
        return;
    }
    if (!c->frame_held)
        return;
    hold_add(&c->hold, data->ptr, data->len);
    if (!data->frame_last) {
        event->kind = CONN_NOTHING;
        return;
    }
    struct span whole = hold_part(&c->hold);
    event->data.ptr = c->hold.ptr + c->hold.start;
    event->data.len = whole.len;
    event->data.frame_first = true;
    event->data.message_first = c->frame_opens;
    c->frame_held = false;
    c->hold.over = true;
}

/* Is no attachment of a packet awaited? */
static bool is_between_packets(const struct conn *c)
{
    return c->session == NULL || c->session->parts_due == 0;
}

/* Counts the declared length, so that a packet that is too big fails at its frame's head. */
static int check_length(struct conn *c, const struct conn_io *io,
                        const struct websocket_event *data)
{
    if (data->message_first && is_between_packets(c))
        c->message_bytes = 0;
    if (data->frame_first)
        c->message_bytes += data->frame_length;
    return c->message_bytes > io->config->session.max_payload ? STATUS_TOO_BIG : STATUS_OK;
}

/* CONN_WHOLE: what does not lie whole in what was received is held. */
static void take_whole_part(struct conn *c, const struct conn_io *io,
                            const struct websocket_event *data, struct conn_event *event)
{
    struct span part = span_of(data->ptr, data->len);
    int status = check_length(c, io, data);
    event->kind = CONN_NOTHING;
    if (status == STATUS_OK && c->hold.ptr != NULL && !hold_add(&c->hold, data->ptr, data->len))
        status = STATUS_TOO_BIG;
    if (status < 0) {
        conn_fail(c, io, status, event);
        return;
    }
    if (!data->message_last) {
        if (c->hold.ptr == NULL)
            conn_state_ask(c, event,
                           data->fin ? (size_t)data->frame_length : io->config->session.max_payload,
                           part);
        return;
    }
    event->kind = CONN_DATA;
    event->data = *data;
    if (c->hold.ptr == NULL)
        return;
    event->data.ptr = c->hold.ptr + c->hold.start;
    event->data.len = hold_part(&c->hold).len;
    c->hold.over = true;
}

/* How much memory the packet that begins with this part may need. The length of a text in one
 * frame shows it, unless it announces attachments (Engine.IO '4', Socket.IO '5' or '6'), or is cut
 * before that can be seen. */
static size_t count_bytes_needed(const struct conn_io *io, const struct websocket_event *data)
{
    bool plain = data->fin && data->len >= 2 &&
                 !(data->ptr[0] == '4' && (data->ptr[1] == '5' || data->ptr[1] == '6'));
    if (plain)
        return (size_t)data->frame_length;
    return io->config->session.max_payload + PARTS_HEADROOM;
}

static void deliver_text(struct conn *c, const struct conn_io *io, struct span text,
                         struct conn_event *event)
{
    uint8_t answer[WS_HEAD_MAX + WS_CONTROL_MAX + 1];
    struct buf aside = buf_over(answer, sizeof answer);
    struct session_io sio = conn_state_session_io(io);
    if (c->mid_frame) /* a heartbeat is all that a client's session answers by then */
        sio.out = &aside;
    int status = session_feed(c->session, &sio, text, &event->session);
    c->beat_owed = c->beat_owed || aside.len > 0;
    if (status < 0) {
        conn_fail(c, io, status, event);
        return;
    }
    event->kind = event->session.kind == SESSION_NOTHING ? CONN_NOTHING : CONN_SESSION;
    if (event->session.kind != SESSION_HEADER)
        return;
    event->kind = CONN_NOTHING;
    if (c->hold.ptr == NULL)
        conn_state_ask(c, event, io->config->session.max_payload + PARTS_HEADROOM, text);
}

static void deliver_binary(struct conn *c, const struct conn_io *io, struct span data,
                           struct conn_event *event)
{
    int status = session_feed_binary(c->session, data, &event->session);
    if (status < 0)
        conn_fail(c, io, status, event);
    else
        event->kind = CONN_SESSION;
}

/* Is it the text of a binary packet: `b` and base64, as from socket.io-client with forceBase64? */
static bool is_base64(const uint8_t *text, size_t len)
{
    return len > 0 && text[0] == 'b';
}

/* Decodes such a text to where it begins, which has room, as the bytes are fewer. */
static int decode_text(uint8_t *text, size_t len, struct span *data)
{
    struct buf to = buf_over(text, len);
    int status = base64_decode(&to, span_of(text + 1, len - 1));
    *data = buf_span(&to);
    return status < 0 ? STATUS_EIO_PACKET : STATUS_OK;
}

/* The last part of what is held is a whole binary packet. */
static void deliver_held_binary(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    struct session_io sio = conn_state_session_io(io);
    struct span part = hold_part(&c->hold);
    if (c->session->bare) {
        c->hold.over = true;
        deliver_binary(c, io, part, event);
        return;
    }
    int status = session_feed_part(c->session, &sio, c->hold.ptr, part.len, &event->session);
    if (status < 0) {
        conn_fail(c, io, status, event);
        return;
    }
    event->kind = event->session.kind == SESSION_NOTHING ? CONN_NOTHING : CONN_SESSION;
    c->hold.over = event->session.kind != SESSION_NOTHING;
}

static void deliver_held_base64(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    struct span data;
    int status = decode_text(c->hold.ptr + c->hold.start, c->hold.len - c->hold.start, &data);
    if (status < 0) {
        conn_fail(c, io, status, event);
        return;
    }
    c->hold.len = c->hold.start + data.len;
    deliver_held_binary(c, io, event);
}

static void deliver_held_text(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    bool beside = c->session->parts_due > 0; /* a heartbeat between a header and its attachments */
    struct span text = hold_part(&c->hold);
    if (is_base64(text.ptr, text.len)) {
        deliver_held_base64(c, io, event);
        return;
    }
    deliver_text(c, io, text, event);
    if (beside)
        hold_drop(&c->hold);
    else if (c->session->parts_due == 0)
        c->hold.over = true;
}

/* A text that lies whole in what was received. An attachment goes to its packet, which is held. */
static void deliver_whole_text(struct conn *c, const struct conn_io *io,
                               const struct websocket_event *text, struct conn_event *event)
{
    struct span data = span_of(text->ptr, text->len);
    bool base64 = is_base64(text->ptr, text->len);
    int status = base64 ? decode_text(text->ptr, text->len, &data) : STATUS_OK;
    if (status == STATUS_OK && base64 && !c->session->bare &&
        (!hold_next(&c->hold) || !hold_add(&c->hold, data.ptr, data.len)))
        status = STATUS_TOO_BIG;
    if (status < 0)
        conn_fail(c, io, status, event);
    else if (!base64)
        deliver_text(c, io, data, event);
    else if (c->session->bare)
        deliver_binary(c, io, data, event);
    else
        deliver_held_binary(c, io, event);
}

static int check_message(struct conn *c, const struct conn_io *io,
                         const struct websocket_event *data)
{
    int status = check_length(c, io, data);
    bool begun = c->session->parts_due > 0 && c->hold.ptr != NULL; /* its header is held here */
    bool binary =
        data->opcode == WS_BINARY || (data->message_first && is_base64(data->ptr, data->len));
    bool unasked = binary && !begun && !c->session->bare;
    return status == STATUS_OK && unasked ? STATUS_SIO_ATTACHMENT : status;
}

int assemble_head(const struct conn *c, const struct conn_io *io)
{
    const struct websocket *w = &c->ws;
    bool limited = c->mode == CONN_MESSAGES || c->mode == CONN_WHOLE;
    if (!limited || !w->in_frame || ws_is_control(w->head.opcode))
        return STATUS_OK;
    bool fresh = w->message == 0 && is_between_packets(c);
    uint64_t before = fresh ? 0 : c->message_bytes;
    return before + w->head.length > io->config->session.max_payload ? STATUS_TOO_BIG : STATUS_OK;
}

/* CONN_MESSAGES: whole packets for the session, in place if they lie whole in what was received. */
static void take_message_part(struct conn *c, const struct conn_io *io,
                              const struct websocket_event *data, struct conn_event *event)
{
    struct span part = span_of(data->ptr, data->len);
    event->kind = CONN_NOTHING;
    int status = check_message(c, io, data);
    if (status < 0) {
        conn_fail(c, io, status, event);
        return;
    }
    if (data->opcode == WS_TEXT && data->message_first && data->message_last) {
        deliver_whole_text(c, io, data, event);
        return;
    }
    if (c->session->bare && data->message_first && data->message_last) {
        deliver_binary(c, io, part, event);
        return;
    }
    if (c->hold.ptr == NULL) {
        conn_state_ask(c, event, count_bytes_needed(io, data), part);
        return;
    }
    if ((data->message_first && !hold_next(&c->hold)) ||
        !hold_add(&c->hold, data->ptr, data->len)) {
        conn_fail(c, io, STATUS_TOO_BIG, event);
        return;
    }
    if (!data->message_last)
        return;
    if (data->opcode == WS_TEXT)
        deliver_held_text(c, io, event);
    else
        deliver_held_binary(c, io, event);
}

void assemble_part(struct conn *c, const struct conn_io *io, const struct websocket_event *data,
                   struct conn_event *event)
{
    switch (c->mode) {
    case CONN_PARTS:
        event->kind = CONN_DATA;
        event->data = *data;
        break;
    case CONN_FRAMES:
        take_frame_part(c, data, event);
        break;
    case CONN_WHOLE:
        take_whole_part(c, io, data, event);
        break;
    case CONN_MESSAGES:
        take_message_part(c, io, data, event);
        break;
    }
}
