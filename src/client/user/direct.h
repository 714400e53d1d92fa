/* The transport of one connection: raw TCP, WebSocket, and Socket.IO by WebSocket. */
#ifndef WSIO_CLIENT_DIRECT_H
#define WSIO_CLIENT_DIRECT_H

#include "client/user/transport.h"

struct direct {
    struct transport base;
    struct loop_slot *slot; /* NULL: not connecting yet */
};

extern const struct transport_kind direct_kind;

#endif
