/* Ids of sessions: unguessable and URL-safe, for Engine.IO and Socket.IO alike. */
#ifndef WSIO_CONN_SESSION_SID_H
#define WSIO_CONN_SESSION_SID_H

#include "base/random.h"
#include "codec/eio.h"

/* Makes an id from the generator, terminated. */
void session_sid_make(struct random *random, char out[EIO_SID_MAX]);

/* Appends the owner's number, below 2^18, which session_sid_number() reads. */
void session_sid_append(char sid[EIO_SID_MAX], uint32_t number);

/* The number in a sid; UINT32_MAX when the sid is not of that form. */
uint32_t session_sid_number(const char *sid);

#endif
