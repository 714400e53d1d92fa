/* On which cores a run puts its two ends (--placement), and the way back. */
#ifndef WSIO_CLIENT_PLACING_H
#define WSIO_CLIENT_PLACING_H

#include "client/options/client_options.h"
#include "measure/result/result_placement.h"
#include "port.h"

/* A process that was bound, and what it might use before. */
struct placing_move {
    int64_t pid;
    struct port_cores before;
};

/* All-zero: nothing was bound. */
struct placing {
    /* By placing_choose(). */
    struct port_cores allowed; /* to this process, before the run */
    unsigned allowed_count;    /* 0: not known */
    int client_core;           /* RESULT_NO_CORE: any */
    int server_core;           /* RESULT_NO_CORE: any, or several */
    bool binds;                /* servers may use only the cores of the next member */
    struct port_cores servers;

    unsigned move_count;
    struct placing_move moves[TARGETS_MAX];
};

/* Chooses cores among those that are allowed. A placement that was asked for and cannot be had is
 * STATUS_INVALID, with one line in `error`; a default gives way: options->placement then says to
 * what. */
int placing_choose(struct placing *p, struct client_options *options,
                   char error[OPTION_ERROR_BYTES]);

/* Binds this thread. Once the sibling runs, which would inherit the core. */
int placing_bind_client(const struct placing *p, char error[OPTION_ERROR_BYTES]);

/* Binds a server's process if that is the placement; a second call for it does nothing. STATUS_OK,
 * or a failure with one line in `error`: no permission, or threads that have cores of their own. */
int placing_bind_server(struct placing *p, int64_t pid, char error[OPTION_ERROR_BYTES]);

/* Gives all servers back the cores that they had. */
void placing_restore(struct placing *p);

#endif
