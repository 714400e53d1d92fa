/* Answers to HTTP requests, with the header lines that belong to them. */
#ifndef WSIO_SERVER_ANSWER_H
#define WSIO_SERVER_ANSWER_H

#include "server/route.h"
#include "server/server.h"

#define ANSWER_PACKETS "text/plain; charset=UTF-8" /* the type of a body of joined packets */

/* A whole answer of Engine.IO: no cache may keep it, and it has the CORS lines that the request's
 * Origin gets. Nothing happens when the slot has been dropped meanwhile. */
void answer_put(struct server *v, struct loop_slot *s, int code, const char *type,
                struct span body);

/* Its head alone; the caller sends the body of `length` bytes behind it. */
void answer_put_head(struct server *v, struct loop_slot *s, int code, const char *type,
                     size_t length);

/* The answer that a route of kind ROUTE_REFUSE describes. `socketio`: the request was for Engine.IO
 * or Socket.IO. */
void answer_refuse(struct server *v, struct loop_slot *s, const struct http_head *head,
                   const struct route *route, bool socketio);

/* A page, 200, which no cache may keep: to HEAD its head alone. */
void answer_put_page(struct server *v, struct loop_slot *s, const struct http_head *head,
                     const char *type, struct span body);

/* The statistics as such a page of JSON. */
void answer_put_stats(struct server *v, struct loop_slot *s, const struct http_head *head);

#endif
