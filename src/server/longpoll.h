/* The long-polling transport: handshake, polls, posts. */
#ifndef WSIO_SERVER_LONGPOLL_H
#define WSIO_SERVER_LONGPOLL_H

#include "server/guest.h"

/* GET without a sid: a new session, `bare` for Engine.IO alone; the open packet is the answer. */
void longpoll_open(struct server *v, struct loop_slot *s, bool bare);

/* GET with a sid: answered at once if something is queued, else it waits. */
void longpoll_get(struct server *v, struct loop_slot *s, struct guest *g);

/* POST with a sid: its body will be told. */
void longpoll_post(struct server *v, struct loop_slot *s, struct guest *g,
                   const struct http_head *head);
void longpoll_body(struct server *v, struct loop_slot *s, struct guest *g, struct span body);

/* Or, it is larger than is allowed: 413, and the session lives on. */
void longpoll_body_refused(struct server *v, struct loop_slot *s, struct guest *g);

/* The connection of a waiting poll, or of a post under way, is gone: so is the session. */
void longpoll_aborted(struct server *v, struct loop_slot *s, struct guest *g);

/* Answers the waiting poll, if there is one and something is queued. */
void longpoll_deliver(struct server *v, struct guest *g);

/* Answers the waiting poll with exactly this packet. */
void longpoll_release(struct server *v, struct guest *g, const char *packet);

/* Refuses it: 400, since its session is no more. */
void longpoll_refuse(struct server *v, struct guest *g);

/* Any answer of Engine.IO's: with the CORS lines that the request's Origin gets. */
void longpoll_reply(struct server *v, struct loop_slot *s, int code, const char *type,
                    struct span body);

#endif
