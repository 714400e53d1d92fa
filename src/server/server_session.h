/* The server's record of an Engine.IO session: found by its sid, apart from connections, with the
 * packets queued for it, and with deadlines of its own while no WebSocket carries it.
 *
 * server_session.c keeps the table and the queues and sends nothing; server_session_end.c answers
 * the waiting poll, closes the connections of a session, and so ends it. */
#ifndef WSIO_SERVER_SERVER_SESSION_H
#define WSIO_SERVER_SERVER_SESSION_H

#include "conn/hold.h"
#include "conn/polling.h"
#include "conn/session.h"
#include "server/server.h"

/* One session. All-zero is free. */
struct server_session {
    bool used;
    bool polling;            /* its transport is long polling; else it is the WebSocket */
    struct session protocol; /* Engine.IO and Socket.IO: sid, heartbeats, joined namespaces */
    bool leaving;            /* closed by the server: the next poll gets the packet `1` */
    bool overfull;           /* too much was queued: the session ends at the end of the turn */
    int ended;               /* why, when it is not used any more */

    /* Its connections, as numbers of slots; LOOP_NO_SLOT where there is none. */
    uint32_t websocket; /* the transport, once it is a WebSocket */
    uint32_t get;       /* the poll that waits */
    uint32_t post;      /* the post whose body is being received */
    uint32_t probe;     /* the WebSocket that may become the transport */

    /* The connection over which it was opened, which owns what is queued for it. */
    uint32_t opener;
    uint32_t opener_generation;

    /* Times in ns; 0: never. */
    uint64_t noop_at;  /* when a waiting poll gets a noop */
    uint64_t probe_by; /* when the probe must have become the transport */
    uint64_t leave_by; /* when a leaving session is forgotten */
    uint64_t later_at; /* when the first text of `later` is due */

    /* For the statistics. */
    uint64_t mark;      /* ns; start of the phase that is going on */
    bool joined;        /* a namespace was joined once */
    bool counted_first; /* the first message has been seen */

    /* Memory, in leases of the loop's pool. */
    struct lease *queue; /* packets for the next poll, joined; none is cut between leases */
    struct lease *queue_last;
    size_t queue_bytes; /* at most two messages of the allowed length */
    uint64_t
        queued_at; /* ns; since when it has been larger than SHARE_LEAST without being fetched */
    uint64_t queue_by;         /* ns; when it is looked whether its share is too small; 0: never */
    struct lease *later;       /* --app conformance: texts, each behind its namespace's number */
    struct lease *parts_lease; /* memory of `parts` */
    size_t parts_bytes;        /* of it, as they are counted for the owner */
    struct hold parts;         /* the binary packet that posts are bringing */
    struct lease *rest;        /* the job of a post whose body is not worked off yet */
};

/* ---- The table and the queues: server_session.c ---- */

/* A new session over this connection; NULL when all are in use, or it has opened too many. */
struct server_session *server_session_take(struct server *v, const struct loop_slot *opener);

/* Gives a session back that has ended, and is not `used` any more. */
void server_session_give(struct server *v, struct server_session *session);

/* Bytes were put into its queue, or taken off. */
void server_session_add_queued(struct server *v, struct server_session *session, size_t bytes);
void server_session_sub_queued(struct server *v, struct server_session *session, size_t bytes);

/* Is the connection over which it was opened still the same one? */
bool server_session_is_opener_open(struct server *v, const struct server_session *session);

/* Bytes queued for its owner: for all sessions that were opened over the same connection, while
 * that lives. */
size_t server_session_owned(struct server *v, const struct server_session *session);

/* The session with that sid; NULL when there is none. It only looks: deadlines that have passed
 * are the caller's to serve before. */
struct server_session *server_session_find(struct server *v, const char *sid);

/* Its place in the table. */
uint32_t server_session_index(const struct server *v, const struct server_session *session);

/* The rooms that it is in: one bit per room of the table. */
uint32_t *server_session_rooms(struct server *v, const struct server_session *session);

/* Notes that this slot serves the session, or with NULL that it serves none any more. */
void server_session_bind(struct server *v, uint32_t slot, const struct server_session *session);

/* The slot of the waiting poll, which then waits no more; NULL when none waits. */
struct loop_slot *server_session_take_poll(struct server *v, struct server_session *session);

/* Where its packets are to be put now: into the output of its WebSocket if that is under way, else
 * into a staging buffer, which server_session_commit() empties. */
struct session_io server_session_io(struct server *v, const struct server_session *session);

/* Do its packets go into the memory behind the posted body that is being worked off? */
bool server_session_uses_spare(const struct server *v, const struct server_session *session);

/* Copies packets to the end of the queue of a session that polls. False, and nothing is queued,
 * when there is no memory or the queue would be too long. */
bool server_session_queue(struct server *v, struct server_session *session, struct span packets);

/* Adds a lease, with packets from `off` to `len`, to the end of the queue of a session that polls.
 * The lease is the session's from now on. False when the queue would be too long. */
bool server_session_queue_lease(struct server *v, struct server_session *session,
                                struct lease *lease);

/* Memory for `bytes` of joined packets at the end of the queue of a session that polls, to be
 * filled by the caller at once; a waiting poll gets them at the end of the turn. NULL when that is
 * too much: the session ends at the end of the turn. */
uint8_t *server_session_extend_queue(struct server *v, struct server_session *session,
                                     size_t bytes);

/* Memory for `bytes` of its binary packet under way, in the share of its owner: an owner that has
 * nothing else may have one packet of the allowed length. False when there is none. */
bool server_session_extend_parts(struct server *v, struct server_session *session, size_t bytes);

/* The memory of that packet, which is the caller's from now on; NULL when there is none. */
struct lease *server_session_take_parts(struct server *v, struct server_session *session);

/* Gives it back. */
void server_session_release_parts(struct server *v, struct server_session *session);

/* Ends the phases that end with this event. */
void server_session_note_event(struct server *v, struct server_session *session,
                               enum session_kind kind);

/* Sets its deadline anew; to be called after anything that may have moved one. */
void server_session_arm(struct server *v, struct server_session *session);

/* ---- Answers and the end: server_session_end.c ---- */

/* Moves what was staged to where it belongs: the queue, or the WebSocket. False when the session
 * has ended, for lack of room or before. */
bool server_session_commit(struct server *v, struct server_session *session);

/* Answers the waiting poll, if there is one, with exactly this packet. */
void server_session_answer_poll(struct server *v, struct server_session *session, int code,
                                const char *packet);

/* The probing WebSocket is gone, or took too long: it is closed, and polling goes on. */
void server_session_drop_probe(struct server *v, struct server_session *session);

/* Ends the session at once: its connections are closed (a waiting poll is answered with `farewell`,
 * or 400 when that is NULL; with 503 and the reason if memory was lacking), its memory goes back.
 * `status` is counted when it is a fault. */
void server_session_end(struct server *v, struct server_session *session, int status,
                        const char *farewell);

/* Has it ended for lack of memory, or of room in its queue? Then HTTP gets 503, and the status's
 * text. */
bool server_session_is_denied(const struct server_session *session);

/* The server closes the session: a WebSocket gets an empty Close, and it is over; a session that
 * polls gets the packet `1` by its waiting poll at the end of the turn, or by its next one. */
void server_session_leave(struct server *v, struct server_session *session, int status);

#endif
