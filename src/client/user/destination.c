#include "client/user/destination.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "codec/json.h"

/* A peer may escape every byte of a text (\u00XX), and adds names and brackets. */
#define ESCAPE_FACTOR 6

/* Bytes of a poll beside the payload of each packet in it, and what we take at the most. */
#define PACKET_BYTES 96
#define BODY_MAX     MESSAGE_LIMIT_MAX

size_t destination_message_bytes(const struct client_options *options)
{
    return options->payload.size * ESCAPE_FACTOR + 2 * (size_t)MESSAGE_PREFIX_MAX + 65536;
}

/* The largest number of messages that a poll may answer at once. */
static uint32_t find_depth(const struct client_options *options)
{
    switch (options->scenario) {
    case CLIENT_COMPARE:
    case CLIENT_SEND:
        return DEPTH_MAX + 1;
    case CLIENT_ROUNDTRIP:
    case CLIENT_RATE:
        return options->depth;
    default:
        return 1;
    }
}

size_t destination_body_bytes(const struct client_options *options)
{
    size_t least = destination_message_bytes(options);
    uint64_t each = (uint64_t)options->payload.size * ESCAPE_FACTOR + PACKET_BYTES +
                    strlen(options->reply_event);
    uint64_t most = each * find_depth(options);
    most = most < BODY_MAX ? most : BODY_MAX;
    return most > least ? (size_t)most : least;
}

size_t destination_memory(const struct client_options *options)
{
    return options->payload.size * (ESCAPE_FACTOR + 1) + 2;
}

static struct span take_text(const struct buf *text, size_t mark)
{
    return span_of(text->ptr + mark, text->len - mark);
}

static struct span make_host(struct buf *text, const struct target *target)
{
    size_t mark = text->len;
    target_put_authority(target, text);
    return take_text(text, mark);
}

static struct span make_path(struct buf *text, const struct target *target,
                             const struct client_options *options, const char *transport)
{
    size_t mark = text->len;
    buf_put_text(text, options->socketio_path);
    buf_put_byte(text, '?');
    if (target->query.len > 0) {
        buf_put_span(text, target->query);
        buf_put_byte(text, '&');
    }
    buf_put_text(text, "EIO=4&transport=");
    buf_put_text(text, transport);
    return take_text(text, mark);
}

static struct span make_headers(struct buf *text, const struct client_options *options)
{
    size_t mark = text->len;
    for (uint32_t i = 0; i < options->headers.count; i++) {
        buf_put_text(text, options->headers.item[i]);
        buf_put_text(text, "\r\n");
    }
    return take_text(text, mark);
}

static struct span take_optional(const char *text)
{
    return text != NULL ? span_text(text) : span_of(NULL, 0);
}

/* The text of a payload as it stands between the quotes of a JSON string. */
static void escape_payload(struct message_form *form, uint8_t *memory, size_t cap)
{
    struct buf b = buf_over(memory, cap);
    json_put_string(&b, span_of(form->plain.text, form->plain.size));
    form->encoded.text = (const char *)memory + 1;
    form->encoded.size = b.len - 2;
}

static void make_form(struct destination *d, const struct client_options *options, struct buf *text,
                      uint8_t *memory)
{
    struct message_form *form = &d->form;
    size_t size = options->payload.size;
    form->kind = d->target->kind;
    form->binary = options->payload.binary;
    form->ack = options->ack && form->kind == TARGET_SIO;
    form->any = options->match == CLIENT_MATCH_ANY;
    form->picked = options->ignore_unexpected && form->kind != TARGET_TCP;
    form->plain = form->encoded = options->payload;
    if (form->kind != TARGET_SIO)
        return;
    size_t mark = text->len;
    json_put_string(text, span_text(options->event));
    form->event = take_text(text, mark);
    form->reply_event = span_text(options->reply_event);
    form->nsp = d->target->path;
    form->scratch = memory;
    if (form->plain.text != NULL && !form->binary)
        escape_payload(form, memory + size, size * ESCAPE_FACTOR + 2);
}

static void make_session(struct destination *d, const struct client_options *options)
{
    struct session_config *session = &d->conn.session;
    session->client = true;
    session->max_payload = d->target->transport == TARGET_WEBSOCKET
                               ? destination_message_bytes(options)
                               : destination_body_bytes(options);
    session->auth = take_optional(options->auth);
    session->namespace_count = d->target->kind == TARGET_SIO ? 1 : 0;
    span_copy_text(d->target->path, session->namespaces[0], NAMESPACE_NAME_MAX);
}

int destination_make(struct destination *d, const struct target *target,
                     const struct client_options *options, uint8_t *memory)
{
    struct buf text = buf_over(d->text, sizeof d->text);
    d->target = target;
    d->conn.client = true;
    d->conn.max_head = HEAD_LIMIT_MAX;
    d->conn.handshake_timeout = options->timeout_ns;
    d->conn.message_timeout = options->timeout_ns;
    d->conn.close_timeout = (uint64_t)CLOSE_TIMEOUT_MS * 1000000;
    make_form(d, options, &text, memory);
    make_session(d, options);
    if (target->kind == TARGET_TCP)
        return STATUS_OK;
    d->request.host = make_host(&text, target);
    d->request.target = target->path;
    if (target->kind == TARGET_SIO)
        d->request.target = make_path(&text, target, options, "websocket");
    if (target->transport != TARGET_WEBSOCKET)
        d->polling = make_path(&text, target, options, "polling");
    d->request.extra = make_headers(&text, options);
    d->request.origin = take_optional(options->origin);
    d->request.subprotocol = take_optional(options->subprotocol);
    d->conn.request = &d->request;
    return text.full ? STATUS_NO_ROOM : STATUS_OK;
}

void destination_resize(struct destination *d, size_t size)
{
    d->form.plain.size = d->form.encoded.size = size;
}

int destination_resolve(struct destination *d)
{
    uint64_t start = port_clock();
    int count = port_resolve(d->target->host, d->target->port, d->addresses, ADDRESSES_MAX);
    d->resolve_ns = port_clock() - start;
    d->address_count = count > 0 ? (size_t)count : 0;
    return count;
}
