/* Targets: `[NAME=]URL[#TRANSPORT]`, the servers to measure. */
#ifndef WSIO_CLIENT_TARGET_H
#define WSIO_CLIENT_TARGET_H

#include "base/bytes.h"
#include "base/config.h"
#include "base/option.h"

#define TARGET_NAME_BYTES 32   /* with the NUL */
#define TARGET_HOST_BYTES 256  /* with the NUL */
#define TARGET_URL_MAX    1024 /* bytes of a URL: path and query fit the request head */

enum target_kind {
    TARGET_TCP, /* tcp://, raw echo */
    TARGET_WS,  /* ws://, RFC 6455 */
    TARGET_SIO, /* http://, Socket.IO v4 */
};

enum target_transport {
    TARGET_WEBSOCKET,
    TARGET_POLLING, /* long polling and nothing else */
    TARGET_UPGRADE, /* long polling first, then probe and upgrade: what stock clients do */
};

/* One server. Spans point into the text that was parsed. */
struct target {
    char name[TARGET_NAME_BYTES];
    const char *text; /* as given */
    enum target_kind kind;
    enum target_transport transport; /* TARGET_WEBSOCKET but for TARGET_SIO */
    char host[TARGET_HOST_BYTES];    /* name or address; an IPv6 one without brackets */
    uint16_t port;                   /* 1..65535 */
    struct span path;  /* ws: path and query as sent, at least "/"; http: the namespace, at least
                          "/";  tcp: absent */
    struct span query; /* http: what stands behind '?', without it; else absent */
};

struct target_list {
    uint32_t count;
    struct target item[TARGETS_MAX];
};

/* Parses one target. `name` is empty when none was given. Strict: printable ASCII without spaces.
 * STATUS_OK, or STATUS_INVALID with one line in `error` that names the text and the cause. */
int target_parse(struct target *target, const char *text, char error[OPTION_ERROR_BYTES]);

/* Parses all, refuses names given twice and more than TARGETS_MAX, and names the nameless: `tcp`,
 * `ws`, `sio`, `sio-polling`, `sio-upgrade`, then `ws2` and so on, never one that is taken. The
 * same results. */
int target_list_parse(struct target_list *list, const char *const *texts, size_t count,
                      char error[OPTION_ERROR_BYTES]);

/* Connections that one user of this target may have at once. */
uint32_t target_connections(const struct target *target);

/* As given, but without the name that may stand before it. */
const char *target_url(const struct target *target);

/* Appends the host as a URL or a Host field has it (brackets around IPv6), with `:PORT` unless the
 * scheme's default (80 for ws and http). */
void target_put_authority(const struct target *target, struct buf *out);

#endif
