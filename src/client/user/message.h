/* A message on its way out and its reply on its way in, framed as each kind of target wants it.
 * Both are handled in pieces, so that a message of any length needs no memory of its own. */
#ifndef WSIO_CLIENT_MESSAGE_H
#define WSIO_CLIENT_MESSAGE_H

#include "base/bytes.h"
#include "base/config.h"
#include "base/random.h"
#include "client/options/payload.h"
#include "client/options/target.h"
#include "conn/conn.h"

/* Bytes before and behind the payload in a Socket.IO packet, at most. */
#define MESSAGE_PREFIX_MAX 1024

/* A message is begun only with this much room in the output: for heads, prefix, and a piece of the
 * payload. */
#define MESSAGE_ROOM_MIN (2 * MESSAGE_PREFIX_MAX)

/* What all messages to one target have in common; the texts outlive it. */
struct message_form {
    enum target_kind kind;
    bool binary;            /* WebSocket: opcode; Socket.IO: an attachment */
    bool ack;               /* Socket.IO: each event asks for an acknowledgement */
    bool any;               /* replies are counted, not compared */
    bool picked;            /* a reply may answer any message: its identity says which. What equals
                               none is left out. Its size is PAYLOAD_IDENTITY_BYTES or more */
    struct payload plain;   /* the payload; a reply is compared with it */
    struct payload encoded; /* the same as it stands in the packet: escaped for JSON if need be */
    struct span nsp;
    struct span event;       /* as JSON, with its quotes */
    struct span reply_event; /* plain */
    uint8_t *scratch;        /* plain.size bytes, to unescape replies into; Socket.IO text only */
};

/* One message being written. All-zero: none. */
struct message_out {
    bool active;
    bool ack; /* this message asks for an acknowledgement, whatever the form says */
    struct payload_id id;
    uint64_t length; /* bytes of the frame's payload */
    uint64_t done;   /* bytes of it that are put */
    uint8_t key[4];  /* masks the frame */
};

/* The reply being received. All-zero: nothing of it came yet. */
struct message_in {
    uint64_t offset; /* bytes that came */
    bool wrong;      /* some of them were not as sent */

    /* Where replies are picked: the first bytes, and once these are whole, which message it is. */
    uint8_t identity[PAYLOAD_IDENTITY_BYTES];
    uint64_t sequence;
};

enum message_reply {
    MESSAGE_NONE, /* no whole reply yet */
    MESSAGE_RIGHT,
    MESSAGE_WRONG,
};

/* Starts a message. Then each message_put() puts as much as fits, and returns true
 * when all of it is put. */
void message_begin(struct message_out *m, const struct message_form *form, struct payload_id id,
                   bool ack);
bool message_put(struct message_out *m, const struct message_form *form, struct buf *out,
                 struct random *random);

/* The same for the body of a POST, where packets are joined by 0x1e: puts what stands between two
 * separators; of a binary message the text, a separator, and the attachment in base64. */
bool message_put_joined(struct message_out *m, const struct message_form *form, struct buf *out);

/* Bytes and packets of message number `sequence` so joined. */
size_t message_joined_length(const struct message_form *form, uint64_t sequence, bool ack);
unsigned message_joined_packets(const struct message_form *form);

/* Wire bytes of one message's frame, for tcp and ws; 0 for others. */
uint32_t message_frame_size(const struct message_form *form, bool masked);

/* Compares the next piece of raw TCP with that message. Returns the bytes used, at
 * most up to the reply's end. *reply is MESSAGE_NONE until then. */
size_t message_match_raw(struct message_in *in, const struct message_form *form,
                         struct payload_id id, struct span data, enum message_reply *reply);

/* The same for a part of a WebSocket message. */
enum message_reply message_match_part(struct message_in *in, const struct message_form *form,
                                      struct payload_id id, const struct websocket_event *part);

/* Keeps the first bytes of a reply that is picked. Returns the bytes used: those that were lacking
 * in in->identity, of which in->offset have come. */
size_t message_take_identity(struct message_in *in, struct span data);

/* This event or ack can be a reply to one of our messages: an event by its name, an ack always. */
bool message_is_reply(const struct message_form *form, const struct session_event *event);

/* The payload of a whole event or ack: its first argument, unescaped, or its attachment. False:
 * there is none. It lies in the event, or in the form's scratch. */
bool message_find_payload(const struct message_form *form, const struct session_event *event,
                          struct span *payload);

/* Compares it. */
enum message_reply message_match_event(const struct message_form *form, struct payload_id id,
                                       const struct session_event *event);

#endif
