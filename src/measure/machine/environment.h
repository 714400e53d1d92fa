/* What the figures were measured on. Only environment.c asks the port. */
#ifndef WSIO_MEASURE_ENVIRONMENT_H
#define WSIO_MEASURE_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

#define ENVIRONMENT_TEXT 512

/* Unknown texts are "unknown", unknown numbers 0 (load and steal: -1). */
struct environment {
    unsigned cores;       /* of the machine, on line */
    unsigned cores_used;  /* that this process may use */
    unsigned threads;     /* of this process that measure: 1 */
    unsigned ports_first; /* that connects may take; both 0 unknown */
    unsigned ports_last;
    unsigned ports_waiting; /* in TIME_WAIT before the run, of this machine */
    unsigned backlog_most;  /* of a listener; 0 unknown */
    bool virtual_machine;   /* by the CPU's own word */
    bool loopback;          /* every target is on this machine's loopback: filled by the client */

    /* Of one measuring socket, as the system has it. By environment_socket(). */
    bool sockets_known;
    bool nodelay;
    int receive_buffer; /* bytes */
    int send_buffer;

    double quota_cores; /* that a container allows; 0: no quota, or unknown */
    double
        steal_share; /* of all cores' time, taken by the hypervisor while we ran; -1 until then */
    double load_before; /* over one minute */
    double load_after;
    double clock_cost_ns;  /* of one reading, least of several loops */
    double record_cost_ns; /* of recording one value in a histogram, likewise */
    uint64_t clock_resolution_ns;
    uint64_t files_most; /* descriptors of this process, as raised */
    uint64_t memory_bytes;
    uint64_t started_unix_ns; /* wall clock */
    uint64_t steal_before_ns; /* what the share is the difference of: all that was taken, */
    uint64_t clock_before_ns; /* and the clock, at the start */

    char cpu[ENVIRONMENT_TEXT];
    char system[ENVIRONMENT_TEXT];
    char governor[32]; /* of the first core's frequency */
    char poller[16];
    char compiler[ENVIRONMENT_TEXT]; /* WSIO_COMPILER, WSIO_FLAGS, WSIO_COMMIT: by the Makefile */
    char flags[ENVIRONMENT_TEXT];
    char commit[48];
    char version[16];
};

/* Fills all but the sockets and `loopback`; takes a few milliseconds for the two costs. `poller` is
 * the name of the one in use. */
void environment_read(struct environment *e, const char *poller);

/* Reads the options back from a connected socket (a port_socket). Only the first call counts. */
void environment_socket(struct environment *e, intptr_t socket);

/* When all is measured: the load after, and the share of time that was stolen. */
void environment_finish(struct environment *e);

/* environment_finish(), on a virtual machine after a second of work, so that what its host takes
 * shows before anything is measured. */
void environment_watch(struct environment *e);

#endif
