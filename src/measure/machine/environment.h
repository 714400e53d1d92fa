/* What the figures were measured on. In measure, only environment.c asks the port. */
#ifndef WSIO_MEASURE_ENVIRONMENT_H
#define WSIO_MEASURE_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

#define ENVIRONMENT_TEXT 512

/* Unknown texts are "unknown", unknown numbers 0 (load and steal: -1). */
struct environment {
    /* The machine. */
    char cpu[ENVIRONMENT_TEXT];
    unsigned cores;      /* of the machine, on line */
    unsigned cores_used; /* that this process may use */
    unsigned threads;    /* of this process that measure: 1 */
    uint64_t memory_bytes;
    char system[ENVIRONMENT_TEXT];
    bool virtual_machine; /* as the CPU reports */
    char governor[32];    /* of the first core's frequency */
    double quota_cores;   /* that a container allows; 0: no quota, or unknown */

    /* The build. */
    char version[16];
    char commit[48]; /* WSIO_COMMIT, WSIO_COMPILER, WSIO_FLAGS: from the Makefile */
    char compiler[ENVIRONMENT_TEXT];
    char flags[ENVIRONMENT_TEXT];

    /* The network. */
    char poller[16];
    bool loopback;          /* every target is on this machine's loopback: filled by the client */
    uint64_t files_most;    /* descriptors of this process, as raised */
    unsigned ports_first;   /* that connects may take; both 0: unknown */
    unsigned ports_last;    /* included */
    unsigned ports_waiting; /* in TIME_WAIT before the run, of this machine */
    unsigned backlog_most;  /* of a listener; 0: unknown */

    /* One measuring socket, as the system reports it: by environment_note_socket(). */
    bool sockets_known;
    bool nodelay;
    int receive_buffer; /* bytes */
    int send_buffer;

    /* The clock. */
    uint64_t started_unix_ns; /* wall clock */
    uint64_t clock_resolution_ns;
    double clock_cost_ns;  /* of one reading, least of several loops */
    double record_cost_ns; /* of recording one value in a histogram, likewise */

    /* Other work on the machine. */
    double load_before; /* over one minute */
    double load_after;
    double
        steal_share; /* of all cores' time, taken by the hypervisor during the run; -1 until then */
    uint64_t steal_before_ns; /* at the start: what was taken since boot, and the clock */
    uint64_t clock_before_ns;
};

/* Fills all but the sockets and `loopback`; takes a few milliseconds for the two costs. `poller` is
 * the name of the one in use. */
void environment_read(struct environment *e, const char *poller);

/* Reads the options of a connected socket (a port_socket). Only the first call counts. */
void environment_note_socket(struct environment *e, intptr_t socket);

/* When all is measured: the load after the run, and the share of time that was stolen. */
void environment_finish(struct environment *e);

/* environment_finish() without a run. On a virtual machine it works for a second first, so that it
 * shows what the host takes. */
void environment_watch(struct environment *e);

#endif
