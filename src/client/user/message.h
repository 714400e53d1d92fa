/* A message on its way out and its reply on its way in, as each kind of target frames them. Both
 * are worked off in pieces, so that a message of any length needs no memory of its own. */
#ifndef WSIO_CLIENT_MESSAGE_H
#define WSIO_CLIENT_MESSAGE_H

#include "base/bytes.h"
#include "base/config.h"
#include "base/random.h"
#include "client/options/payload.h"
#include "client/options/target.h"
#include "conn/conn.h"

/* Bytes of what stands before and behind the payload in a Socket.IO packet. */
#define MESSAGE_PREFIX_MAX 1024

/* Room in the output below which no message is begun: heads, prefix, and a piece of the payload. */
#define MESSAGE_ROOM_MIN (2 * MESSAGE_PREFIX_MAX)

/* What all messages to one target have in common; the texts outlive it. */
struct message_form {
    enum target_kind kind;
    bool binary;            /* WebSocket: opcode; Socket.IO: an attachment */
    bool ack;               /* Socket.IO: each event asks for an acknowledgement */
    bool any;               /* replies are counted, not compared */
    struct payload plain;   /* what is meant: what a reply is compared with */
    struct payload encoded; /* what stands in the packet: escaped for JSON where it has to be */
    struct span nsp;
    struct span event;       /* as JSON, with its quotes */
    struct span reply_event; /* plain */
    uint8_t *scratch;        /* plain.size bytes, to unescape replies into; Socket.IO text only */
};

/* One message being written. All-zero: none. */
struct message_out {
    bool active;
    bool ack; /* this one asks for an acknowledgement, whatever the form says */
    uint64_t sequence;
    uint64_t done;   /* bytes of the frame's payload already put */
    uint64_t length; /* of the frame's payload */
    uint8_t key[4];
};

/* What came back so far. All-zero: nothing. */
struct message_in {
    uint64_t offset; /* bytes of the reply under way */
    bool wrong;      /* something in it was not equal */
};

enum message_reply {
    MESSAGE_NONE, /* not a whole reply yet, or nothing that is one */
    MESSAGE_RIGHT,
    MESSAGE_WRONG,
};

/* Starts message number `sequence`; message_put() then puts as much as fits, and returns true when
 * all of it is put. */
void message_begin(struct message_out *m, const struct message_form *form, uint64_t sequence,
                   bool ack);
bool message_put(struct message_out *m, const struct message_form *form, struct buf *out,
                 struct random *random);

/* The same for the body of a POST, where packets are joined by 0x1e: what stands between two
 * separators, or for a binary message the text, a separator, and the attachment in base64. */
bool message_put_joined(struct message_out *m, const struct message_form *form, struct buf *out);

/* Bytes and packets of a message so joined. */
size_t message_joined_length(const struct message_form *form, uint64_t sequence, bool ack);
unsigned message_joined_packets(const struct message_form *form);

/* Wire bytes of one message's frame, for tcp and ws; 0 for others. */
uint32_t message_frame_size(const struct message_form *form, bool masked);

/* Compares the next piece of raw TCP with message number `sequence`: takes at most one reply's
 * rest. Returns bytes used; *reply is told when it is whole. */
size_t message_match_raw(struct message_in *in, const struct message_form *form, uint64_t sequence,
                         struct span data, enum message_reply *reply);

/* The same for a part of a WebSocket message. */
enum message_reply message_match_part(struct message_in *in, const struct message_form *form,
                                      uint64_t sequence, const struct websocket_event *part);

/* Is this event or ack a reply to one of ours at all? Events by their name, acks all. */
bool message_is_reply(const struct message_form *form, const struct session_event *event);

/* Compares a whole event or ack: its first argument, unescaped, or its attachment. */
enum message_reply message_match_event(const struct message_form *form, uint64_t sequence,
                                       const struct session_event *event);

#endif
