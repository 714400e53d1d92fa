/* POSTs: what the session and its messages have to say, joined in bodies. */
#ifndef WSIO_CLIENT_REQUESTS_POST_H
#define WSIO_CLIENT_REQUESTS_POST_H

#include "client/user/requests_links.h"

/* Sends the next POST, if there is something to say and none is under way. */
void requests_post_work(struct requests *q);

/* Puts what fits of the POST under way; the rest follows when the server has taken this. */
void requests_post_put(struct requests *q, struct loop_slot *s);

#endif
