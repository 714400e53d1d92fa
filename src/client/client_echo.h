/* `wsio-client echo URL`: returns every message, with its type, until the peer closes. Suites that
 * test the protocol of a client from the server's side need this. */
#ifndef WSIO_CLIENT_CLIENT_ECHO_H
#define WSIO_CLIENT_CLIENT_ECHO_H

#include "client/options/client_options.h"

struct port_poller;

enum client_echo_result {
    CLIENT_ECHO_DONE, /* a clean close */
    CLIENT_ECHO_FAILED,
    CLIENT_ECHO_STOPPED, /* by a signal */
};

/* Connects to the only target (ws:// or http://) and serves it. CLIENT_ECHO_FAILED with one line in
 * `error`. */
enum client_echo_result client_echo_run(const struct client_options *options,
                                        const struct port_poller *poller,
                                        char error[OPTION_ERROR_BYTES]);

#endif
