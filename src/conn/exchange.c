#include "conn/exchange.h"

#include <string.h>

#include "base/status.h"
#include "conn/conn_state.h"

#define REFUSAL_WAIT_NS UINT64_C(500000000) /* for the body of a refusal */

/* ---- Framing of a body ------------------------------------------------------------------- */

/* RFC 9112 section 6.3. Sets how the body ends. STATUS_OK, or STATUS_HTTP_BAD when the head
 * gives that twice, or in an unknown way. */
static int read_framing(struct conn *c, const struct http_head *head)
{
    size_t codings = http_header_count(head, "transfer-encoding");
    bool coded = codings > 0;
    memset(&c->chunked, 0, sizeof c->chunked);
    c->body_framing = CONN_BODY_NONE;
    int known = http_content_length(head, &c->body_left);
    if (known < 0 || (coded && known > 0) || codings > 1)
        return STATUS_HTTP_BAD;
    if (coded && !span_equal_nocase(http_header_find(head, "transfer-encoding"), "chunked"))
        return STATUS_HTTP_BAD;
    if (coded)
        c->body_framing = CONN_BODY_CHUNKED;
    else if (known > 0 && c->body_left > 0)
        c->body_framing = CONN_BODY_LENGTH;
    return STATUS_OK;
}

static bool stays_open(const struct http_head *head)
{
    return head->minor == 1 && !http_header_lists(head, "connection", "close");
}

/* ---- Heads ------------------------------------------------------------------------------- */

static void receive_request(struct conn *c, struct conn_event *event)
{
    /* A body that the application does not ask for is not read, and so ends the connection. */
    c->keep_alive = read_framing(c, &event->head) == STATUS_OK &&
                    c->body_framing == CONN_BODY_NONE && stays_open(&event->head);
    c->state = CONN_ANSWER;
    c->deadline = UINT64_MAX;
    event->kind = CONN_REQUEST;
}

void exchange_report_refusal(struct conn *c, const struct conn_io *io, struct span body,
                             struct conn_event *event)
{
    unsigned code = c->code;
    conn_fail(c, io, STATUS_HTTP_STATUS, event);
    event->code = code;
    event->part = body;
}

/* A body may say why, and mostly comes with the head or soon. */
static void receive_refusal(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    uint64_t until = io->now + REFUSAL_WAIT_NS;
    c->code = (unsigned)event->head.code;
    if (read_framing(c, &event->head) < 0 || c->body_framing == CONN_BODY_NONE) {
        exchange_report_refusal(c, io, span_of(NULL, 0), event);
        return;
    }
    c->state = CONN_BODY;
    c->deadline = c->deadline < until ? c->deadline : until;
}

static void receive_upgrade(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    if (event->head.code < 200 && event->head.code != 101)
        return; /* an interim response: the real one follows */
    int status = handshake_verify(&event->head, io->config->request, c->key);
    if (status == STATUS_HTTP_STATUS) {
        receive_refusal(c, io, event);
        return;
    }
    if (status < 0) {
        unsigned code = (unsigned)event->head.code;
        conn_fail(c, io, status, event);
        event->code = code;
        return;
    }
    c->ws = (struct websocket){.client = true};
    c->state = CONN_WEBSOCKET;
    c->deadline = UINT64_MAX;
    event->kind = CONN_UPGRADED;
}

static void report_response(struct conn *c, struct span body, struct conn_event *event)
{
    event->kind = CONN_RESPONSE;
    event->code = c->code;
    event->part = body;
    c->hold.over = true;
    c->state = c->keep_alive ? CONN_IDLE : CONN_CLOSED;
    c->ending = c->keep_alive ? CONN_STAYS : CONN_ENDS;
    c->deadline = UINT64_MAX;
}

static void receive_response(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    const struct http_head *head = &event->head;
    if (head->code < 200)
        return; /* an interim response: the real one follows */
    if (read_framing(c, head) < 0) {
        conn_fail(c, io, STATUS_HTTP_BAD, event);
        return;
    }
    c->code = (unsigned)head->code;
    c->keep_alive = stays_open(head);
    c->body_limit = io->config->session.max_payload;
    bool empty =
        head->code == 204 || head->code == 304 || http_header_count(head, "content-length") > 0;
    if (c->body_framing == CONN_BODY_NONE && !empty) {
        c->body_framing = CONN_BODY_TO_END;
        c->keep_alive = false;
    }
    if (c->body_framing == CONN_BODY_NONE)
        report_response(c, span_of(NULL, 0), event);
    else if (c->body_framing == CONN_BODY_LENGTH && c->body_left > c->body_limit)
        conn_fail(c, io, STATUS_TOO_BIG, event);
    else
        c->state = CONN_BODY;
}

/* A head is parsed where it lies; one that a read has cut is collected first. */
size_t exchange_feed_head(struct conn *c, const struct conn_io *io, uint8_t *data, size_t len,
                          struct conn_event *event)
{
    struct span in = span_of(data, len);
    size_t kept = 0;
    if (c->hold.ptr != NULL) {
        kept = hold_part(&c->hold).len;
        size_t room = io->config->max_head - kept;
        len = len < room ? len : room;
        hold_add(&c->hold, data, len);
        in = hold_part(&c->hold);
    }
    int used = io->config->client ? http_response_parse(in, &event->head)
                                  : http_request_parse(in, &event->head);
    size_t seen = used > 0 ? (size_t)used : in.len;
    if (used == 0 && seen >= io->config->max_head)
        used = STATUS_HTTP_TOO_LARGE;
    if (used < 0 || seen > io->config->max_head) {
        conn_fail(c, io, used < 0 ? used : STATUS_HTTP_TOO_LARGE, event);
        return len;
    }
    if (used == 0) {
        if (kept > 0)
            return len;
        if (c->keep_alive && !io->config->client) /* the time before a request does not count */
            c->deadline = io->now + io->config->handshake_timeout;
        conn_state_ask(c, event, io->config->max_head, in);
        return len;
    }
    c->hold.over = true;
    if (!io->config->client)
        receive_request(c, event);
    else if (c->upgrading)
        receive_upgrade(c, io, event);
    else
        receive_response(c, io, event);
    return (size_t)used - kept;
}

/* ---- Bodies ------------------------------------------------------------------------------ */

int exchange_accept_body(struct conn *c, const struct conn_io *io, const struct http_head *head,
                         size_t limit, size_t spare)
{
    if (read_framing(c, head) < 0)
        return STATUS_HTTP_BAD;
    if (c->body_framing == CONN_BODY_LENGTH && c->body_left > limit)
        return STATUS_TOO_BIG;
    c->keep_alive = stays_open(head);
    if (c->body_framing == CONN_BODY_NONE)
        return 0;
    c->body_limit = limit;
    c->body_spare = spare;
    c->state = CONN_BODY;
    c->deadline = io->now + io->config->message_timeout;
    if (http_header_lists(head, "expect", "100-continue"))
        buf_put_text(io->out, "HTTP/1.1 100 Continue\r\n\r\n");
    return 1;
}

static void report_body(struct conn *c, const struct conn_io *io, struct span body,
                        struct conn_event *event)
{
    if (io->config->client) {
        report_response(c, body, event);
        return;
    }
    event->kind = CONN_BODY_WHOLE;
    event->status = STATUS_OK;
    event->part = body;
    c->hold.over = c->hold.ptr != NULL;
    c->state = CONN_ANSWER;
    c->deadline = UINT64_MAX;
}

/* A server lets the application answer; what else comes of the body is dropped behind that. */
static void refuse_body(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    if (io->config->client) {
        conn_fail(c, io, STATUS_TOO_BIG, event);
        return;
    }
    report_body(c, io, span_of(NULL, 0), event);
    event->status = STATUS_TOO_BIG;
    c->keep_alive = false;
}

/* More of the body, which is not the last of it. */
static void keep_body(struct conn *c, const struct conn_io *io, struct span piece,
                      struct conn_event *event)
{
    uint64_t wanted =
        c->body_framing == CONN_BODY_LENGTH ? c->body_left + piece.len : c->body_limit;
    if (c->hold.ptr != NULL) {
        if (hold_part(&c->hold).len + piece.len > c->body_limit ||
            !hold_add(&c->hold, piece.ptr, piece.len))
            refuse_body(c, io, event);
    } else if (piece.len > c->body_limit) {
        refuse_body(c, io, event);
    } else if (piece.len > 0) {
        conn_state_ask(c, event, (size_t)wanted + c->body_spare, piece);
    }
}

static void finish_body(struct conn *c, const struct conn_io *io, struct span piece,
                        struct conn_event *event)
{
    bool held = c->hold.ptr != NULL;
    size_t before = held ? hold_part(&c->hold).len : 0;
    if (before + piece.len > c->body_limit || (held && !hold_add(&c->hold, piece.ptr, piece.len)))
        refuse_body(c, io, event);
    else
        report_body(c, io, held ? hold_part(&c->hold) : piece, event);
}

static size_t feed_chunked(struct conn *c, const struct conn_io *io, uint8_t *data, size_t len,
                           struct conn_event *event)
{
    size_t decoded;
    int used = chunked_feed(&c->chunked, data, len, &decoded);
    if (used < 0) {
        conn_fail(c, io, used, event);
        return len;
    }
    if (c->chunked.done)
        finish_body(c, io, span_of(data, decoded), event);
    else
        keep_body(c, io, span_of(data, decoded), event);
    return (size_t)used;
}

size_t exchange_feed_body(struct conn *c, const struct conn_io *io, uint8_t *data, size_t len,
                          struct conn_event *event)
{
    if (c->body_framing == CONN_BODY_CHUNKED)
        return feed_chunked(c, io, data, len, event);
    if (c->body_framing == CONN_BODY_LENGTH) {
        size_t take = c->body_left < len ? (size_t)c->body_left : len;
        c->body_left -= take;
        if (c->body_left == 0)
            finish_body(c, io, span_of(data, take), event);
        else
            keep_body(c, io, span_of(data, take), event);
        return take;
    }
    keep_body(c, io, span_of(data, len), event);
    return len;
}

bool exchange_feed_end(struct conn *c, struct conn_event *event)
{
    if (c->state != CONN_BODY || c->body_framing != CONN_BODY_TO_END)
        return false;
    report_response(c, c->hold.ptr != NULL ? hold_part(&c->hold) : span_of(NULL, 0), event);
    return true;
}
