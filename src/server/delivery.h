/* What one peer sends, or the application, goes to others: over any transport, of any size. The
 * slot under way is sent first what was put for it, and may be dropped for that: its event lives
 * on, its session does not. Polls are answered when the turn ends. */
#ifndef WSIO_SERVER_DELIVERY_H
#define WSIO_SERVER_DELIVERY_H

#include "server/server_session.h"

/* One packet: a text in pieces, empty for none, and the binary messages behind it. */
struct delivery {
    const struct span *text;
    unsigned pieces;
    const struct span *attachment;
    unsigned attachments;
};

/* To one session. It may be ended for it, then or at the end of the turn: too much is queued. */
void delivery_send(struct server *v, struct server_session *session, const struct delivery *d);

/* To all who are in the room with this number, except one. */
void delivery_send_room(struct server *v, unsigned room, const struct server_session *except,
                        const struct delivery *d);

/* A message to all plain WebSockets of /broadcast, except one. */
void delivery_send_everyone(struct server *v, const struct loop_slot *except, uint8_t opcode,
                            struct span payload);

/* One frame, the payload in pieces. False when the slot was dropped for it. */
bool delivery_frame(struct server *v, struct loop_slot *s, uint8_t opcode, const struct span *piece,
                    unsigned pieces);

#endif
