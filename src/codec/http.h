/* HTTP/1.1 heads (RFC 9112), enough for a handshake and for small answers: parsed strictly in
 * place. */
#ifndef WSIO_CODEC_HTTP_H
#define WSIO_CODEC_HTTP_H

#include "base/bytes.h"
#include "base/config.h"

struct http_header {
    struct span name;
    struct span value; /* without leading and trailing white space */
};

/* All spans point into the parsed bytes. A request has method and target, a response code and
 * reason. */
struct http_head {
    struct span method;
    struct span target; /* as sent: path, and query behind '?' */
    int code;           /* 100..999 */
    struct span reason;
    int minor; /* of HTTP/1.x: 0 or 1 */
    size_t count;
    struct http_header headers[HTTP_HEADERS_MAX];
};

/* Parses one head up to and with its empty line. Returns bytes used; 0 need more; STATUS_HTTP_BAD,
 * STATUS_HTTP_VERSION, STATUS_HTTP_TOO_MANY. A wrong byte is reported as soon as it is there. Lines
 * end with CRLF; no folding, no white space before the colon, no control bytes, targets in origin
 * form ('/' first). The caller bounds the length. `head` is all zero unless bytes were used. */
int http_request_parse(struct span in, struct http_head *head);
int http_response_parse(struct span in, struct http_head *head);

/* The first field of that name (any case); {NULL,0} when absent. An empty value has a ptr. */
struct span http_header_find(const struct http_head *head, const char *name);

/* How many fields have that name. */
size_t http_header_count(const struct http_head *head, const char *name);

/* True when `token` (any case) is in the comma lists of all fields of that name (RFC 9110 5.6.1).
 */
bool http_header_lists(const struct http_head *head, const char *name, const char *token);

/* The next element of a comma list that is not empty, without white space around it; {NULL,0} at
 * the end. */
struct span http_list_next(struct span *list);

/* Is it a token (RFC 9110 section 5.6.2), such as a subprotocol? */
bool http_is_token(struct span word);

/* Content-Length: 1 and *length; 0 absent (*length 0); STATUS_HTTP_BAD when it is not a number, or
 * there are several that differ (RFC 9112 section 6.3). */
int http_content_length(const struct http_head *head, uint64_t *length);

/* Path and query of a target: path ends at the first '?', query is behind it, {NULL,0} if none. */
struct span http_target_path(struct span target);
struct span http_target_query(struct span target);

/* The first `name=value` of a query, percent-decoded ('+' is a space) and terminated. Returns its
 * length (may be 0, also without '='), STATUS_NOT_FOUND when absent, STATUS_INVALID on a bad
 * escape, a NUL or control byte, STATUS_NO_ROOM from cap on; `out` is "" unless it is found. */
int http_query_find(struct span query, const char *name, char *out, size_t cap);

/* A whole response: head, `Content-Length` (except for 204), body. `content_type` may be NULL;
 * `extra` is "" or whole header lines, each with CRLF; `closing` adds `Connection: close`. The
 * codes that wsio sends have their reason. All or nothing: STATUS_OK or STATUS_NO_ROOM. */
int http_response_put(struct buf *out, int code, const char *content_type, const char *extra,
                      bool closing, struct span body);

/* The head alone; the caller sends the body of `length` bytes. */
int http_response_put_head(struct buf *out, int code, const char *content_type, const char *extra,
                           bool closing, size_t length);

#endif
