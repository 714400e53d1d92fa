/* One simulated user: it connects, opens, sends messages, gets replies, and closes; and everything
 * that happens to it is counted. What users report comes by the hooks of their crowd. */
#ifndef WSIO_CLIENT_USER_H
#define WSIO_CLIENT_USER_H

#include "client/user/crowd.h"
#include "client/user/direct.h"
#include "client/user/requests.h"
#include "client/user/traffic.h"

enum user_state {
    USER_FREE,
    USER_CONNECTING,
    USER_OPENING, /* handshakes */
    USER_READY,   /* may send */
    USER_CLOSING,
};

/* All-zero: free. */
struct user {
    struct crowd *crowd;
    uint32_t index;  /* in the crowd's table */
    uint32_t number; /* of this user in the trial, from 0 */
    enum user_state state;
    enum phase phase;  /* under way; PHASE_COUNT: exchanging messages */
    uint64_t started;  /* ns, before connect() */
    uint64_t mark;     /* ns, when the last phase ended */
    uint64_t closing;  /* ns, before the first closing byte */
    uint64_t alarm_at; /* ns, when waiting is over; 0: never */
    uint64_t paused;   /* ns that this process did not run until the alarm was set */
    uint64_t moved;    /* bytes of replies that came since the alarm was set for a reply */
    int cause;         /* why it ends, once that is known; STATUS_OK: properly */

    /* Messages. */
    struct traffic traffic;
    bool echoed; /* the first reply was reported */
    bool held;   /* a reply that came during an upgrade waits to be reported */
    struct traffic_reply held_reply;
    struct running latencies; /* ns; kept by the scenario: those that count for the trial */

    /* The way to the server. */
    size_t address;              /* of the destination's, the one that is tried or in use */
    struct transport *transport; /* of the next two, the one in use */
    struct direct direct;
    struct requests requests;
    struct session session; /* Socket.IO */

    char detail[FAILURE_TEXT]; /* of the cause */
};

/* Memory of one user, which is lent to it while it is open. */
struct user_memory {
    uint64_t *starts;   /* crowd->depth of them */
    uint8_t *control;   /* for Socket.IO's own packets */
    size_t control_cap; /* bytes */
};

/* Bytes of `control` that a user needs with this --auth (NULL: none). */
size_t user_control_bytes(const char *auth);

/* Starts to connect a free user. When that fails at once, gone() comes from within. */
void user_open(struct user *u, struct crowd *c, uint32_t index, const struct user_memory *memory);

/* Another message may be sent now: the user is ready, has room in its ring, and what was sent
 * before has left. */
bool user_can_send(const struct user *u);

/* The system has taken all bytes of all messages sent so far. */
bool user_is_flushed(const struct user *u);

/* Sends the next message; user_can_send() was true. In one of the crowd's hooks, or between
 * user_begin() and user_end(). */
void user_send(struct user *u);

/* Starts to close; gone() will come. At the same times. */
void user_close(struct user *u);

/* To act on a user outside of the crowd's hooks. */
void user_begin(struct user *u);
void user_end(struct user *u);

/* The user fails at this time (ns) unless it is moved again; 0: never. */
void user_set_alarm(struct user *u, uint64_t at);

/* Ends it now, without a word: gone() comes from within. Outside of the loop's calls. */
void user_drop(struct user *u);

/* The same, as a failure of what it does now: it took too long, for this reason. */
void user_drop_late(struct user *u, const char *reason);

/* Does what users have put off until the end of a turn. To be called after each turn of the loop,
 * outside of its calls. */
void user_work(struct crowd *c);

/* What the loop is to call for the connections of this crowd. */
struct loop_app user_loop_app(struct crowd *c);

#endif
