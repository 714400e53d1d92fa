/* One line on stderr that shows a person at a terminal how far a long run is. */
#ifndef WSIO_CLIENT_PROGRESS_H
#define WSIO_CLIENT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool on;             /* false: nothing is shown */
    uint64_t started;    /* ns */
    uint64_t planned_ns; /* how long all of it is expected to take */
    uint64_t shown_at;   /* ns; 0: never yet */
    char step[96];       /* what is being done */
};

/* Resets `p`. `on`: stderr is a terminal, and a line is wanted. */
void progress_start(struct progress *p, bool on, uint64_t now, uint64_t planned_ns);

/* Names what begins now. */
void progress_step(struct progress *p, const char *step);

/* Shows the line anew, at most five times a second. */
void progress_show(struct progress *p, uint64_t now);

/* Wipes the line. */
void progress_end(struct progress *p);

#endif
