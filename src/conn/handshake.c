#include "conn/handshake.h"

#include <string.h>

#include "base/status.h"

bool handshake_wanted(const struct http_head *head)
{
    return http_header_lists(head, "upgrade", "websocket") &&
           http_header_lists(head, "connection", "upgrade");
}

/* A body behind the head would be taken for frames. */
static bool has_body(const struct http_head *head)
{
    uint64_t length;
    return http_content_length(head, &length) < 0 || length > 0 ||
           http_header_count(head, "transfer-encoding") > 0;
}

/* Section 11.3.4: the field may be there several times. */
static bool is_subprotocol(const struct http_header *field)
{
    return span_equal_nocase(field->name, "sec-websocket-protocol");
}

/* Is each list of subprotocols one or more tokens? */
static bool offers_well(const struct http_head *head)
{
    for (size_t i = 0; i < head->count; i++) {
        struct span list = head->headers[i].value;
        if (!is_subprotocol(&head->headers[i]))
            continue;
        struct span item = http_list_next(&list);
        do {
            if (!http_is_token(item) || item.len > SUBPROTOCOL_MAX)
                return false;
            item = http_list_next(&list);
        } while (item.len > 0);
    }
    return true;
}

int handshake_check(const struct http_head *head)
{
    if (!span_equal_text(head->method, "GET"))
        return 405;
    if (head->minor < 1 || http_header_count(head, "host") != 1)
        return 400;
    if (!handshake_wanted(head))
        return 426;
    if (http_header_count(head, "sec-websocket-version") != 1 ||
        !span_equal_text(http_header_find(head, "sec-websocket-version"), "13"))
        return 426;
    if (http_header_count(head, "sec-websocket-key") != 1 ||
        !ws_key_valid(http_header_find(head, "sec-websocket-key")))
        return 400;
    return has_body(head) || !offers_well(head) ? 400 : 101;
}

static bool is_listed(struct span name, const struct option_texts *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (span_equal_text(name, list->item[i]))
            return true;
    return false;
}

struct span handshake_choose(const struct http_head *head, const struct option_texts *list)
{
    bool any = list == NULL || list->count == 0;
    for (size_t i = 0; i < head->count; i++) {
        struct span offer = head->headers[i].value;
        struct span item;
        while (is_subprotocol(&head->headers[i]) && (item = http_list_next(&offer)).len > 0)
            if (any || is_listed(item, list))
                return item;
    }
    return (struct span){0};
}

static void put_field(struct buf *out, const char *name, struct span value)
{
    if (value.len == 0)
        return;
    buf_put_text(out, name);
    buf_put_span(out, value);
    buf_put_text(out, "\r\n");
}

int handshake_accept_put(struct buf *out, const struct http_head *head, struct span subprotocol)
{
    char accept[WS_ACCEPT_LENGTH + 1];
    size_t mark = out->len;
    ws_accept_make(http_header_find(head, "sec-websocket-key"), accept);
    buf_put_text(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\n");
    put_field(out, "Sec-WebSocket-Accept: ", span_text(accept));
    put_field(out, "Sec-WebSocket-Protocol: ", subprotocol);
    buf_put_text(out, "\r\n");
    return buf_finish(out, mark);
}

int handshake_request_put(struct buf *out, const struct handshake_request *request,
                          const char key[WS_KEY_LENGTH + 1])
{
    size_t mark = out->len;
    buf_put_text(out, "GET ");
    buf_put_span(out, request->target);
    buf_put_text(out, " HTTP/1.1\r\n");
    put_field(out, "Host: ", request->host);
    buf_put_text(out, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
    put_field(out, "Sec-WebSocket-Key: ", span_text(key));
    put_field(out, "Origin: ", request->origin);
    put_field(out, "Sec-WebSocket-Protocol: ", request->subprotocol);
    buf_put_span(out, request->extra);
    buf_put_text(out, "\r\n");
    return buf_finish(out, mark);
}

int handshake_plain_put(struct buf *out, const struct handshake_request *request,
                        struct span target, const struct span *body)
{
    size_t mark = out->len;
    buf_put_text(out, body != NULL ? "POST " : "GET ");
    buf_put_span(out, target);
    buf_put_text(out, " HTTP/1.1\r\n");
    put_field(out, "Host: ", request->host);
    buf_put_text(out, "Accept: */*\r\n");
    put_field(out, "Origin: ", request->origin);
    buf_put_span(out, request->extra);
    if (body != NULL) {
        buf_put_text(out, "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ");
        buf_put_u64(out, body->len);
        buf_put_text(out, "\r\n");
    }
    buf_put_text(out, "\r\n");
    if (body != NULL && body->ptr != NULL)
        buf_put_span(out, *body);
    return buf_finish(out, mark);
}

/* True when the comma list that was offered contains `choice`. */
static bool was_offered(struct span list, struct span choice)
{
    struct span item;
    while ((item = http_list_next(&list)).len > 0)
        if (span_equal(item, choice))
            return true;
    return false;
}

int handshake_verify(const struct http_head *head, const struct handshake_request *request,
                     const char key[WS_KEY_LENGTH + 1])
{
    char accept[WS_ACCEPT_LENGTH + 1];
    if (head->code != 101)
        return STATUS_HTTP_STATUS;
    if (head->minor < 1 || !handshake_wanted(head))
        return STATUS_NOT_WEBSOCKET;
    ws_accept_make(span_text(key), accept);
    if (http_header_count(head, "sec-websocket-accept") != 1 ||
        !span_equal_text(http_header_find(head, "sec-websocket-accept"), accept))
        return STATUS_BAD_ACCEPT;
    if (http_header_find(head, "sec-websocket-extensions").len > 0 ||
        http_header_count(head, "sec-websocket-extensions") > 1 ||
        http_header_count(head, "sec-websocket-protocol") > 1)
        return STATUS_NOT_OFFERED;
    struct span subprotocol = http_header_find(head, "sec-websocket-protocol");
    if (subprotocol.ptr != NULL && !was_offered(request->subprotocol, subprotocol))
        return STATUS_NOT_OFFERED;
    return STATUS_OK;
}
