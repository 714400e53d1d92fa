/* The command line of wsio-server. */
#ifndef WSIO_SERVER_SERVER_OPTIONS_H
#define WSIO_SERVER_SERVER_OPTIONS_H

#include "base/option.h"

#define SERVER_HELP_BYTES   8192       /* enough for the help */
#define SERVER_OPTION_UNSET UINT32_MAX /* `cpu`: the server is not pinned */

enum server_app {
    SERVER_APP_ECHO,
    SERVER_APP_CONFORMANCE,
};

/* Every value is checked and in its range. */
struct server_options {
    bool help;
    bool version;

    /* Addresses. */
    const char *bind;  /* name or address */
    uint32_t port;     /* WebSocket and Socket.IO; 0: any free port */
    uint32_t tcp_port; /* raw TCP; 0: likewise; else never equal to `port` */

    /* Application. */
    uint32_t app;                   /* enum server_app */
    struct option_texts namespaces; /* beside "/"; each starts with '/' and is shorter than
                                       NAMESPACE_NAME_MAX */
    struct option_texts origins;    /* each shorter than ORIGIN_NAME_MAX; none: equal to Host */

    /* Times. */
    uint32_t ping_interval_ms;
    uint32_t ping_timeout_ms;
    uint32_t connect_timeout_ms;
    uint32_t handshake_timeout_ms;
    uint32_t idle_timeout_ms; /* 0: never */

    /* Limits. */
    size_t max_message; /* bytes */
    uint32_t max_clients;
    uint32_t max_per_address; /* connections of one address; 0: no limit */
    bool max_clients_given;   /* if not, it is lowered to what the poller can watch */
    size_t max_head;          /* bytes */
    size_t socket_buffer;     /* bytes for each direction; 0: the system's default */

    /* Running. */
    const char *poller; /* NULL: the port's best */
    bool busy_poll;
    uint32_t cpu; /* core, or SERVER_OPTION_UNSET */

    /* Self-test of a client. */
    uint64_t delay_ns;       /* before each answer; 0: none */
    const char *stall;       /* as given, or NULL */
    uint64_t stall_ns;       /* parsed; < stall_every_ns */
    uint64_t stall_every_ns; /* 0: no stalls */

    /* Output. */
    bool json;  /* the report at the end as JSON */
    bool quiet; /* no report at the end */
};

/* Sets the names that --poller takes, such as "epoll|select". Called before a parse. */
void server_options_pollers(const char *names);

/* Resets `options` and fills it. STATUS_OK, or STATUS_INVALID with one line in `error`. With `help`
 * or `version` set, nothing else is valid. */
int server_options_parse(struct server_options *options, int argc, char *const argv[],
                         char error[OPTION_ERROR_BYTES]);

/* Appends the whole help text. */
void server_options_help(struct buf *out);

#endif
