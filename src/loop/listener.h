/* Listening sockets, and when they are not watched. */
#ifndef WSIO_LOOP_LISTENER_H
#define WSIO_LOOP_LISTENER_H

#include "loop/loop.h"

#define LISTENER_TOKEN UINT64_MAX /* of the first one; each further one is one less */

/* Watches a listening socket, which stays the caller's. What it accepts is raw TCP, or HTTP.
 * STATUS_OK, STATUS_LIMIT above LOOP_LISTENERS, or the poller's failure. */
int listener_add(struct loop *l, port_socket listener, bool raw);

/* Stops accepting. */
void listener_stop(struct loop *l);

/* Connections wait at listener `number`: accepts them while there are slots. */
void listener_ready(struct loop *l, unsigned number);

/* Watches again what was not watched for lack of slots or descriptors, once there are some. */
void listener_resume(struct loop *l);

#endif
