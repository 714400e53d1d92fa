/* What the files of ports/posix share, and what the folder of the one system (ports/linux)
 * supplies. */
#ifndef WSIO_POSIX_PRIVATE_H
#define WSIO_POSIX_PRIVATE_H

#include <sys/types.h>
#include <time.h>

#include "port.h"

/* errno as a status: the only list of its kind. STATUS_SYSTEM for what is not on it. */
int posix_status(int error);
int posix_failure(void); /* of errno */

/* For a timeout; cut to what a 32-bit time_t holds. */
struct timespec posix_timespec(uint64_t ns);

/* The stop signals write a byte into a pipe, so that every wait can watch for them like for a
 * socket: none is missed before a wait, under constant load or when only looking. Made by
 * port_start; below FD_SETSIZE. */
int posix_stop_open(void);
int posix_stop_descriptor(void);
void posix_stop_drain(void);

extern const struct port_poller posix_poller_select;

/* ---- Supplied by the system's own folder ---------------------------------------------------- */

extern const struct port_poller native_poller; /* its best */

/* A wait ends as soon after its time as the system can: for this thread, until
 * native_child_follow().
 */
void native_timers_sharpen(void);

/* In the child, before exec: ends with its parent, and waits as exactly as others do. False when
 * the parent is gone already. */
bool native_child_follow(pid_t parent);

/* As port_usage_read; for pid 0 only what getrusage does not know (or knows badly) is overwritten.
 */
int native_usage_read(int64_t pid, struct port_usage *usage);

#endif
