#include "conn/echo.h"

#include <string.h>

#include "base/status.h"
#include "codec/ws.h"

/* Like buf_put_span, but the span may lie behind the end of the buffer, in the same memory. */
static void move_down(struct buf *out, struct span s)
{
    if (out->full || buf_room(out) < s.len) {
        out->full = true;
        return;
    }
    if (s.len > 0)
        memmove(out->ptr + out->len, s.ptr, s.len);
    out->len += s.len;
}

static void put_frame_head(struct buf *out, uint8_t opcode, size_t length)
{
    uint8_t head[WS_HEAD_MAX];
    buf_put(out, head, ws_head_write(head, true, opcode, length, NULL));
}

void echo_make(struct echo *echo, const struct session_config *config,
               const struct session_event *event, struct span name)
{
    const struct sio_packet *p = &event->packet;
    struct buf head = buf_over(echo->head, sizeof echo->head);
    bool binary = event->attachments > 0;
    bool same = !p->has_id && name.ptr == NULL;
    enum sio_type ack = binary ? SIO_BINARY_ACK : SIO_ACK;
    enum sio_type plain = binary ? SIO_BINARY_EVENT : SIO_EVENT;
    sio_head_put(&head, p->has_id ? ack : plain, event->attachments,
                 span_text(config->namespaces[event->nsp]), p->has_id, p->id);
    if (!same)
        buf_put_byte(&head, '[');
    if (!same && !p->has_id) {
        buf_put_span(&head, name);
        if (p->args.len > 0)
            buf_put_byte(&head, ',');
    }
    echo->text[0] = buf_span(&head);
    echo->text[1] = same ? p->data.text : p->args;
    echo->text[2] = same ? span_of(NULL, 0) : SPAN("]");
}

static int put_polling(const struct session_io *io, const struct session_event *event,
                       const struct echo *echo)
{
    size_t before = io->out->len;
    size_t mark = session_begin(io);
    for (unsigned i = 0; i < ECHO_PIECES; i++)
        buf_put_span(io->out, echo->text[i]);
    int status = session_end(io, mark);
    for (unsigned i = 0; i < event->attachments && status == STATUS_OK; i++)
        status = session_put_binary(io, event->attachment[i]);
    if (status < 0)
        io->out->len = before;
    return status;
}

int echo_put(const struct session_io *io, const struct session_event *event, struct span name)
{
    /* Made apart, since what it is made from may be overwritten by it. */
    struct echo echo;
    echo_make(&echo, io->config, event, name);
    struct buf *out = io->out;
    size_t mark = out->len;
    if (io->polling)
        return put_polling(io, event, &echo);
    put_frame_head(out, WS_TEXT, echo.text[0].len + echo.text[1].len + echo.text[2].len);
    for (unsigned i = 0; i < ECHO_PIECES; i++)
        move_down(out, echo.text[i]);
    for (unsigned i = 0; i < event->attachments; i++) {
        put_frame_head(out, WS_BINARY, event->attachment[i].len);
        move_down(out, event->attachment[i]);
    }
    return buf_finish(out, mark);
}

int echo_put_message(const struct session_io *io, const struct session_event *event)
{
    struct buf *out = io->out;
    bool text = event->kind == SESSION_TEXT;
    if (io->polling && !text)
        return session_put_binary(io, event->message);
    if (io->polling) {
        size_t begun = session_begin(io);
        buf_put_byte(out, '4');
        buf_put_span(out, event->message);
        return session_end(io, begun);
    }
    size_t mark = out->len;
    put_frame_head(out, text ? WS_TEXT : WS_BINARY, event->message.len + (text ? 1 : 0));
    if (text)
        buf_put_byte(out, '4');
    move_down(out, event->message);
    return buf_finish(out, mark);
}
