/* Packets for sessions other than the one whose event is handled: over any transport, of any size.
 * The output of the slot under way is sent before. That may drop the slot, and then its session
 * ends, while its event stays valid. Polls are answered at the end of the turn. */
#ifndef WSIO_SERVER_DELIVERY_H
#define WSIO_SERVER_DELIVERY_H

#include "server/server_session.h"

/* One packet: a text in pieces (none: no text), and the binary messages behind it. */
struct delivery {
    const struct span *text;
    unsigned pieces;
    const struct span *attachment;
    unsigned attachments;
};

/* Sends to one session. If too much is queued for it, it ends at once or at the end of the turn. */
void delivery_send(struct server *v, struct server_session *session, const struct delivery *d);

/* Sends to all members of the room with this number, except one. A message for many is sent in
 * slices: what is left after the first one is a job, and until it is done the sender (v->sender) is
 * paused. So each sender has one at most, and its messages stay in order. */
void delivery_send_room(struct server *v, unsigned room, const struct server_session *except,
                        const struct delivery *d);

/* Sends a message to all WebSockets of /broadcast, except one, likewise. */
void delivery_send_everyone(struct server *v, const struct loop_slot *except, uint8_t opcode,
                            struct span payload);

/* Puts one frame, whose payload comes in pieces, to the slot under way. False when the slot was
 * dropped for it. */
bool delivery_frame(struct server *v, struct loop_slot *s, uint8_t opcode, const struct span *piece,
                    unsigned pieces);

#endif
