/* A target made ready to be connected to: its addresses, its handshake's request, and the form of
 * its messages. It is built once at start. Within a trial only the address in use changes. */
#ifndef WSIO_CLIENT_DESTINATION_H
#define WSIO_CLIENT_DESTINATION_H

#include "client/options/client_options.h"
#include "client/user/message.h"
#include "client/options/target.h"
#include "conn/conn.h"
#include "port.h"

#define DESTINATION_TEXT_BYTES 16384 /* request target, Host, header lines, names */

struct destination {
    const struct target *target;
    struct port_address addresses[ADDRESSES_MAX];
    size_t address_count;
    size_t address;      /* the one in use */
    bool reached;        /* a connection to it came about: no other address is tried any more */
    uint64_t resolve_ns; /* what the look-up took; 0 once a trial has recorded it */
    struct conn_config conn;
    struct handshake_request request; /* of a WebSocket */
    struct span polling; /* path and query of polling requests, without a sid; else absent */
    struct message_form form;
    uint8_t text[DESTINATION_TEXT_BYTES]; /* what the spans above point into */
};

/* Builds everything but the addresses, into an all-zero destination. `memory` has
 * destination_memory() bytes, and must outlive the destination. STATUS_OK, or STATUS_NO_ROOM:
 * headers and names are too long. */
int destination_make(struct destination *d, const struct target *target,
                     const struct client_options *options, uint8_t *memory);
size_t destination_memory(const struct client_options *options);

/* From now on messages have this size: at most the size in the options that the destination was
 * built from, which had no text of their own. */
void destination_resize(struct destination *d, size_t size);

/* Looks the host up, and notes how long that took. The number of addresses, or the failure. */
int destination_resolve(struct destination *d);

/* Bytes that one reply held in memory may need. */
size_t destination_message_bytes(const struct client_options *options);

/* The same for the body of a poll, which brings all messages that are ready. */
size_t destination_body_bytes(const struct client_options *options);

#endif
