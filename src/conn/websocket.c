#include "conn/websocket.h"

#include <string.h>

#include "base/status.h"

/* Section 5.4: a continuation needs a message in progress, a start needs none. */
static int check_sequence(const struct websocket *w)
{
    bool continues = w->head.opcode == WS_CONTINUATION;
    if (ws_is_control(w->head.opcode) || continues == (w->message != 0))
        return STATUS_OK;
    return STATUS_WS_SEQUENCE;
}

/* Collects a head that a read may have cut anywhere. Returns bytes used of data; in_frame is
 * set when the head is whole. */
static int feed_head(struct websocket *w, const uint8_t *data, size_t len)
{
    size_t kept = w->spill_len;
    size_t take = sizeof w->spill - kept < len ? sizeof w->spill - kept : len;
    struct span in = span_of(data, len);
    if (kept > 0) {
        memcpy(w->spill + kept, data, take);
        in = span_of(w->spill, kept + take);
    }
    int used = ws_head_parse(in, !w->client, &w->head);
    if (used < 0)
        return used;
    if (used == 0) {
        if (kept == 0)
            memcpy(w->spill, data, take);
        w->spill_len = (uint8_t)(kept + take);
        return (int)take;
    }
    int status = check_sequence(w);
    if (status < 0)
        return status;
    w->spill_len = 0;
    w->in_frame = true;
    w->done = 0;
    return used - (int)kept;
}

/* Section 5.5.1 and 7.4: no body, or a valid code and UTF-8 behind it. */
static int close_read(struct websocket *w, struct websocket_event *event)
{
    size_t len = (size_t)w->head.length;
    struct utf8 utf8 = {0};
    event->kind = WEBSOCKET_CLOSE;
    event->code = 1005;
    if (len == 0)
        return STATUS_OK;
    if (len == 1)
        return STATUS_WS_CLOSE_LENGTH;
    event->code = bytes_get_u16(w->control);
    event->ptr = w->control + 2;
    event->len = len - 2;
    if (!ws_close_code_valid(event->code))
        return STATUS_WS_CLOSE_CODE;
    if (utf8_check(&utf8, span_of(event->ptr, event->len)) != event->len || !utf8_complete(&utf8))
        return STATUS_UTF8;
    return STATUS_OK;
}

/* A control frame is short: it is collected in the machine, so it may be cut anywhere. */
static int feed_control(struct websocket *w, const uint8_t *data, size_t len,
                        struct websocket_event *event)
{
    uint64_t rest = w->head.length - w->done;
    size_t take = rest < len ? (size_t)rest : len;
    if (take > 0)
        memcpy(w->control + w->done, data, take);
    w->done += take;
    if (w->done < w->head.length)
        return (int)take;
    w->in_frame = false;
    ws_mask(w->control, (size_t)w->head.length, w->head.key, 0);
    if (w->head.opcode == WS_CLOSE) {
        int status = close_read(w, event);
        return status < 0 ? status : (int)take;
    }
    event->kind = w->head.opcode == WS_PING ? WEBSOCKET_PING : WEBSOCKET_PONG;
    event->ptr = w->control;
    event->len = (size_t)w->head.length;
    return (int)take;
}

/* Section 8.1, and fail fast: a text is checked part by part and must end whole. */
static int check_text(struct websocket *w, const struct websocket_event *event)
{
    if (utf8_check(&w->utf8, span_of(event->ptr, event->len)) != event->len)
        return STATUS_UTF8;
    if (event->message_last && !utf8_complete(&w->utf8))
        return STATUS_UTF8;
    return STATUS_OK;
}

static int feed_data(struct websocket *w, uint8_t *data, size_t len, struct websocket_event *event)
{
    uint64_t rest = w->head.length - w->done;
    size_t take = rest < len ? (size_t)rest : len;
    event->kind = WEBSOCKET_DATA;
    event->ptr = data;
    event->len = take;
    event->frame_length = w->head.length;
    event->fin = w->head.fin;
    event->frame_first = w->done == 0;
    event->message_first = event->frame_first && w->message == 0;
    if (event->message_first) {
        w->message = w->head.opcode;
        memset(&w->utf8, 0, sizeof w->utf8);
    }
    event->opcode = w->message;
    if (w->head.masked)
        ws_mask(data, take, w->head.key, w->done);
    w->done += take;
    event->frame_last = w->done == w->head.length;
    event->message_last = event->frame_last && w->head.fin;
    if (w->message == WS_TEXT) {
        int status = check_text(w, event);
        if (status < 0)
            return status;
    }
    w->in_frame = !event->frame_last;
    if (event->message_last)
        w->message = 0;
    return (int)take;
}

int websocket_feed(struct websocket *w, uint8_t *data, size_t len, struct websocket_event *event)
{
    int used = 0;
    memset(event, 0, sizeof *event);
    if (!w->in_frame) {
        used = feed_head(w, data, len);
        if (used < 0 || !w->in_frame)
            return used;
        /* A payload that has not begun to arrive is waited for, an empty one is complete. */
        if ((size_t)used == len && w->head.length > 0)
            return used;
    }
    data += used;
    len -= (size_t)used;
    int more = ws_is_control(w->head.opcode) ? feed_control(w, data, len, event)
                                             : feed_data(w, data, len, event);
    return more < 0 ? more : used + more;
}

/* ---- Writing ----------------------------------------------------------------------------- */

/* Most frames are short: room is left for the short head, and a longer one moves the payload. */
size_t websocket_begin(struct buf *out, bool client)
{
    size_t mark = out->len;
    uint8_t gap[WS_HEAD_MAX] = {0};
    buf_put(out, gap, ws_head_length(0, client));
    return mark;
}

int websocket_end(struct buf *out, size_t mark, uint8_t opcode, struct random *random)
{
    uint8_t key[4];
    uint8_t head[WS_HEAD_MAX];
    if (out->full)
        return buf_finish(out, mark);
    size_t gap = ws_head_length(0, random != NULL);
    size_t length = out->len - mark - gap;
    if (random != NULL)
        random_bytes(random, key, sizeof key);
    size_t head_length = ws_head_write(head, true, opcode, length, random != NULL ? key : NULL);
    if (head_length - gap > buf_room(out)) {
        out->full = true;
        return buf_finish(out, mark);
    }
    if (head_length != gap)
        memmove(out->ptr + mark + head_length, out->ptr + mark + gap, length);
    memcpy(out->ptr + mark, head, head_length);
    if (random != NULL)
        ws_mask(out->ptr + mark + head_length, length, key, 0);
    out->len = mark + head_length + length;
    return STATUS_OK;
}

int websocket_put(struct buf *out, uint8_t opcode, struct span payload, struct random *random)
{
    uint8_t key[4];
    if (random != NULL)
        random_bytes(random, key, sizeof key);
    return ws_frame_put(out, true, opcode, payload, random != NULL ? key : NULL);
}

int websocket_put_close(struct buf *out, unsigned code, const char *reason, struct random *random)
{
    uint8_t body[WS_CONTROL_MAX];
    struct buf b = buf_over(body, sizeof body);
    if (code != 0) {
        uint8_t number[2];
        bytes_put_u16(number, (uint16_t)code);
        buf_put(&b, number, sizeof number);
        buf_put_text(&b, reason);
    }
    return websocket_put(out, WS_CLOSE, buf_span(&b), random);
}
