#include "measure/machine/environment.h"

#include <string.h>

#include "base/config.h"
#include "base/real.h"
#include "measure/record/histogram.h"
#include "port.h"

#ifndef WSIO_COMPILER
#define WSIO_COMPILER "unknown"
#endif
#ifndef WSIO_FLAGS
#define WSIO_FLAGS "unknown"
#endif
#ifndef WSIO_COMMIT
#define WSIO_COMMIT "unknown"
#endif

#define COST_LOOPS  20          /* the least of so many: the others were disturbed */
#define COST_ROUNDS 1000        /* of one loop */
#define WATCH_NS    1000000000u /* systems count what is stolen in steps of 10 ms */

static void copy_text(char *out, size_t cap, const char *text)
{
    span_copy_text(span_text(text), out, cap);
}

static double take_lesser(double least, uint64_t loop_ns)
{
    double one = real_of(loop_ns) / COST_ROUNDS;
    return least < 0.0 || one < least ? one : least;
}

static double measure_clock_cost(void)
{
    double least = -1.0;
    for (int loop = 0; loop < COST_LOOPS; loop++) {
        uint64_t start = port_clock();
        uint64_t last = start;
        for (int i = 0; i < COST_ROUNDS; i++)
            last = port_clock();
        least = take_lesser(least, last - start);
    }
    return least;
}

/* With values about as far apart as latencies are, so that bins and branches change. */
static double measure_record_cost(void)
{
    static struct histogram scratch;
    double least = -1.0;
    for (int loop = 0; loop < COST_LOOPS; loop++) {
        uint64_t value = 10000;
        uint64_t start = port_clock();
        for (int i = 0; i < COST_ROUNDS; i++) {
            histogram_record(&scratch, value);
            value = value * 29 % 65521 + 5000;
        }
        least = take_lesser(least, port_clock() - start);
    }
    return least;
}

static void read_machine(struct environment *e, const struct port_facts *facts)
{
    copy_text(e->cpu, sizeof e->cpu, facts->cpu);
    e->cores = facts->cores;
    e->cores_used = facts->cores_allowed;
    e->threads = 1;
    e->memory_bytes = facts->memory_bytes;
    copy_text(e->system, sizeof e->system, facts->system);
    e->virtual_machine = facts->virtual_machine;
    copy_text(e->governor, sizeof e->governor, facts->governor);
    e->quota_cores = facts->quota_cores;
}

static void read_build(struct environment *e)
{
    copy_text(e->version, sizeof e->version, WSIO_VERSION);
    copy_text(e->commit, sizeof e->commit, WSIO_COMMIT);
    copy_text(e->compiler, sizeof e->compiler, WSIO_COMPILER);
    copy_text(e->flags, sizeof e->flags, WSIO_FLAGS);
}

static void read_network(struct environment *e, const struct port_facts *facts)
{
    e->files_most = port_descriptors_raise();
    e->ports_first = facts->ports_first;
    e->ports_last = facts->ports_last;
    e->ports_waiting = facts->ports_waiting;
    e->backlog_most = facts->backlog_most;
}

static void read_clock(struct environment *e)
{
    e->started_unix_ns = port_wall_clock();
    e->clock_resolution_ns = port_clock_resolution();
    e->clock_cost_ns = measure_clock_cost();
    e->record_cost_ns = measure_record_cost();
}

void environment_read(struct environment *e, const char *poller)
{
    struct port_facts facts;
    memset(e, 0, sizeof *e);
    port_facts_read(&facts);
    read_machine(e, &facts);
    read_build(e);
    copy_text(e->poller, sizeof e->poller, poller);
    read_network(e, &facts);
    e->load_before = facts.load;
    e->load_after = -1.0;
    e->steal_share = -1.0;
    e->steal_before_ns = facts.steal_ns;
    e->clock_before_ns = port_clock();
    read_clock(e);
}

void environment_note_socket(struct environment *e, intptr_t socket)
{
    int nodelay = 0;
    if (e->sockets_known)
        return;
    if (port_socket_get(socket, PORT_NODELAY, &nodelay) != STATUS_OK ||
        port_socket_get(socket, PORT_RECEIVE_BUFFER, &e->receive_buffer) != STATUS_OK ||
        port_socket_get(socket, PORT_SEND_BUFFER, &e->send_buffer) != STATUS_OK)
        return;
    e->nodelay = nodelay != 0;
    e->sockets_known = true;
}

void environment_finish(struct environment *e)
{
    struct port_facts facts;
    port_facts_read(&facts);
    e->load_after = facts.load;
    uint64_t passed = port_clock() - e->clock_before_ns;
    if (e->cores > 0 && passed > 0 && facts.steal_ns >= e->steal_before_ns)
        e->steal_share =
            real_of(facts.steal_ns - e->steal_before_ns) / (real_of(passed) * e->cores);
}

/* A core that sleeps has nothing to be stolen. */
void environment_watch(struct environment *e)
{
    uint64_t start = port_clock();
    while (e->virtual_machine && port_clock() - start < WATCH_NS && port_stop_count() == 0)
        continue;
    environment_finish(e);
}
