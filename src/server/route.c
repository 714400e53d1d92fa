#include "server/route.h"

#include "codec/eio.h"
#include "conn/handshake.h"

#define JSON_TYPE_TEXT "application/json"
#define UPGRADE_EXTRA  "Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n"

/* Engine.IO's errors: JSON for requests, plain text for upgrades. */
#define ERROR_LIST(X)                                                                              \
    X(TRANSPORT, 400, "0", "Transport unknown")                                                    \
    X(SID, 400, "1", "Session ID unknown")                                                         \
    X(METHOD, 400, "2", "Bad handshake method")                                                    \
    X(REQUEST, 400, "3", "Bad request")                                                            \
    X(FORBIDDEN, 403, "4", "Forbidden")                                                            \
    X(VERSION, 400, "5", "Unsupported protocol version")

enum error {
#define X(name, code, number, text) ERROR_##name,
    ERROR_LIST(X)
#undef X
};

static const struct {
    int code;
    const char *json;
    const char *text;
} errors[] = {
#define X(name, code, number, text)                                                                \
    [ERROR_##name] = {code, "{\"code\":" number ",\"message\":\"" text "\"}", text},
    ERROR_LIST(X)
#undef X
};

static struct route refuse_json(enum error error)
{
    return (struct route){ROUTE_REFUSE, errors[error].code, JSON_TYPE_TEXT, "", errors[error].json};
}

static struct route refuse_text(enum error error)
{
    return (struct route){ROUTE_REFUSE, errors[error].code, "text/html", "", errors[error].text};
}

static struct route refuse_plain(int code, const char *extra, const char *body)
{
    return (struct route){ROUTE_REFUSE, code, "text/plain", extra, body};
}

/* ---- Origin ---------------------------------------------------------------------------- */

/* "host:80" and "host" name the same place under http. */
static struct span cut_port(struct span authority, struct span port)
{
    if (authority.len > port.len &&
        span_equal(span_after(authority, authority.len - port.len), port))
        authority.len -= port.len;
    return authority;
}

/* Browsers send an Origin in lower case, but a Host as it was typed (RFC 3986 section 3.2.2). */
static bool is_same_place(struct span a, struct span b, struct span default_port)
{
    a = cut_port(a, default_port);
    b = cut_port(b, default_port);
    return a.len > 0 && span_alike(a, b);
}

static bool is_host(struct span origin, struct span host)
{
    struct span http = SPAN("http://");
    struct span https = SPAN("https://");
    if (span_starts(origin, http))
        return is_same_place(span_after(origin, http.len), host, SPAN(":80"));
    return span_starts(origin, https) &&
           is_same_place(span_after(origin, https.len), host, SPAN(":443"));
}

unsigned route_origin_entry(const struct http_head *head, const struct option_texts *origins)
{
    struct span origin = http_header_find(head, "origin");
    for (uint32_t i = 0; i < origins->count && origin.ptr != NULL; i++)
        if (span_equal_text(SPAN("*"), origins->item[i]) ||
            span_equal_text(origin, origins->item[i]))
            return i + 1;
    return 0;
}

bool route_origin_allowed(const struct http_head *head, const struct option_texts *origins)
{
    struct span origin = http_header_find(head, "origin");
    if (origin.ptr == NULL)
        return true;
    if (http_header_count(head, "origin") > 1)
        return false;
    if (origins->count == 0)
        return is_host(origin, http_header_find(head, "host"));
    return route_origin_entry(head, origins) > 0;
}

void route_put_cors(struct buf *out, const struct option_texts *origins, unsigned entry)
{
    if (entry == 0 || entry > origins->count)
        return;
    const char *origin = origins->item[entry - 1];
    bool any = span_equal_text(SPAN("*"), origin); /* then without credentials */
    buf_put_text(out, "Access-Control-Allow-Origin: ");
    buf_put_text(out, origin);
    buf_put_text(out,
                 any ? "\r\n" : "\r\nVary: Origin\r\nAccess-Control-Allow-Credentials: true\r\n");
}

void route_put_preflight(struct buf *out, const struct http_head *head)
{
    struct span wanted = http_header_find(head, "access-control-request-headers");
    buf_put_text(out, "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n");
    if (wanted.len == 0)
        return;
    buf_put_text(out, "Access-Control-Allow-Headers: ");
    buf_put_span(out, wanted);
    buf_put_text(out, "\r\n");
}

/* ---- The paths ------------------------------------------------------------------------- */

static bool match_path(const struct http_head *head, struct span path, struct eio_query *q)
{
    if (!span_starts(http_target_path(head->target), path))
        return false;
    eio_query_parse(http_target_query(head->target), q);
    return true;
}

bool route_is_socketio(const struct http_head *head, struct eio_query *q)
{
    return match_path(head, SPAN(ROUTE_SOCKETIO_PATH), q);
}

bool route_is_engineio(const struct http_head *head, struct eio_query *q)
{
    return match_path(head, SPAN(ROUTE_ENGINEIO_PATH), q);
}

static struct route decide_on(enum route_kind kind)
{
    bool upgrades = kind == ROUTE_SOCKETIO || kind == ROUTE_UPGRADE;
    return (struct route){kind, upgrades ? 101 : 200, NULL, NULL, NULL};
}

/* A request within a session. */
static struct route decide_with_sid(const struct http_head *head, const struct eio_query *q,
                                    enum route_sid sid, bool upgrade)
{
    struct route (*refuse)(enum error) = upgrade ? refuse_text : refuse_json;
    bool websocket = q->transport == EIO_TRANSPORT_WEBSOCKET;
    if (sid == ROUTE_SID_UNKNOWN)
        return refuse(ERROR_SID);
    if (websocket != upgrade || (!websocket && sid == ROUTE_SID_WEBSOCKET))
        return refuse(ERROR_REQUEST);
    if (!q->version_4)
        return refuse(ERROR_REQUEST);
    if (websocket)
        return handshake_check(head) == 101 ? decide_on(ROUTE_UPGRADE) : refuse(ERROR_REQUEST);
    if (span_equal_text(head->method, "GET"))
        return decide_on(ROUTE_GET);
    if (span_equal_text(head->method, "POST"))
        return decide_on(ROUTE_POST);
    return (struct route){ROUTE_REFUSE, 500, "", "", ""};
}

static struct route decide_without_sid(const struct http_head *head, const struct eio_query *q,
                                       bool upgrade, bool allowed)
{
    struct route (*refuse)(enum error) = upgrade ? refuse_text : refuse_json;
    bool websocket = q->transport == EIO_TRANSPORT_WEBSOCKET;
    if (!span_equal_text(head->method, "GET"))
        return refuse(ERROR_METHOD);
    if (websocket != upgrade)
        return refuse(ERROR_REQUEST);
    if (!allowed)
        return refuse_json(ERROR_FORBIDDEN);
    if (!q->version_4)
        return refuse(ERROR_VERSION);
    if (websocket && handshake_check(head) != 101)
        return refuse(ERROR_REQUEST);
    return decide_on(websocket ? ROUTE_SOCKETIO : ROUTE_OPEN);
}

struct route route_socketio(const struct http_head *head, const struct eio_query *q,
                            enum route_sid sid, const struct option_texts *origins)
{
    bool upgrade = handshake_wanted(head);
    bool allowed = route_origin_allowed(head, origins);
    struct route (*refuse)(enum error) = upgrade ? refuse_text : refuse_json;
    if (origins->count > 0 && span_equal_text(head->method, "OPTIONS"))
        return (struct route){ROUTE_REFUSE, 204, "", "", ""};
    if (q->transport == EIO_TRANSPORT_UNKNOWN)
        return refuse(ERROR_TRANSPORT);
    if (sid != ROUTE_SID_NONE && sid != ROUTE_SID_UNKNOWN && !allowed)
        return refuse_json(ERROR_FORBIDDEN);
    return sid != ROUTE_SID_NONE ? decide_with_sid(head, q, sid, upgrade)
                                 : decide_without_sid(head, q, upgrade, allowed);
}

static struct route decide_echo(const struct http_head *head, const struct option_texts *origins)
{
    int code = handshake_check(head);
    if (code == 405)
        return refuse_plain(405, "Allow: GET\r\n", "Only GET can be upgraded\n");
    if (code == 426)
        return refuse_plain(426, UPGRADE_EXTRA, "WebSocket version 13 is spoken here\n");
    if (code != 101)
        return refuse_plain(400, "", "Not a WebSocket handshake of RFC 6455\n");
    if (!route_origin_allowed(head, origins))
        return refuse_plain(403, "", "This Origin may not connect\n");
    bool broadcast = span_equal_text(http_target_path(head->target), ROUTE_BROADCAST_PATH);
    return (struct route){broadcast ? ROUTE_BROADCAST : ROUTE_ECHO, 101, NULL, NULL, NULL};
}

static struct route decide_page(const struct http_head *head)
{
    struct span path = http_target_path(head->target);
    bool health = span_equal_text(path, "/healthz");
    if (!health && !span_equal_text(path, "/stats"))
        return refuse_plain(404, "", "WebSocket echo on any path, Socket.IO at /socket.io/\n");
    if (!span_equal_text(head->method, "GET"))
        return refuse_plain(405, "Allow: GET\r\n", "Only GET is known here\n");
    return (struct route){health ? ROUTE_HEALTH : ROUTE_STATS, 200, NULL, NULL, NULL};
}

struct route route_other(const struct http_head *head, const struct option_texts *origins)
{
    return http_header_count(head, "upgrade") > 0 ? decide_echo(head, origins) : decide_page(head);
}
