/* The long-polling transport: a session is opened by a GET, receives by polls (GET), and sends by
 * posts (POST). */
#ifndef WSIO_SERVER_LONGPOLL_H
#define WSIO_SERVER_LONGPOLL_H

#include "server/server_session.h"

/* GET without a sid: a new session, `bare` for Engine.IO alone; the open packet is the answer. */
void longpoll_open(struct server *v, struct loop_slot *s, bool bare);

/* GET with a sid: answered at once if something is queued, else it waits. */
void longpoll_get(struct server *v, struct loop_slot *s, struct server_session *session);

/* POST with a sid: longpoll_body() follows when its body has come, longpoll_refuse_body() when that
 * is larger than allowed. */
void longpoll_post(struct server *v, struct loop_slot *s, struct server_session *session,
                   const struct http_head *head);

/* Works off the packets of a body, and answers the post. The session may end. */
void longpoll_body(struct server *v, struct loop_slot *s, struct server_session *session,
                   struct span body);

/* Answers with 413; the session lives on. */
void longpoll_refuse_body(struct server *v, struct loop_slot *s, struct server_session *session);

/* The connection of a waiting poll, or of a post under way, is gone; so is then the session. */
void longpoll_abort(struct server *v, struct loop_slot *s, struct server_session *session);

/* Answers the waiting poll with what is queued, if there are both. The session may end. */
void longpoll_deliver(struct server *v, struct server_session *session);

#endif
