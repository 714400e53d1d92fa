/* A port for tests: port.h over a network in memory, with a clock that is wound by hand.
 *
 * scripted.c is the network, _poller, _address and _system are the rest. Nothing is allocated; a
 * misuse that a real system would forgive (a stale socket, a socket closed while watched, a wrong
 * `had`) aborts.
 *
 * Known hosts: localhost and 127.0.0.1, 127.0.0.2, ::1, and 192.0.2.1, which no route leads to.
 *
 * Connections open at once. Data and ends of stream arrive at once. A connect without a listener
 * fails later, as the socket's error (or immediately, see scripted_refuse_at_once); with a full
 * backlog it waits for an accept. A socket that is closed with unread data, or is sent to after it
 * was closed, resets the other side: that side reads what it has, then STATUS_RESET once, then
 * STATUS_CLOSED. */
#ifndef WSIO_TEST_SCRIPTED_H
#define WSIO_TEST_SCRIPTED_H

#include "port.h"

#define SCRIPTED_SOCKETS    512 /* open at once; one more is STATUS_LIMIT */
#define SCRIPTED_CAPACITY   65536
#define SCRIPTED_FIRST_PORT 49152 /* of those that connects and listeners take */
#define SCRIPTED_POLLERS    4

/* Bytes of all regions together. */
#ifndef SCRIPTED_REGION_BYTES
#define SCRIPTED_REGION_BYTES ((size_t)192 * 1024 * 1024)
#endif

/* Back to the start, for the setup of each test: no sockets, pollers, regions, settings or counts;
 * the clock at one second and the entropy at its beginning. */
void scripted_reset(void);

/* ---- Network -------------------------------------------------------------------------------- */

/* Bytes that each direction of a connection holds unread, 1..SCRIPTED_CAPACITY; for all, at once.
 */
void scripted_capacity_set(size_t bytes);

/* Most bytes that one send or receive moves; 0: no cut. 1 brings everything in single bytes. */
void scripted_cut_set(size_t bytes);

void scripted_refuse_at_once(bool on);

/* Open sockets are reported as writable also where nothing can be sent: a poller may be wrong. */
void scripted_writable_always(bool on);

/* The next accepts, so many, fail as when descriptors have run out; the connection stays queued. */
void scripted_accepts_fail(unsigned count);

/* The poller refuses to watch the next sockets that it is given, so many. */
void scripted_watches_fail(unsigned count);

/* Sockets not closed, listeners and queued connections included: 0 at the end of a test. */
size_t scripted_sockets_open(void);

struct scripted_counts {
    uint64_t connects;
    uint64_t accepts; /* calls of each, whatever came of them */
    uint64_t receives;
    uint64_t sends;
    uint64_t sets; /* interest changes that would have cost something */
    uint64_t waits;
};

struct scripted_counts scripted_counts(void); /* since the reset */

/* ---- Time and signals ----------------------------------------------------------------------- */

/* A wait with nothing ready advances the clock by its timeout, port_wait by its time. A wait
 * with PORT_FOREVER and nothing ready would never return: it fails with STATUS_STOPPED instead. */
void scripted_clock_advance(uint64_t ns);

/* Nanoseconds by which each port_clock() moves the clock; 0 after the reset. */
void scripted_clock_tick_set(uint64_t ns);

/* What port_receive_stamped() says; PORT_FOREVER at first. */
extern uint64_t scripted_age_ns;

/* As if Ctrl-C had been pressed: counts, and ends the next wait. */
void scripted_stop(void);

/* ---- Cores ---------------------------------------------------------------------------------- */

/* There are two. The core of this thread; the threads of any other process, at most four; and
 * whether the system does not report these (it then has port_cores_read() only). */
void scripted_core_set(int core);
void scripted_threads_set(const struct port_thread *threads, size_t count);
void scripted_threads_hide(bool on);

/* ---- Between its files ---------------------------------------------------------------------- */

extern struct scripted_counts scripted_calls;

size_t scripted_slot(port_socket handle); /* below SCRIPTED_SOCKETS; aborts for a stale one */
unsigned scripted_ready(size_t slot);
void scripted_watch(size_t slot, bool on);
bool scripted_stop_take(void); /* is there a stop that no wait has seen? */
void scripted_poller_reset(void);
void scripted_system_reset(void);

#endif
