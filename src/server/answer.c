#include "server/answer.h"

#include <string.h>

#include "conn/handshake.h"

/* The header lines of every answer of Engine.IO. */
static const char *make_lines(struct server *v, const struct loop_slot *s)
{
    struct buf lines = buf_over(v->lines, sizeof v->lines - 1);
    buf_put_text(&lines, "Cache-Control: no-store\r\n");
    route_put_cors(&lines, &v->options->origins, v->peers[s->index].origin);
    v->lines[lines.len] = '\0';
    return v->lines;
}

void answer_put(struct server *v, struct loop_slot *s, int code, const char *type, struct span body)
{
    if (s->socket != PORT_NO_SOCKET)
        conn_respond(&s->conn, &v->loop.io, code, type, make_lines(v, s), body);
}

void answer_put_head(struct server *v, struct loop_slot *s, int code, const char *type,
                     size_t length)
{
    conn_respond_head(&s->conn, &v->loop.io, code, type, make_lines(v, s), length);
}

static const char *make_refusal_lines(struct server *v, const struct loop_slot *s,
                                      const struct http_head *head, const struct route *route,
                                      bool socketio)
{
    struct buf lines = buf_over(v->lines, sizeof v->lines - 1);
    buf_put_text(&lines, route->extra);
    if (socketio)
        route_put_cors(&lines, &v->options->origins, v->peers[s->index].origin);
    if (route->code == 204)
        route_put_preflight(&lines, head);
    if (lines.full) /* a preflight request that asks for very many header fields */
        lines.len = 0;
    v->lines[lines.len] = '\0';
    return v->lines;
}

/* RFC 9110 section 9.3.2: HEAD never gets a body, but its length. */
static void respond(struct server *v, struct loop_slot *s, const struct http_head *head, int code,
                    const char *type, const char *lines, struct span body)
{
    if (span_equal_text(head->method, "HEAD"))
        conn_respond_head(&s->conn, &v->loop.io, code, type, lines, body.len);
    else
        conn_respond(&s->conn, &v->loop.io, code, type, lines, body);
}

void answer_refuse(struct server *v, struct loop_slot *s, const struct http_head *head,
                   const struct route *route, bool socketio)
{
    const char *lines = make_refusal_lines(v, s, head, route, socketio);
    v->stats.requests_refused += route->code >= 400;
    if (socketio && handshake_wanted(head)) /* as engine.io: a failed upgrade ends the connection */
        s->conn.keep_alive = false;
    respond(v, s, head, route->code, route->type, lines, span_text(route->body));
}

void answer_put_page(struct server *v, struct loop_slot *s, const struct http_head *head,
                     const char *type, struct span body)
{
    respond(v, s, head, 200, type, "Cache-Control: no-store\r\n", body);
}

void answer_put_stats(struct server *v, struct loop_slot *s, const struct http_head *head)
{
    struct buf page = buf_over(v->page, sizeof v->page);
    stats_put_json(&v->stats, &v->loop, &page);
    answer_put_page(v, s, head, "application/json", buf_span(&page));
}
