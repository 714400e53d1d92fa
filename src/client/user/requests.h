/* The transport of Engine.IO by HTTP requests: long polling, and the upgrade from there to
 * WebSocket, with connections for GET, POST and the upgrade, in the order of the JavaScript client.
 *
 * What the loop reports is only noted; requests_work() then acts, once per turn, on whichever
 * connection it has to. So the packets of one turn go out in one POST, and no callback acts on
 * another connection than its own. */
#ifndef WSIO_CLIENT_REQUESTS_H
#define WSIO_CLIENT_REQUESTS_H

#include "client/user/requests_links.h"

extern const struct transport_kind requests_kind;

/* Does what the users of a trial have to do. Outside of the loop's calls. */
void requests_work(struct crowd *c);

#endif
