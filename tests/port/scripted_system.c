/* The scripted port without its network: a clock, entropy, memory, and facts that never change. */
#include "scripted.h"

#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

/* ---- Time and signals ----------------------------------------------------------------------- */

#define START_NS   UINT64_C(1000000000)
#define WALL_NS    UINT64_C(1700000000000000000)
#define PAGE_BYTES 4096

static uint64_t now;
static uint64_t tick;
static int stops;
static int stops_seen;

void scripted_clock_advance(uint64_t ns)
{
    now += ns;
}

void scripted_clock_tick_set(uint64_t ns)
{
    tick = ns;
}

uint64_t port_clock(void)
{
    now += tick;
    return now;
}

uint64_t port_thread_clock(void)
{
    return port_clock();
}

uint64_t port_clock_resolution(void)
{
    return 1;
}

uint64_t port_wall_clock(void)
{
    return WALL_NS + now;
}

void port_wait(uint64_t ns)
{
    if (!scripted_stop_take())
        now += ns;
}

void scripted_stop(void)
{
    stops++;
}

bool scripted_stop_take(void)
{
    bool unseen = stops_seen != stops;

    stops_seen = stops;
    return unseen;
}

void port_stop_catch(void (*at_second)(void))
{
    (void)at_second;
}

int port_stop_count(void)
{
    return stops;
}

/* ---- Entropy and memory --------------------------------------------------------------------- */

static uint64_t entropy;
static alignas(PAGE_BYTES) uint8_t arena[SCRIPTED_REGION_BYTES];
static size_t arena_used;

/* splitmix64, cut to its top byte. */
int port_entropy(void *out, size_t len)
{
    uint8_t *to = out;

    for (size_t i = 0; i < len; i++) {
        entropy += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t z = entropy;
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        to[i] = (uint8_t)(z >> 56);
    }
    return STATUS_OK;
}

static size_t whole_pages(size_t bytes)
{
    return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

/* Only pages that were written to, so that all others stay untouched. */
static void clear_pages(uint8_t *from, size_t bytes)
{
    static const uint8_t zeros[PAGE_BYTES];

    for (size_t at = 0; at < bytes; at += PAGE_BYTES) {
        if (memcmp(from + at, zeros, PAGE_BYTES) != 0)
            memset(from + at, 0, PAGE_BYTES);
    }
}

void *port_region(size_t bytes)
{
    if (bytes == 0 || bytes > SCRIPTED_REGION_BYTES - arena_used)
        return NULL;
    void *region = arena + arena_used;
    arena_used += whole_pages(bytes);
    return region;
}

size_t port_region_refused(void)
{
    return 0; /* not asked */
}

/* Room comes back when regions are released in the opposite order, otherwise at the reset. */
void port_region_discard(void *part, size_t bytes)
{
    memset(part, 0, bytes);
}

void port_region_release(void *region, size_t bytes)
{
    if (region == NULL)
        return;
    clear_pages(region, whole_pages(bytes));
    if ((uint8_t *)region + whole_pages(bytes) == arena + arena_used)
        arena_used -= whole_pages(bytes);
}

static void reset_cores(void);

void scripted_system_reset(void)
{
    reset_cores();
    now = START_NS;
    tick = 0;
    stops = 0;
    stops_seen = 0;
    entropy = 0;
    clear_pages(arena, arena_used);
    arena_used = 0;
}

/* ---- Processes ------------------------------------------------------------------------------ */

int port_child_start(struct port_child *child, const char *path, const char *const argv[])
{
    (void)path, (void)argv;
    *child = (struct port_child){0};
    return STATUS_UNSUPPORTED;
}

int port_child_line(struct port_child *child, char *line, size_t cap, uint64_t timeout_ns)
{
    (void)child, (void)cap, (void)timeout_ns;
    line[0] = '\0';
    return STATUS_UNSUPPORTED;
}

int port_child_stop(struct port_child *child, uint64_t timeout_ns)
{
    (void)timeout_ns;
    return child->pid == 0 ? 0 : STATUS_UNSUPPORTED;
}

int port_self_path(char *out, size_t cap)
{
    int length = snprintf(out, cap, "/scripted/wsio");

    return (size_t)length < cap ? STATUS_OK : STATUS_NO_ROOM;
}

int64_t port_self_pid(void)
{
    return 1;
}

/* ---- Files ---------------------------------------------------------------------------------- */

FILE *port_file_open(const char *path, const char *mode)
{
    (void)path, (void)mode; /* there are none */
    return NULL;
}

FILE *port_file_create(const char *path)
{
    (void)path;
    return NULL;
}

enum port_file_kind port_file_kind(const char *path)
{
    (void)path;
    return PORT_FILE_NONE;
}

int port_file_replace(const char *from, const char *to)
{
    (void)from, (void)to;
    return STATUS_NOT_FOUND;
}

void port_file_delete(const char *path)
{
    (void)path;
}

/* ---- Facts ---------------------------------------------------------------------------------- */

int port_usage_read(int64_t pid, struct port_usage *usage)
{
    *usage = (struct port_usage){0};
    if (pid != 0 && pid != port_self_pid())
        return STATUS_NOT_FOUND;
    usage->cpu_ns = usage->user_ns = now - START_NS; /* always busy */
    usage->peak_bytes = usage->resident_bytes = arena_used;
    return STATUS_OK;
}

void port_facts_read(struct port_facts *facts)
{
    *facts = (struct port_facts){
        .cpu = "scripted",
        .system = "scripted",
        .governor = "scripted",
        .cores = 1,
        .cores_allowed = 1,
        .load = -1,
        .ports_first = SCRIPTED_FIRST_PORT,
        .ports_last = 65535,
        .backlog_most = SCRIPTED_SOCKETS,
    };
}

uint64_t port_descriptors_raise(void)
{
    return SCRIPTED_SOCKETS;
}

uint64_t port_descriptors_open(void)
{
    return scripted_sockets_open();
}

/* ---- Cores ---------------------------------------------------------------------------------- */

#define CORES 2

static struct {
    bool unsupported; /* the system does not report where other processes run */
    int own;
    size_t thread_count;
    struct port_thread threads[4];
    struct port_cores allowed; /* of the other process */
} placed;

void scripted_core_set(int core)
{
    placed.own = core;
}

void scripted_threads_set(const struct port_thread *threads, size_t count)
{
    assert(count <= sizeof placed.threads / sizeof placed.threads[0]);
    if (count > 0)
        memcpy(placed.threads, threads, count * sizeof *threads);
    placed.thread_count = count;
}

void scripted_threads_hide(bool on)
{
    placed.unsupported = on;
}

static void reset_cores(void)
{
    memset(&placed, 0, sizeof placed);
    placed.allowed.bits[0] = (1 << CORES) - 1;
}

int port_pin(unsigned core)
{
    return core == 0 ? STATUS_UNSUPPORTED : STATUS_INVALID;
}

int port_core(void)
{
    return placed.own;
}

int port_threads_read(int64_t pid, struct port_thread *threads, size_t cap)
{
    size_t count = placed.thread_count < cap ? placed.thread_count : cap;

    (void)pid;
    if (placed.unsupported)
        return STATUS_UNSUPPORTED;
    if (count == 0)
        return STATUS_NOT_FOUND;
    memcpy(threads, placed.threads, count * sizeof *threads);
    return (int)count;
}

int port_cores_read(int64_t pid, struct port_cores *cores)
{
    (void)pid;
    *cores = placed.allowed;
    return STATUS_OK;
}

int port_cores_set(int64_t pid, const struct port_cores *cores)
{
    (void)pid;
    placed.allowed = *cores;
    return STATUS_OK;
}

bool port_is_terminal(int stream)
{
    (void)stream;
    return false;
}
