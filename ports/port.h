/* The whole contract between wsio and an operating system, written once.
 *
 * A port is a folder that defines these functions; the Makefile picks the folders. The tests bring
 * a port of their own: a scripted network in memory with a clock that is wound by hand.
 *
 * I/O returns > 0 for bytes moved, 0 for "not now", and a negative enum status for closed or
 * failed. Zero never means end of stream: that is STATUS_CLOSED. One thread calls all of it. */
#ifndef WSIO_PORT_H
#define WSIO_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/status.h"

/* ---- Start ------------------------------------------------------------------------------- */

/* Once, first of all: libraries, ignored signals (a write to a closed pipe fails instead of
 * ending the program), console, and the least timer slack: waits end as soon after their time as
 * the system can. Children do not inherit that. STATUS_OK or why not. Standard error may be
 * buffered from then on: a program that goes on after a line flushes it. */
int port_start(void);

/* ---- Addresses --------------------------------------------------------------------------- */

#define PORT_ADDRESS_TEXT 64 /* bytes of port_address_text's output with its NUL */

/* An IPv4 or IPv6 address with its port; what is inside belongs to the port. */
struct port_address {
    uint32_t length; /* 0: none */
    uint64_t storage[4];
};

/* Looks a name or literal up ("::1" without brackets), blocking. At most `cap` addresses in the
 * order in which they should be tried. Returns their number, or STATUS_NO_NAME or another failure.
 */
int port_resolve(const char *host, uint16_t port, struct port_address *out, size_t cap);

/* "127.0.0.1:9000" or "[::1]:9000"; "-" for none. */
void port_address_text(const struct port_address *a, char out[PORT_ADDRESS_TEXT]);
uint16_t port_address_port(const struct port_address *a);
bool port_address_is_loopback(const struct port_address *a);

/* ---- Sockets ----------------------------------------------------------------------------- */

typedef intptr_t port_socket;
#define PORT_NO_SOCKET  ((port_socket)-1)
#define PORT_SEND_SPANS 4 /* most spans of one port_send */

enum port_option {
    PORT_NODELAY,        /* 0 or 1 */
    PORT_RECEIVE_BUFFER, /* bytes */
    PORT_SEND_BUFFER,
};

/* All sockets are non-blocking, not inherited by children, and have TCP_NODELAY set. On failure
 * *out is PORT_NO_SOCKET. */

/* Listens; port 0 takes a free one; *bound is where. An IPv6 listener takes IPv6 only. Buffers set
 * on the listener are those of the sockets it accepts. STATUS_IN_USE, _DENIED, _UNAVAILABLE. */
int port_listen(const struct port_address *a, int backlog, port_socket *out,
                struct port_address *bound);

/* Starts to connect: STATUS_OK, then the socket becomes writable and port_socket_error() gives the
 * outcome; or an immediate failure (a refusal may come either way). `source` may be NULL. `buffer`:
 * bytes that the kernel buffers each way, 0 the system's; smaller ones than the window that TCP has
 * announced when connecting make it stall, so they can only be set here. */
int port_connect(const struct port_address *a, const struct port_address *source, size_t buffer,
                 port_socket *out);

/* 1 and a socket, 0 none waiting, < 0: STATUS_LIMIT (out of descriptors; the connection still
 * waits) or another failure. `peer` may be NULL. A connection that died in the queue is skipped. */
int port_accept(port_socket listener, port_socket *out, struct port_address *peer);

/* len >= 1. STATUS_CLOSED at the peer's end of stream, every time it is asked. */
int port_receive(port_socket s, void *buffer, size_t len);

/* Has the system stamp what arrives on this socket from now on, for port_receive_stamped(). Nothing
 * happens where it cannot. */
void port_stamp(port_socket s);

/* port_receive(), which also asks how long ago the last of these bytes came to this system: ns, or
 * PORT_FOREVER where that is not known. */
int port_receive_stamped(port_socket s, void *buffer, size_t len, uint64_t *waited_ns);

/* One system call for 1..PORT_SEND_SPANS spans, of which at least one is not empty. */
int port_send(port_socket s, const struct span *spans, size_t count);

/* Ends our direction; the other stays open. */
int port_shutdown(port_socket s);

/* Never fails. The poller must have forgotten the socket before. PORT_NO_SOCKET is allowed. */
void port_close(port_socket s);

/* The pending error; STATUS_OK when there is none. To be read once: whether it is reported again is
 * open. */
int port_socket_error(port_socket s);

int port_socket_set(port_socket s, enum port_option option, int value);
int port_socket_get(port_socket s, enum port_option option, int *value); /* as the system has it */
int port_socket_local(port_socket s, struct port_address *out);

/* ---- Waiting ----------------------------------------------------------------------------- */

#define PORT_READ  1u
#define PORT_WRITE 2u /* also the end of a connect, good or bad */

#define PORT_FOREVER UINT64_MAX

struct port_event {
    uint64_t token;
    unsigned ready; /* PORT_READ, PORT_WRITE; a reset or a hang-up makes ready what is watched */
};

/* One way of waiting for many sockets. Level-triggered. `state` is what open() gave. Reported are
 * only sockets that are ready for what is watched now: no row with nothing ready, none for a socket
 * whose interest was removed before the wait. A row that an earlier handler of the same round has
 * outdated is the caller's to skip. */
struct port_poller {
    const char *name; /* "epoll", "select" */

    /* Takes what it needs for up to `sockets` at once. STATUS_LIMIT (with the limit visible in
     * most(), below) or STATUS_NO_MEMORY. */
    int (*open)(size_t sockets, void **state);

    /* Watches s for `interest`; 0 forgets it. The first call for a socket adds it and may fail:
     * STATUS_LIMIT when this poller cannot watch it. Costs nothing when the interest is what it
     * was. `had` is the interest so far, 0 if new. */
    int (*set)(void *state, port_socket s, unsigned had, unsigned interest, uint64_t token);

    /* Waits until something is ready, `timeout_ns` is over (0: only look; PORT_FOREVER) or a stop
     * signal comes. Never returns before the timeout for lack of precision, and as soon after it as
     * the system can. Returns the number of events, 0 for none, or a failure. */
    int (*wait)(void *state, struct port_event *events, size_t cap, uint64_t timeout_ns);

    void (*close)(void *state);

    /* The most sockets it can watch, SIZE_MAX for no own limit. */
    size_t (*most)(void);
};

/* By name; NULL gives the port's best. NULL when there is no such poller. */
const struct port_poller *port_poller_find(const char *name);

/* "epoll|select": for help and error lines. */
const char *port_poller_names(void);

/* ---- Time -------------------------------------------------------------------------------- */

/* Monotonic, ns, from any origin; no system call where the system can avoid it. */
uint64_t port_clock(void);
uint64_t port_clock_resolution(void); /* ns, as the system gives it */
uint64_t port_thread_clock(void);     /* CPU time of this thread, ns; a system call */
uint64_t port_wall_clock(void);       /* ns since 1970-01-01 UTC */
void port_wait(uint64_t ns);          /* sleeps at least so long, or until a stop signal */

/* ---- Entropy and memory ------------------------------------------------------------------ */

int port_entropy(void *out, size_t len); /* from the system's generator; STATUS_OK or failure */

/* A zeroed region, page-aligned, touched lazily, for the life of the process. NULL when refused. */
void *port_region(size_t bytes);
void port_region_release(void *region, size_t bytes);

/* Bytes of the region that was refused last, for a message; 0: none was. */
size_t port_region_refused(void);

/* Whole pages of a region are not needed any more: the system may take them back, and gives zeroed
 * ones, or the same, when they are touched again. `part` is aligned to a page. */
void port_region_discard(void *part, size_t bytes);

/* ---- Processes --------------------------------------------------------------------------- */

struct port_child {
    int64_t pid; /* 0: none */
    intptr_t pipe;
    intptr_t handle; /* where the system has one */
    intptr_t stop;   /* where the system has one: what asks the child to end */
};

/* Starts a program by its path with argv (argv[0] included, NULL at the end). Its standard output
 * is a pipe to this program; it shares the standard error. It is in a process group of its own, so
 * that Ctrl-C reaches only this program, and it ends whenever this program ends.
 * STATUS_NOT_FOUND, _DENIED, ... also when exec fails. */
int port_child_start(struct port_child *child, const char *path, const char *const argv[]);

/* The first line without its end, waiting at most `timeout_ns`: its length; STATUS_TIMEOUT;
 * STATUS_CLOSED when it ended first. What follows on the pipe is left unread. cap >= 2; a longer
 * line is cut. */
int port_child_line(struct port_child *child, char *line, size_t cap, uint64_t timeout_ns);

/* Asks it to end (as SIGTERM), waits up to `timeout_ns`, then kills it, and reaps it. The exit
 * code, or 128 + signal. Safe on an all-zero child. */
int port_child_stop(struct port_child *child, uint64_t timeout_ns);

/* Absolute path of this executable, terminated. STATUS_OK or failure. */
int port_self_path(char *out, size_t cap);
int64_t port_self_pid(void);

#define PORT_STOP_EXIT 130 /* the exit code after a second request */

/* From now on Ctrl-C and the request to end (SIGINT, SIGTERM, SIGHUP) only set a flag and end a
 * running wait. One that comes between a check and a wait ends that wait at once, so that none is
 * missed. A second request calls `at_second` and ends the process at once; with NULL, all are only
 * counted. The function runs in the handler of a signal or on another thread: it may only delete
 * files. A terminal that closes may send SIGHUP twice, so it is never the second request; it stays
 * ignored if it was. */
void port_stop_catch(void (*at_second)(void));
int port_stop_count(void); /* how many came so far */

/* ---- Files -------------------------------------------------------------------------------- */

/* Opens a file by its path in UTF-8: `mode` is "r", "w" or "a". Its bytes are as they are written,
 * without any conversion of line ends; children do not inherit it. NULL on failure. */
FILE *port_file_open(const char *path, const char *mode);

/* The same for writing, of a file that is not there yet: NULL also when there is one. */
FILE *port_file_create(const char *path);

enum port_file_kind {
    PORT_FILE_NONE,    /* nothing has this path */
    PORT_FILE_REGULAR, /* a file that another one may replace */
    PORT_FILE_OTHER,   /* a pipe, a device, a link, a folder; or it is not known */
};

enum port_file_kind port_file_kind(const char *path);

/* Gives `from` the path of `to` in one step; a file that has that path is replaced, and leaves its
 * permissions where the system has such. Both lie in the same folder. STATUS_OK or a failure, after
 * which both are as they were. */
int port_file_replace(const char *from, const char *to);

/* It need not be there. */
void port_file_delete(const char *path);

/* ---- Facts ------------------------------------------------------------------------------- */

struct port_usage {
    uint64_t cpu_ns; /* user + system; 0 unknown */
    uint64_t user_ns;
    uint64_t system_ns;
    uint64_t peak_bytes;         /* largest resident size */
    uint64_t resident_bytes;     /* now; 0 unknown */
    uint64_t switches_voluntary; /* context switches; 0 where unknown */
    uint64_t switches_forced;
};

/* Usage of this process (pid 0) or another one. STATUS_NOT_FOUND, STATUS_UNSUPPORTED. */
int port_usage_read(int64_t pid, struct port_usage *usage);

#define PORT_FACT_TEXT 128

/* For the environment block. Unknown texts are "unknown", unknown numbers 0 (load: -1). */
struct port_facts {
    char cpu[PORT_FACT_TEXT];    /* "Intel(R) Core(TM) i7-10750H CPU @ 2.60GHz" */
    char system[PORT_FACT_TEXT]; /* "Linux 6.1.0 x86_64 (Debian GNU/Linux 12)" */
    unsigned cores;              /* on line */
    unsigned cores_allowed;      /* that this process may use */
    uint64_t memory_bytes;       /* of the machine */
    double load;                 /* over one minute */
    char governor[32];           /* of the first core's frequency: "performance" */
    double quota_cores;          /* that a container allows; 0: no quota, or unknown */
    uint64_t steal_ns;           /* taken by the hypervisor from all cores since the start */
    unsigned ports_first;        /* that port_connect may take; both 0 unknown */
    unsigned ports_last;
    unsigned ports_waiting; /* connections in TIME_WAIT now */
    unsigned backlog_most;  /* of port_listen; 0 unknown */
    bool virtual_machine;   /* as the CPU reports it */
};

void port_facts_read(struct port_facts *facts);

/* The most descriptors this process may have, raised as far as allowed. */
uint64_t port_descriptors_raise(void);
uint64_t port_descriptors_open(void); /* open now; 0 unknown */

/* ---- Cores ------------------------------------------------------------------------------- */

/* Cores are numbered from 0; a system may number more than this machine has. */
#define PORT_CORES_MAX 1024

/* All-zero: none. */
struct port_cores {
    uint64_t bits[PORT_CORES_MAX / 64];
};

static inline bool port_cores_has(const struct port_cores *cores, unsigned core)
{
    return core < PORT_CORES_MAX && (cores->bits[core / 64] >> core % 64 & 1) != 0;
}

/* core < PORT_CORES_MAX */
static inline void port_cores_add(struct port_cores *cores, unsigned core)
{
    cores->bits[core / 64] |= UINT64_C(1) << core % 64;
}

/* Binds this thread to one core. STATUS_INVALID when there is no such core, STATUS_UNSUPPORTED. */
int port_pin(unsigned core);

/* The core on which this thread runs, or a failure. */
int port_core(void);

/* The cores that the threads of a process may use; of pid 0: this thread. STATUS_NOT_FOUND;
 * STATUS_INVALID where they may not all use the same ones, and `cores` are those of the first. */
int port_cores_read(int64_t pid, struct port_cores *cores);

/* Lets all threads of a process use these cores only. STATUS_OK, STATUS_DENIED, STATUS_NOT_FOUND,
 * STATUS_INVALID where the machine has none of them. */
int port_cores_set(int64_t pid, const struct port_cores *cores);

struct port_thread {
    int64_t id;
    uint64_t cpu_ns; /* since its start; 0 unknown */
    unsigned core;   /* on which it runs, or ran last */
};

/* The threads of a process, `cap` at most: their number, or STATUS_NOT_FOUND, STATUS_UNSUPPORTED.
 * Takes some microseconds for each. */
int port_threads_read(int64_t pid, struct port_thread *threads, size_t cap);

/* ---- The rest ---------------------------------------------------------------------------- */

/* May this process do anything on this machine (root)? False where the system has no such user. */
bool port_is_root(void);

/* Is stdout (1) or stderr (2) a terminal? */
bool port_is_terminal(int stream);

#endif
