/* The answer of an echo on a session: the same arguments, or the same message, come back. */
#ifndef WSIO_CONN_ECHO_H
#define WSIO_CONN_ECHO_H

#include "conn/session.h"

#define ECHO_HEAD_MAX (2 * NAMESPACE_NAME_MAX + 64)
#define ECHO_PIECES   3

/* The text of an answer to an event: a head that is made here, then bytes of the question, then a
 * bracket or nothing. The event's attachments follow it. */
struct echo {
    struct span text[ECHO_PIECES];
    uint8_t head[ECHO_HEAD_MAX]; /* text[0] lies here */
};

/* An event with an ack id is acknowledged with the same arguments, any other comes back under its
 * name, or under `name` (JSON, with quotes, at most 16 bytes longer) when that is not absent.
 * Server only. */
void echo_make(struct echo *echo, const struct session_config *config,
               const struct session_event *event, struct span name);

/* Puts that answer to io->out, which may be the memory that holds the event as long as it starts at
 * or before its first part and nothing is joined for polling: everything moves down. STATUS_OK or
 * STATUS_NO_ROOM, with io->out as it was. */
int echo_put(const struct session_io *io, const struct session_event *event, struct span name);

/* The same for a message of a bare session. */
int echo_put_message(const struct session_io *io, const struct session_event *event);

#endif
