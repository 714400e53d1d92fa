/* The measuring window of a trial: the CPU time, context switches and system calls of both ends
 * between two instants. */
#ifndef WSIO_CLIENT_WINDOW_H
#define WSIO_CLIENT_WINDOW_H

#include "loop/loop.h"
#include "measure/record/trial.h"

/* All-zero: closed. */
struct window {
    bool open;
    uint64_t calls; /* system calls of the loop when it was opened */
    struct port_usage client;
    struct port_usage server; /* all-zero: not known */

    /* Turns since then that were not to sleep and moved nothing: the client looked for the next
     * message to fall due. No message costs that, so it is not counted as theirs. */
    uint64_t looks;
    uint64_t looked_ns;
};

/* `server_pid`: the server's process; 0: not known. */
void window_begin(struct window *w, const struct loop *l, int64_t server_pid);

/* Records what was used since; nothing when it is not open. */
void window_end(struct window *w, const struct loop *l, int64_t server_pid, struct trial *t);

/* A turn of the loop that began at `from` (ns) was such a look. */
void window_add_look(struct window *w, uint64_t from);

#endif
