/* The server that belongs to this client: found beside it, started on free ports, asked for its
 * figures, and stopped, whatever happens. */
#ifndef WSIO_CLIENT_SIBLING_H
#define WSIO_CLIENT_SIBLING_H

#include "base/option.h"
#include "client/options/client_options.h"
#include "loop/loop.h"
#include "port.h"
#include "measure/result/result.h"

#define SIBLING_URLS      4
#define SIBLING_URL_BYTES 96

struct sibling {
    struct port_child child;
    struct port_address web;
    char urls[SIBLING_URLS][SIBLING_URL_BYTES]; /* tcp, ws, sio, sio-upgrade: `NAME=URL` */
};

/* Starts it with the options that must be equal at both ends, and waits for its first line.
 * STATUS_OK, or a failure with one line in `error`; then nothing runs. */
int sibling_start(struct sibling *s, const struct client_options *options,
                  char error[OPTION_ERROR_BYTES]);

/* Asks for /stats; false, and figures->known false, when there is no answer. No connection of the
 * loop is open. */
bool sibling_ask(struct sibling *s, struct loop *l, struct server_figures *figures);

/* Ends it and waits for it. Safe on an all-zero sibling. */
void sibling_stop(struct sibling *s);

#endif
