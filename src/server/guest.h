/* Socket.IO sessions as the server keeps them: found by their sid, apart from connections, with
 * what is queued for them, and with their own deadlines while no WebSocket carries them. */
#ifndef WSIO_SERVER_GUEST_H
#define WSIO_SERVER_GUEST_H

#include "conn/hold.h"
#include "conn/polling.h"
#include "conn/session.h"
#include "server/server.h"

#define GUEST_NOBODY UINT32_MAX

/* One session. All-zero is free. */
struct guest {
    bool used;
    bool polling;  /* its transport; else the WebSocket */
    bool leaving;  /* closed by us: the next poll is told */
    bool overfull; /* too much was queued: it ends at the end of the turn */
    bool joined;   /* ever, for the phases */
    bool counted_first;
    uint32_t rooms;    /* a bit per room of the table */
    uint32_t web;      /* slots, GUEST_NOBODY for none: the WebSocket */
    uint32_t get;      /* the poll that waits */
    uint32_t post;     /* the one whose body is being received */
    uint32_t probe;    /* the WebSocket that may become the transport */
    uint64_t mark;     /* ns; start of the phase that is going on */
    uint64_t noop_at;  /* ns; when a waiting poll gets a noop, 0 never */
    uint64_t probe_by; /* ns; when the probe must have become the transport */
    uint64_t leave_by; /* ns; when a leaving session is forgotten */
    struct lease *queue,
        *queue_last; /* packets for the next poll, joined; none is cut between leases */
    size_t queue_bytes;
    uint64_t later_at;         /* ns; when the first of `later` is due, 0 never */
    struct lease *later;       /* --app conformance: texts, each behind its namespace's number */
    struct lease *parts_lease; /* of the binary packet under way */
    struct hold parts;
    struct session session;
};

/* A new one; NULL when all are taken. */
struct guest *guest_take(struct server *v);

/* By its sid; NULL when it is not, or no longer, known. Deadlines that have passed are kept
 * exactly: one whose time is over is not known any more, even if nobody has looked since. */
struct guest *guest_find(struct server *v, const char *sid);

uint32_t guest_index(const struct server *v, const struct guest *g);

/* Where its packets are to be put now: the output of its WebSocket if that is under way, else a
 * staging buffer, which guest_commit() empties. */
struct session_io guest_io(struct server *v, const struct guest *g);

/* Moves what was staged to where it belongs: the queue, or the WebSocket. False when the guest has
 * ended, for lack of room or before. */
bool guest_commit(struct server *v, struct guest *g);

/* Memory for `bytes` of joined packets at the end of the queue, to be filled by the caller at once;
 * a poll that waits gets them at the end of the turn. NULL when that is too much: the guest is
 * ended at the end of the turn. Of a session that polls. */
uint8_t *guest_queue_extend(struct server *v, struct guest *g, size_t bytes);

/* Makes memory with packets from `off` to `len` the end of the queue. Likewise. */
bool guest_adopt(struct server *v, struct guest *g, struct lease *lease);

/* Gives back the memory of its binary packet under way. */
void guest_release_parts(struct server *v, struct guest *g);

/* Ends the phases that end with this event. */
void guest_note(struct server *v, struct guest *g, enum session_kind kind);

/* Everything about it is over: slots that belong to it are closed (a waiting poll is answered with
 * `farewell`, or 400 when that is NULL), memory goes back. `status` is counted when it is a fault.
 */
void guest_end(struct server *v, struct guest *g, int status, const char *farewell);

/* We close it, as a server does: over polling the waiting or next poll gets `1`; a WebSocket an
 * empty Close. */
void guest_leave(struct server *v, struct guest *g, int status);

/* Sets its deadline anew; to be called after anything that may have moved one. */
void guest_arm(struct server *v, struct guest *g);

/* Serves the deadlines that have come; the next one is v->guest_due. */
void guest_serve_deadlines(struct server *v);

/* Copies through the output of the slot under way, which is sent whenever it is full. False when
 * the slot was dropped for it. */
bool guest_copy_out(struct server *v, struct loop_slot *s, struct span bytes);

/* Acts on another slot than the one under way: what was put so far is sent first. Returns the slot
 * to be handed to guest_switch_back(). */
struct loop_slot *guest_switch(struct server *v, struct loop_slot *to);
void guest_switch_back(struct server *v, struct loop_slot *to, struct loop_slot *back);

#endif
