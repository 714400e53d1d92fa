/* The state of one user's Engine.IO by requests, and its connections: the part that the files of
 * requests share. */
#ifndef WSIO_CLIENT_REQUESTS_LINKS_H
#define WSIO_CLIENT_REQUESTS_LINKS_H

#include "client/user/transport.h"

#define REQUESTS_PROBE_MAX 8 /* bytes of an answer to the probe that are looked at */

/* Bytes for what the session itself has to say while a POST is under way, beside --auth. */
#define REQUESTS_CONTROL_BYTES 1024

/* What a connection is for; added to the user's tag. */
enum requests_role {
    REQUESTS_GET,
    REQUESTS_POST,
    REQUESTS_WEBSOCKET,
    REQUESTS_ROLES,
};

enum requests_link_state {
    REQUESTS_LINK_NONE,
    REQUESTS_LINK_CONNECTING,
    REQUESTS_LINK_IDLE,
    REQUESTS_LINK_BUSY, /* a request is not answered, or a WebSocket is opened */
};

struct requests_link {
    struct loop_slot *slot;
    enum requests_link_state state;
};

struct requests {
    struct transport base;
    struct requests_link links[REQUESTS_ROLES];
    uint64_t alarm_at; /* ns; the user's; 0: none */
    uint64_t answered; /* ns, when the last response came */

    /* How it ends. */
    bool leaving; /* the session's last words wait for a POST, or were sent */
    bool failed;  /* it leaves because it failed: what still comes is ignored */
    bool doomed;  /* it ends at the next work, without a word */
    bool over;    /* all connections are closed, or being closed */

    /* In the crowd's list of those that have something to do. */
    bool listed;
    struct requests *listed_next;

    /* Out. */
    struct buf control;  /* packets of the session for the next POST, joined */
    uint64_t post_until; /* messages before this one belong to the POST under way */
    bool post_begun;     /* something stands before the next message in it */

    /* In. */
    struct hold parts;   /* of a binary packet */
    struct lease *lease; /* the memory of the parts */

    /* The upgrade, unless base.settled. */
    bool pausing;  /* the WebSocket is proven: the last requests are waited for */
    uint64_t mark; /* ns, when its last phase ended */
    uint8_t probe[REQUESTS_PROBE_MAX];
    uint8_t probe_len;
};

struct requests *requests_of(struct transport *t);

void requests_report(const struct requests *q, const struct transport_event *event);

/* The session speaks into `control`. */
struct session_io requests_session_io(struct requests *q);

/* There is something to do for this user at the next requests_work(). */
void requests_touch(struct requests *q);

/* The user fails, and ends at the next work. The second: because its upgrade failed. `text` is the
 * detail of the status, or "". */
void requests_fail(struct requests *q, int status, const char *text);
void requests_fail_upgrade(struct requests *q, int status, const char *text);

/* The upgrade's phase under way. */
enum phase requests_upgrade_phase(const struct requests *q);

/* The connection for a request, if it is there and free; else it is made. NULL: not now. */
struct loop_slot *requests_take_link(struct requests *q, enum requests_role role);

/* Closes all connections, and gives back the memory that belongs to them. */
void requests_drop_links(struct requests *q);

/* Gives back the memory for the parts of a binary packet. */
void requests_release_parts(struct requests *q);

/* `base`, a path and query, with the session's sid once there is one, in the memory of `text`. */
#define REQUESTS_URL_BYTES (DESTINATION_TEXT_BYTES + 4 * EIO_SID_MAX)
struct span requests_url(const struct requests *q, struct span base,
                         uint8_t text[REQUESTS_URL_BYTES]);

#endif
