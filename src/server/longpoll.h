/* The long-polling transport: handshake, polls, posts. */
#ifndef WSIO_SERVER_LONGPOLL_H
#define WSIO_SERVER_LONGPOLL_H

#include "server/server_session.h"

/* GET without a sid: a new session, `bare` for Engine.IO alone; the open packet is the answer. */
void longpoll_open(struct server *v, struct loop_slot *s, bool bare);

/* GET with a sid: answered at once if something is queued, else it waits. */
void longpoll_get(struct server *v, struct loop_slot *s, struct server_session *session);

/* POST with a sid: its body will be told. */
void longpoll_post(struct server *v, struct loop_slot *s, struct server_session *session,
                   const struct http_head *head);
void longpoll_body(struct server *v, struct loop_slot *s, struct server_session *session,
                   struct span body);

/* Or, it is larger than is allowed: 413, and the session lives on. */
void longpoll_body_refused(struct server *v, struct loop_slot *s, struct server_session *session);

/* The connection of a waiting poll, or of a post under way, is gone: so is the session. */
void longpoll_aborted(struct server *v, struct loop_slot *s, struct server_session *session);

/* Answers the waiting poll, if there is one and something is queued. */
void longpoll_deliver(struct server *v, struct server_session *session);

#endif
