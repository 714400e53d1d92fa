/* A target made ready to be connected to: its addresses, what the handshake asks, and the form of
 * its messages. Built once at start; nothing of it changes within a trial but the address in use.
 */
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
    size_t address_count;
    size_t address; /* the one in use */
    bool reached;   /* a connection to it came about: no other is tried any more */
    uint64_t resolve_ns;
    struct span polling; /* path and query of polling requests, without a sid; else absent */
    struct message_form form;
    struct handshake_request request;
    struct conn_config conn;
    struct port_address addresses[ADDRESSES_MAX];
    uint8_t text[DESTINATION_TEXT_BYTES];
};

/* Builds everything but the addresses. `memory` is of destination_memory() bytes and lives as long.
 * STATUS_OK, or STATUS_NO_ROOM: headers and names are too long. */
int destination_make(struct destination *d, const struct target *target,
                     const struct client_options *options, uint8_t *memory);
size_t destination_memory(const struct client_options *options);

/* From now on messages have this size, which is at most that of the options it was built from;
 * those had no text of their own. */
void destination_resize(struct destination *d, size_t size);

/* Looks the host up, and notes how long that took. The number of addresses, or the failure. */
int destination_resolve(struct destination *d);

/* The reply, put together, of this many bytes must fit: what one held message may need. */
size_t destination_message_bytes(const struct client_options *options);

/* The same for the body of a poll, which brings all that is ready. */
size_t destination_body_bytes(const struct client_options *options);

#endif
