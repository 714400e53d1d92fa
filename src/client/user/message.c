#include "client/user/message.h"

#include <string.h>

#include "base/base64.h"
#include "base/status.h"
#include "codec/sio.h"
#include "codec/ws.h"
#include "conn/websocket.h"

/* ---- Out --------------------------------------------------------------------------------- */

#define PLACEHOLDER "{\"_placeholder\":true,\"num\":0}"

/* The payload stands as a string in a Socket.IO text; else it is sent as it is. */
static bool is_quoted(const struct message_form *form)
{
    return form->kind == TARGET_SIO && !form->binary;
}

/* What stands before the payload of a Socket.IO text, or, for an attachment, the whole text. */
static struct span make_prefix(const struct message_out *m, const struct message_form *form,
                               uint8_t out[MESSAGE_PREFIX_MAX])
{
    struct buf b = buf_over(out, MESSAGE_PREFIX_MAX);
    if (form->kind != TARGET_SIO)
        return span_of(out, 0);
    sio_head_put(&b, form->binary ? SIO_BINARY_EVENT : SIO_EVENT, form->binary ? 1 : 0, form->nsp,
                 m->ack, m->id.sequence);
    buf_put_byte(&b, '[');
    buf_put_span(&b, form->event);
    buf_put_text(&b, form->binary ? "," PLACEHOLDER "]" : ",\"");
    return buf_span(&b);
}

void message_begin(struct message_out *m, const struct message_form *form, struct payload_id id,
                   bool ack)
{
    uint8_t prefix[MESSAGE_PREFIX_MAX];
    *m = (struct message_out){.active = true, .ack = ack, .id = id, .length = form->encoded.size};
    if (is_quoted(form))
        m->length += make_prefix(m, form, prefix).len + 2;
}

/* The first bytes: head of the frame, and everything before the payload. They are short, and put
 * whole. */
static void put_start(struct message_out *m, const struct message_form *form, struct buf *out,
                      struct random *random)
{
    uint8_t bytes[MESSAGE_PREFIX_MAX];
    uint8_t head[WS_HEAD_MAX];
    struct span prefix = make_prefix(m, form, bytes);
    if (form->kind == TARGET_TCP)
        return;
    if (form->kind == TARGET_SIO && form->binary)
        websocket_put(out, WS_TEXT, prefix, random);
    random_bytes(random, m->key, sizeof m->key);
    uint8_t opcode = form->binary ? WS_BINARY : WS_TEXT;
    buf_put(out, head, ws_head_write(head, true, opcode, m->length, m->key));
    if (!is_quoted(form))
        return;
    ws_mask(bytes, prefix.len, m->key, 0);
    buf_put_span(out, prefix);
    m->done = prefix.len;
}

static void put_piece(struct message_out *m, const struct message_form *form, struct buf *out,
                      size_t len)
{
    size_t before = is_quoted(form) ? (size_t)(m->length - 2 - form->encoded.size) : 0;
    uint8_t *at = out->ptr + out->len;
    payload_fill(&form->encoded, m->id, (size_t)m->done - before, at, len);
    if (form->kind != TARGET_TCP)
        ws_mask(at, len, m->key, m->done);
    out->len += len;
    m->done += len;
}

static void put_end(struct message_out *m, struct buf *out)
{
    uint8_t end[2] = {'"', ']'};
    ws_mask(end, sizeof end, m->key, m->done);
    buf_put(out, end, sizeof end);
    m->done += sizeof end;
}

bool message_put(struct message_out *m, const struct message_form *form, struct buf *out,
                 struct random *random)
{
    uint64_t end = is_quoted(form) ? 2 : 0;
    if (buf_room(out) < MESSAGE_ROOM_MIN)
        return false;
    if (m->done == 0)
        put_start(m, form, out, random);
    uint64_t rest = m->length - end > m->done ? m->length - end - m->done : 0;
    size_t room = buf_room(out);
    put_piece(m, form, out, rest < room ? (size_t)rest : room);
    if (m->done < m->length - end || buf_room(out) < end)
        return false;
    if (end > 0)
        put_end(m, out);
    m->active = false;
    return true;
}

/* ---- Out, in the body of a POST ---------------------------------------------------------- */

#define BASE64_PIECE 384 /* bytes at a time, whole groups of three */

static_assert(MESSAGE_ROOM_MIN > MESSAGE_PREFIX_MAX + 2 + BASE64_LENGTH(BASE64_PIECE),
              "behind the prefix there is room for a piece");

unsigned message_joined_packets(const struct message_form *form)
{
    return form->binary ? 2 : 1;
}

size_t message_joined_length(const struct message_form *form, uint64_t sequence, bool ack)
{
    uint8_t bytes[MESSAGE_PREFIX_MAX];
    struct message_out m = {.id.sequence = sequence, .ack = ack};
    size_t prefix = make_prefix(&m, form, bytes).len;
    return prefix + (form->binary ? 2 + BASE64_LENGTH(form->encoded.size) : form->encoded.size + 2);
}

static void put_base64_piece(struct message_out *m, const struct message_form *form,
                             struct buf *out)
{
    uint8_t raw[BASE64_PIECE];
    uint64_t rest = form->encoded.size - m->done;
    size_t len = rest < sizeof raw ? (size_t)rest : sizeof raw;
    payload_fill(&form->encoded, m->id, (size_t)m->done, raw, len);
    base64_put(out, span_of(raw, len));
    m->done += len;
}

static void put_plain_piece(struct message_out *m, const struct message_form *form, struct buf *out)
{
    uint64_t rest = form->encoded.size - m->done;
    size_t len = rest < buf_room(out) ? (size_t)rest : buf_room(out);
    payload_fill(&form->encoded, m->id, (size_t)m->done, out->ptr + out->len, len);
    out->len += len;
    m->done += len;
}

/* Here `done` counts bytes of the payload only: there are some in each piece, so 0 is the start. */
bool message_put_joined(struct message_out *m, const struct message_form *form, struct buf *out)
{
    uint8_t prefix[MESSAGE_PREFIX_MAX];
    if (buf_room(out) < MESSAGE_ROOM_MIN)
        return false;
    if (m->done == 0) {
        buf_put_span(out, make_prefix(m, form, prefix));
        if (form->binary) {
            buf_put_byte(out, EIO_SEPARATOR);
            buf_put_byte(out, 'b');
        }
    }
    while (m->done < form->encoded.size && buf_room(out) > BASE64_LENGTH(BASE64_PIECE)) {
        if (form->binary)
            put_base64_piece(m, form, out);
        else
            put_plain_piece(m, form, out);
    }
    if (m->done < form->encoded.size || buf_room(out) < 2)
        return false;
    buf_put_text(out, form->binary ? "" : "\"]");
    m->active = false;
    return true;
}

uint32_t message_frame_size(const struct message_form *form, bool masked)
{
    size_t size = form->plain.size;
    if (form->kind == TARGET_SIO)
        return 0;
    return (uint32_t)(form->kind == TARGET_TCP ? size : size + ws_head_length(size, masked));
}

/* ---- In ---------------------------------------------------------------------------------- */

static void match_piece(struct message_in *in, const struct message_form *form,
                        struct payload_id id, struct span data)
{
    if (!in->wrong && !form->any && data.len > 0)
        in->wrong = in->offset > form->plain.size ||
                    !payload_match(&form->plain, id, (size_t)in->offset, data.ptr, data.len);
    in->offset += data.len;
}

static enum message_reply finish_reply(struct message_in *in)
{
    enum message_reply reply = in->wrong ? MESSAGE_WRONG : MESSAGE_RIGHT;
    *in = (struct message_in){0};
    return reply;
}

size_t message_match_raw(struct message_in *in, const struct message_form *form,
                         struct payload_id id, struct span data, enum message_reply *reply)
{
    uint64_t rest = form->plain.size - in->offset;
    size_t used = rest < data.len ? (size_t)rest : data.len;
    match_piece(in, form, id, span_of(data.ptr, used));
    *reply = in->offset == form->plain.size ? finish_reply(in) : MESSAGE_NONE;
    return used;
}

enum message_reply message_match_part(struct message_in *in, const struct message_form *form,
                                      struct payload_id id, const struct websocket_event *part)
{
    uint8_t opcode = form->binary ? WS_BINARY : WS_TEXT;
    if (!form->any && part->opcode != opcode)
        in->wrong = true;
    match_piece(in, form, id, span_of(part->ptr, part->len));
    if (!part->message_last)
        return MESSAGE_NONE;
    if (!form->any && in->offset != form->plain.size)
        in->wrong = true;
    return finish_reply(in);
}

size_t message_take_identity(struct message_in *in, struct span data)
{
    if (in->offset >= PAYLOAD_IDENTITY_BYTES)
        return 0;
    size_t rest = PAYLOAD_IDENTITY_BYTES - (size_t)in->offset;
    size_t used = data.len < rest ? data.len : rest;
    memcpy(in->identity + in->offset, data.ptr, used);
    in->offset += used;
    return used;
}

bool message_is_reply(const struct message_form *form, const struct session_event *event)
{
    if (event->kind == SESSION_ACK)
        return true;
    return event->kind == SESSION_EVENT && event->packet.name.type == JSON_STRING &&
           json_string_equal(&event->packet.name, form->reply_event);
}

static bool find_text(const struct message_form *form, const struct json *argument,
                      struct span *payload)
{
    if (argument->type != JSON_STRING)
        return false;
    *payload = span_of(argument->text.ptr + 1, argument->text.len - 2);
    if (payload->len == 0 || memchr(payload->ptr, '\\', payload->len) == NULL)
        return true;
    struct buf plain = buf_over(form->scratch, form->plain.size);
    if (json_string_copy(argument, &plain) != STATUS_OK)
        return false;
    *payload = buf_span(&plain);
    return true;
}

bool message_find_payload(const struct message_form *form, const struct session_event *event,
                          struct span *payload)
{
    struct json argument;
    struct json_walk walk = json_walk(&event->data);
    if (event->kind == SESSION_EVENT)
        json_next(&walk, NULL, &argument); /* the name */
    if (!json_next(&walk, NULL, &argument) || event->attachments != (form->binary ? 1 : 0))
        return false;
    if (!form->binary)
        return find_text(form, &argument, payload);
    *payload = span_of(event->attachment[0].ptr, event->attachment[0].len);
    return true;
}

enum message_reply message_match_event(const struct message_form *form, struct payload_id id,
                                       const struct session_event *event)
{
    struct span payload;
    if (form->any)
        return MESSAGE_RIGHT;
    bool equal = message_find_payload(form, event, &payload) && payload.len == form->plain.size &&
                 payload_match(&form->plain, id, 0, payload.ptr, payload.len);
    return equal ? MESSAGE_RIGHT : MESSAGE_WRONG;
}
