/* The way of one user to its server, whatever it is. The user calls the functions of
 * `struct transport_kind`; what happens comes back as events. Implementations: direct.h, one
 * connection; requests.h, Engine.IO by HTTP requests. */
#ifndef WSIO_CLIENT_TRANSPORT_H
#define WSIO_CLIENT_TRANSPORT_H

#include "client/user/traffic.h"

struct transport;
struct user;

/* What a transport reports, and which fields of the event belong to it. */
enum transport_event_kind {
    TRANSPORT_CONNECTED,   /* a TCP connection is open; if it is the first one, `phase` begins */
    TRANSPORT_PHASE_ENDED, /* a phase ended; `phase` begins */
    TRANSPORT_READY,     /* messages may be sent. With a session, SESSION_JOINED says so instead */
    TRANSPORT_RAW,       /* `data`: bytes of raw TCP */
    TRANSPORT_PART,      /* `part` of a WebSocket message */
    TRANSPORT_SESSION,   /* `session` */
    TRANSPORT_HEARTBEAT, /* a ping or a pong of WebSocket */
    TRANSPORT_UPGRADED,  /* `slot` is the user's only connection from now on, and belongs to the
                            direct transport. It comes between loop_begin() and loop_end() */
    TRANSPORT_CLOSED,    /* the peer closes, or broke the protocol: `status`, `text` */
    TRANSPORT_FAILED,    /* `status`, `text`, `phase`; the end comes soon */
    TRANSPORT_OVERDUE,   /* the alarm has come; `phase`; the end comes soon */
    TRANSPORT_ENDED,     /* all connections are closed, at `at`, for `status` */
};

struct transport_event {
    enum transport_event_kind kind;
    enum phase phase; /* FAILED, OVERDUE: of the upgrade, if that is what failed; PHASE_COUNT: the
                         user's phase under way */
    int status;
    unsigned code;    /* CLOSED: the HTTP status or the close code; 0: none */
    const char *text; /* detail of the status, or "" */
    uint64_t at;      /* ns */
    union {
        struct span data;
        const struct websocket_event *part;
        const struct session_event *session;
        struct loop_slot *slot;
    };
};

struct transport_kind {
    /* ---- What the user asks for. */

    /* Starts to connect to this address. STATUS_OK, or the failure. */
    int (*connect)(struct transport *t, const struct port_address *address);

    /* Another message can be written now. */
    bool (*can_send)(const struct transport *t);

    /* There may be messages to write: takes them from the traffic. */
    void (*send)(struct transport *t);

    /* Written bytes of messages wait in the loop for the peer to take them. */
    bool (*is_blocked)(const struct transport *t);

    /* A message of this form is not too long for the server. */
    bool (*fits)(const struct transport *t, const struct message_form *form);

    /* alarm() comes at this time (ns) unless it is moved again; 0: never. */
    void (*set_alarm)(struct transport *t, uint64_t at);

    /* Starts to close with the protocol's own words. `failed`: what still comes is ignored. */
    void (*leave)(struct transport *t, bool failed);

    /* Ends all connections now, outside of the loop's calls. */
    void (*drop)(struct transport *t);

    /* Enclose calls of the functions above that are not made from an event. */
    void (*begin)(struct transport *t);
    void (*end)(struct transport *t);

    /* One of its connections, or NULL. */
    const struct loop_slot *(*slot)(const struct transport *t);

    /* ---- What the loop reports, passed on by the user. */
    void (*connected)(struct transport *t, struct loop_slot *s);
    void (*event)(struct transport *t, struct loop_slot *s, struct conn_event *event);
    void (*drained)(struct transport *t, struct loop_slot *s);
    void (*alarm)(struct transport *t, struct loop_slot *s, bool due); /* due: by set_alarm() */
    void (*ended)(struct transport *t, struct loop_slot *s, int status);
};

/* The common part of every transport; its first member. */
struct transport {
    const struct transport_kind *kind;
    void (*report)(struct user *u, const struct transport_event *event);
    struct user *user;
    struct crowd *crowd;
    struct traffic *traffic;
    struct session *session;
    uint32_t tag; /* of its connections; roles are added */
    bool settled; /* no upgrade is under way, nor to come */
};

/* "HTTP 400: Session ID unknown": the words are a JSON object's message, a JSON string, or else the
 * first line with words in the body of a failure, or in what came of it, without HTML's tags. Cut
 * to fit; control characters are replaced. */
void transport_put_status(unsigned code, struct span body, char text[FAILURE_TEXT]);

/* The text of an event for the peer's close of a connection: an HTTP status, a close code, or "".
 */
void transport_put_close(const struct conn_event *event, char text[FAILURE_TEXT]);

/* Takes an event that the transport itself does nothing with: reports a ping or a pong. */
void transport_take_rest(const struct transport *t, const struct conn_event *event);

#endif
