/* Bodies of the long-polling transport: packets joined by 0x1e, binary ones in base64. Both roles.
 */
#ifndef WSIO_CONN_POLLING_H
#define WSIO_CONN_POLLING_H

#include "conn/hold.h"
#include "conn/session.h"

/* Packets of one body: python-engineio refuses more, in both directions. */
#define POLLING_PACKETS_MAX 16

/* Bytes of memory for the parts of a binary packet of at most `max_payload` bytes. */
#define POLLING_PARTS_BYTES(max_payload)                                                           \
    ((max_payload) + (size_t)(2 + ATTACHMENTS_MAX) * HOLD_HEADROOM)

/* A body being worked off, in memory that may be written to. Start with the body and `first` true.
 */
struct polling {
    struct span rest;
    bool first;
    struct span text; /* the packet that was fed last */
};

/* Feeds the next packet to the session. 1: it was fed, and `event` is set (SESSION_NOTHING too);
 * 0: the body is at its end; or why the session is to be closed. After SESSION_HEADER the caller
 * calls polling_keep() before anything else. When a binary packet is whole, parts->over is set: its
 * memory is given back after the event. */
int polling_feed(struct polling *p, struct session *s, const struct session_io *io,
                 struct hold *parts, struct session_event *event);

/* Bytes of the packet that is fed next. */
size_t polling_next_length(const struct polling *p);

/* Memory for the packet whose header came last; the caller sees to it that it has room for each
 * part that is fed, POLLING_PARTS_BYTES at most. */
void polling_keep(const struct polling *p, struct hold *parts, uint8_t *memory, size_t cap);

/* Where at most `most` packets of a joined body end: their number, and *len their bytes, without
 * the separator behind them. */
unsigned polling_cut(struct span joined, unsigned most, size_t *len);

#endif
