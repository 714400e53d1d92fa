/* From polling to WebSocket: probe, pause, switch. */
#ifndef WSIO_CLIENT_REQUESTS_UPGRADE_H
#define WSIO_CLIENT_REQUESTS_UPGRADE_H

#include "client/user/requests_links.h"

/* Opens the WebSocket when it is time for it. */
void requests_upgrade_work(struct requests *q);

/* The WebSocket is open: asks with a probe. */
void requests_upgrade_probe(struct requests *q);

/* A part of what the WebSocket says: the answer to the probe, or noops. */
void requests_upgrade_receive(struct requests *q, const struct websocket_event *part);

/* The probe is answered and no request is under way: the WebSocket can become the transport. */
bool requests_upgrade_can_switch(const struct requests *q);

/* It becomes the transport, which is reported. */
void requests_upgrade_switch(struct requests *q);

#endif
