/* The messages of one user: which are sent, written and answered, and how a reply finds its
 * message. It knows nothing of how they travel. */
#ifndef WSIO_CLIENT_TRAFFIC_H
#define WSIO_CLIENT_TRAFFIC_H

#include "client/user/crowd.h"
#include "client/user/message.h"

/* Messages are numbered from 0. A message is sent (its time has begun), then written (begun to be
 * put into the output), then answered. */
struct traffic {
    struct payload_sender sender; /* whose they are */
    uint64_t sent;                /* the next message to be sent */
    uint64_t written;             /* the next message to be written, <= sent */
    uint64_t matched;             /* where replies come in order: the next message to be answered */
    uint32_t outstanding;         /* messages sent and not answered */
    uint64_t *starts;             /* ns; when message n was sent, at n % depth; 0: it is answered */
    struct message_out out;       /* the message being written */
    struct message_in in;         /* the reply being received */
};

/* One message is answered. */
struct traffic_reply {
    uint64_t sequence;   /* of the message */
    uint64_t latency_ns; /* from its send to the receive that brought the reply's end */
    bool right;          /* the reply is what was sent */
};

/* There is a place in the ring for one more message. */
bool traffic_has_room(const struct traffic *m, const struct crowd *c);

/* Sends the next message: its time begins, and it is counted. The time, ns. It is written when the
 * transport calls traffic_begin(). */
uint64_t traffic_send(struct traffic *m, struct crowd *c);

/* A message is being written to m->out: the one under way, or else the next one that is sent. False
 * when there is none. */
bool traffic_begin(struct traffic *m, const struct crowd *c);

/* Every message sent is written to its end. */
bool traffic_is_written(const struct traffic *m);

/* Whether a message asks for an acknowledgement: all do by --ack, and the last one of send. */
bool traffic_asks_ack(const struct crowd *c, uint64_t sequence);

/* The next three match what came with the messages outstanding, and count it. True: a message is
 * answered, as *reply says. `blocked`: written bytes wait in the loop for the peer to take them.
 *
 * Raw TCP: takes bytes off *data up to the end of one reply; to be called until it is false. */
bool traffic_match_raw(struct traffic *m, struct crowd *c, bool blocked, struct span *data,
                       struct traffic_reply *reply);

/* A part of a WebSocket message. */
bool traffic_match_part(struct traffic *m, struct crowd *c, bool blocked,
                        const struct websocket_event *part, struct traffic_reply *reply);

/* A Socket.IO event or ack. An event of a user that is not `ready` answers nothing. */
bool traffic_match_event(struct traffic *m, struct crowd *c, bool blocked, bool ready,
                         const struct session_event *event, struct traffic_reply *reply);

/* Its user is gone: messages outstanding stay unanswered. */
void traffic_abandon(struct traffic *m, struct crowd *c);

#endif
