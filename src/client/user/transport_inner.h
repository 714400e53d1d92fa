/* What the files of transport share. */
#ifndef WSIO_CLIENT_TRANSPORT_INNER_H
#define WSIO_CLIENT_TRANSPORT_INNER_H

#include "client/user/transport.h"
#include "client/user/user.h"

/* The connection for a request, if it is there and free; else it is made. NULL: not now. */
struct loop_slot *transport_line_ready(struct run *r, struct user *u, enum transport_role role);

/* Path and query with the session's sid, once there is one; valid until the next call. */
struct span transport_url(struct run *r, const struct user *u, struct span base);

/* Closes all of them, and gives back the memory that belongs to them. */
void transport_lines_drop(struct run *r, struct user *u);

/* What is under way belongs to the upgrade: its failure, to be noted next, ends the user in one of
 * the upgrade's phases. */
void transport_upgrade_fail(struct run *r, struct user *u);

/* Sends the next POST if there is something to say and none is under way; puts more of it. */
void transport_post_work(struct run *r, struct user *u);
void transport_post_pump(struct run *r, struct user *u, struct loop_slot *s);

/* Opens the WebSocket when it is time for it; it is open: probes; a part of what it says. */
void transport_websocket_work(struct run *r, struct user *u);
void transport_probe_begin(struct run *r, struct user *u);
void transport_probe_part(struct run *r, struct user *u, const struct websocket_event *part);

/* Once the probe is answered and no request is under way, the WebSocket becomes the transport. */
bool transport_may_switch(const struct transport *t);
void transport_switch(struct run *r, struct user *u);

#endif
