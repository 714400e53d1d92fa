/* Responses, as a server writes them. */
#include "base/status.h"
#include "codec/http.h"

/* RFC 9112 section 4: a reason may be empty. */
static const char *find_reason(int code)
{
    static const struct {
        int code;
        const char *reason;
    } rows[] = {
        {200, "OK"},
        {204, "No Content"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {413, "Content Too Large"},
        {426, "Upgrade Required"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].code == code)
            return rows[i].reason;
    return "";
}

int http_response_put_head(struct buf *out, int code, const char *content_type, const char *extra,
                           bool closing, size_t length)
{
    struct buf w = *out; /* given back only when all fits */
    buf_put_text(&w, "HTTP/1.1 ");
    buf_put_u64(&w, (uint64_t)code);
    buf_put_byte(&w, ' ');
    buf_put_text(&w, find_reason(code));
    if (content_type && content_type[0] != '\0') {
        buf_put_text(&w, "\r\nContent-Type: ");
        buf_put_text(&w, content_type);
    }
    if (code != 204) { /* RFC 9110 section 8.6 forbids it there */
        buf_put_text(&w, "\r\nContent-Length: ");
        buf_put_u64(&w, length);
    }
    buf_put_text(&w, closing ? "\r\nConnection: close\r\n" : "\r\n");
    buf_put_text(&w, extra);
    buf_put_text(&w, "\r\n");
    if (w.full) {
        return STATUS_NO_ROOM;
    }
    *out = w;
    return STATUS_OK;
}

int http_response_put(struct buf *out, int code, const char *content_type, const char *extra,
                      bool closing, struct span body)
{
    struct buf w = *out;
    int status = http_response_put_head(&w, code, content_type, extra, closing, body.len);
    buf_put_span(&w, body);
    if (status < 0 || w.full) {
        return STATUS_NO_ROOM;
    }
    *out = w;
    return STATUS_OK;
}
