/* Details of a failure that only the user knows. */
#ifndef WSIO_CLIENT_USER_REASON_H
#define WSIO_CLIENT_USER_REASON_H

#include "client/user/user.h"

/* What did not come in time. "" where the user's alarm was not the reason: the system has timeouts,
 * too. */
void user_reason_timeout(const struct user *u, char text[FAILURE_TEXT]);

/* `text` of a close with this status and code (HTTP's or WebSocket's) in the phase under way; with
 * a hint behind it, in `out`, where the server is known to mean something else by it. */
const char *user_reason_hinted(const struct user *u, int status, unsigned code, const char *text,
                               char out[FAILURE_TEXT]);

#endif
