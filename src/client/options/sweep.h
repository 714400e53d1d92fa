/* --sweep: one quantity takes several values, one after the other. */
#ifndef WSIO_CLIENT_SWEEP_H
#define WSIO_CLIENT_SWEEP_H

#include <stdint.h>

#include "base/config.h"

enum sweep_kind {
    SWEEP_SIZE,    /* bytes of one payload, 1..PAYLOAD_MAX */
    SWEEP_CLIENTS, /* open at once, 1..CLIENTS_MAX */
};

/* Ascending values without repetition; count 0: nothing is swept. */
struct sweep {
    enum sweep_kind kind;
    uint32_t count;
    uint64_t values[SWEEP_MAX];
};

/* "size=2,64,1024" (sizes may end in K or M) or "clients=1,4,16". Resets `sweep`. NULL, or what was
 * expected instead. */
const char *sweep_parse(struct sweep *sweep, const char *text);

/* "size" or "clients". */
const char *sweep_key(enum sweep_kind kind);

#endif
