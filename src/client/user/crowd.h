/* What all simulated users of one trial share: what is fixed when the trial starts, and the counts
 * over all users that they keep as they go. One assignment of a literal starts a trial. */
#ifndef WSIO_CLIENT_CROWD_H
#define WSIO_CLIENT_CROWD_H

#include "client/user/destination.h"
#include "loop/loop.h"
#include "measure/machine/environment.h"
#include "measure/record/trial.h"

/* A connection's tag in the loop is its user's index times this, and the connection's role. */
#define CROWD_TAGS 4

struct crowd;
struct requests;
struct traffic_reply;
struct user;

/* What users report to the trial's driver. */
struct crowd_hooks {
    /* The user may send its first message. */
    void (*ready)(struct crowd *c, struct user *u);
    /* One message is answered, and was counted. */
    void (*reply)(struct crowd *c, struct user *u, const struct traffic_reply *reply);
    /* All connections of the user are closed, and it is free again. */
    void (*gone)(struct crowd *c, struct user *u);
};

struct crowd {
    const struct crowd_hooks *hooks;
    void *owner; /* of the hooks */
    struct loop *loop;
    struct environment *environment; /* notes the options of sockets as the system has them */
    struct destination *destination;
    struct trial *trial;  /* where everything is recorded */
    struct user *users;   /* by index */
    uint64_t timeout_ns;  /* for a connect, a handshake, a close */
    size_t message_bytes; /* that one reply held in memory may need */
    uint32_t depth;       /* messages outstanding on each user at most: the size of its ring */
    bool ready_settled;   /* ready() waits for the end of an upgrade */
    uint64_t key;         /* of the messages: see payload.h */

    /* Set by the scenario at its start. */
    uint64_t reply_timeout; /* ns for each reply; 0: no limit */
    bool silence_allowed;   /* a reply that does not come in time is no failure */
    uint64_t last_sequence; /* send: the last message, whose ack proves that all came; UINT64_MAX:
                               there is none yet */

    uint32_t open;              /* users that are not free */
    uint32_t opened;            /* users so far */
    uint32_t connecting;        /* users that are open, and never were ready */
    uint32_t failed_in_a_row;   /* users that never were ready, since the last that was */
    uint32_t silent_in_a_row;   /* users that waited for their first echo in vain, since the last
                                   reply of any user */
    uint32_t outstanding;       /* messages of all users */
    uint64_t outstanding_since; /* ns, when the first of them was sent */
    uint64_t last_reply;        /* ns, when the last reply came */
    uint64_t ended;             /* ns, when the last user was gone */

    struct requests *work_first, *work_last; /* the list of requests_work() */
};

#endif
