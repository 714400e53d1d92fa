/* The server that belongs to this client: it is found beside the client, started on free ports,
 * asked for its figures, and stopped, whatever happens. */
#ifndef WSIO_CLIENT_SIBLING_H
#define WSIO_CLIENT_SIBLING_H

#include "base/option.h"
#include "client/options/client_options.h"
#include "loop/loop.h"
#include "port.h"
#include "measure/result/result.h"

#define SIBLING_URL_BYTES 96

/* The targets that it offers. */
enum sibling_target {
    SIBLING_TCP,
    SIBLING_WS,
    SIBLING_SIO,
    SIBLING_SIO_UPGRADE,
    SIBLING_URLS,
};

struct sibling {
    struct port_child child;
    struct port_address web;                    /* of its port for HTTP and WebSocket */
    char urls[SIBLING_URLS][SIBLING_URL_BYTES]; /* `NAME=URL` */
};

/* Starts it with the options that must be equal at both ends, and waits for its first line.
 * STATUS_OK, or a failure with one line in `error`; then nothing runs. */
int sibling_start(struct sibling *s, const struct client_options *options,
                  char error[OPTION_ERROR_BYTES]);

/* Asks for /stats, while no connection of the loop is open. False, and figures->known false, when
 * there is no answer. */
bool sibling_ask(struct sibling *s, struct loop *l, struct server_figures *figures);

/* Stops it and waits for its end. An all-zero sibling is none: nothing happens. */
void sibling_stop(struct sibling *s);

#endif
