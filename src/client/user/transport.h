/* How a Socket.IO user reaches its server by long polling, and how it goes on to WebSocket: the
 * connections for GET, POST and the upgrade, in the order of the JavaScript client. Inner part of
 * run.
 *
 * Calls of the loop only note what happened; transport_work() then acts, once per turn, on whatever
 * connection it has to. So packets that come about in one turn go out in one POST, and no callback
 * acts on another connection than its own. */
#ifndef WSIO_CLIENT_TRANSPORT_H
#define WSIO_CLIENT_TRANSPORT_H

#include "base/bytes.h"
#include "client/user/destination.h"
#include "loop/loop.h"

#define TRANSPORT_TAGS 4 /* a slot's tag is the user's index times this, and the role */

#define TRANSPORT_PROBE_MAX 8 /* bytes of an answer to the probe that are looked at */

/* Bytes for what the session itself has to say while a POST is under way, beside --auth. */
#define TRANSPORT_CONTROL_BYTES 1024

enum transport_state {
    TRANSPORT_DIRECT,    /* one connection, user.slot, is all there is */
    TRANSPORT_POLLING,   /* and nothing else */
    TRANSPORT_UPGRADING, /* polling, until the WebSocket is proven */
    TRANSPORT_PAUSING,   /* it is: the last requests are waited for */
};

enum transport_role {
    TRANSPORT_GET, /* also the one connection of TRANSPORT_DIRECT */
    TRANSPORT_POST,
    TRANSPORT_WEBSOCKET,
    TRANSPORT_ROLES,
};

enum transport_line_state {
    TRANSPORT_LINE_NONE,
    TRANSPORT_LINE_CONNECTING,
    TRANSPORT_LINE_IDLE,
    TRANSPORT_LINE_BUSY, /* a request is not answered, or a WebSocket is opened */
};

struct transport_line {
    struct loop_slot *slot;
    enum transport_line_state state;
};

struct transport {
    enum transport_state state;
    bool listed; /* in the run's list of those for whom there is something to do */
    uint32_t listed_next;
    bool leaving; /* the session was told that it ends */
    bool doomed;  /* so it ends, without a word */
    bool over;    /* all connections are being closed */
    struct transport_line lines[TRANSPORT_ROLES];
    struct buf control;  /* packets of the session for the next POST, joined */
    uint64_t post_until; /* messages before this one belong to the POST under way */
    bool post_begun;     /* something is in front of the next message in it */
    uint64_t mark;       /* ns; of the upgrade: when its last phase ended */
    uint64_t answered;   /* ns; when a response came last */
    struct hold parts;   /* of a binary packet */
    struct lease *lease;
    uint8_t probe[TRANSPORT_PROBE_MAX];
    uint8_t probe_len;
};

struct run;
struct user;

/* Makes it ready for a user of this destination; `control` is kept. */
void transport_reset(struct transport *t, const struct destination *d);

/* No upgrade is under way, nor to come. */
bool transport_settled(const struct transport *t);

/* There is something to do for this user, whose state is not TRANSPORT_DIRECT. */
void transport_touch(struct run *r, struct user *u);

/* Does it, for all: outside of the loop's calls. */
void transport_work(struct run *r);

/* Says goodbye as the JavaScript client does (`41`, `1`), and ends the user when that is answered.
 */
void transport_leave(struct run *r, struct user *u);

/* Ends the user soon, for this cause. */
void transport_fail(struct run *r, struct user *u, int status, const char *detail);

/* Ends the user now. Outside of the loop's calls. */
void transport_drop(struct run *r, struct user *u);

/* The bytes of all messages so far are with the system. */
bool transport_flushed(const struct user *u);

/* A message with its own packets fits into a POST. */
bool transport_fits(const struct user *u, const struct message_form *form);

/* The loop's calls, for users whose state is not TRANSPORT_DIRECT. */
void transport_connected(struct run *r, struct user *u, struct loop_slot *s);
void transport_event(struct run *r, struct user *u, struct loop_slot *s, struct conn_event *event);
void transport_drained(struct run *r, struct user *u, struct loop_slot *s);
void transport_alarm(struct run *r, struct user *u);
void transport_ended(struct run *r, struct user *u, struct loop_slot *s, int status);

#endif
