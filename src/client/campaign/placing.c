#include "client/campaign/placing.h"

#include <string.h>

#include "base/status.h"

#define LIST_BYTES 64 /* of a list of cores in a message */

/* ---- Sets of cores ----------------------------------------------------------------------- */

static unsigned count_cores(const struct port_cores *cores)
{
    unsigned count = 0;
    for (unsigned core = 0; core < PORT_CORES_MAX; core++)
        count += port_cores_has(cores, core);
    return count;
}

/* The highest one but `other`: systems put their own work on the lowest. */
static int find_highest(const struct port_cores *cores, int other)
{
    for (int core = PORT_CORES_MAX - 1; core >= 0; core--)
        if (core != other && port_cores_has(cores, (unsigned)core))
            return core;
    return RESULT_NO_CORE;
}

static struct port_cores make_single(int core)
{
    struct port_cores cores = {{0}};
    port_cores_add(&cores, (unsigned)core);
    return cores;
}

static struct port_cores remove_core(struct port_cores cores, int core)
{
    cores.bits[core / 64] &= ~(UINT64_C(1) << core % 64);
    return cores;
}

/* "core 0", "cores 0 1 2"; cut after the last that fits. */
static void format_cores(char out[LIST_BYTES], const struct port_cores *cores)
{
    struct buf list = buf_over(out, LIST_BYTES - 1);
    buf_put_text(&list, count_cores(cores) == 1 ? "core" : "cores");
    for (unsigned core = 0; core < PORT_CORES_MAX; core++) {
        if (!port_cores_has(cores, core))
            continue;
        if (list.len + sizeof " 1023 ..." > LIST_BYTES) {
            buf_put_text(&list, " ...");
            break;
        }
        buf_put_byte(&list, ' ');
        buf_put_u64(&list, core);
    }
    out[list.len] = '\0';
}

/* ---- Choosing ---------------------------------------------------------------------------- */

static int refuse_placement(const struct placing *p, const struct client_options *o,
                            const char *wanted, char error[OPTION_ERROR_BYTES])
{
    char cause[128];
    char list[LIST_BYTES];
    format_cores(list, &p->allowed);
    snprintf(cause, sizeof cause, "expected %s; this process may use %s", wanted, list);
    return option_refuse(error, "--placement",
                         client_options_placement_name((enum client_placement)o->placement), cause);
}

static int refuse_core(const struct placing *p, const struct client_options *o,
                       char error[OPTION_ERROR_BYTES])
{
    char list[LIST_BYTES];
    format_cores(list, &p->allowed);
    snprintf(error, OPTION_ERROR_BYTES,
             "--cpu %u: not together with --placement %s; this process may use %s",
             (unsigned)o->cpu, client_options_placement_name((enum client_placement)o->placement),
             list);
    return STATUS_INVALID;
}

/* Where the system reports no cores, or lets nobody choose, there is nothing to choose. */
static bool can_bind(struct placing *p)
{
    if (port_cores_read(0, &p->allowed) < 0)
        return false;
    p->allowed_count = count_cores(&p->allowed);
    return port_cores_set(port_self_pid(), &p->allowed) >= 0;
}

static void choose_free(struct placing *p, struct client_options *o)
{
    o->placement = CLIENT_PLACEMENT_FREE;
    if (o->cpu != CLIENT_OPTION_UNSET)
        p->client_core = (int)o->cpu;
}

static void choose_same(struct placing *p, int client)
{
    p->client_core = client;
    p->server_core = client;
    p->servers = make_single(client);
    p->binds = true;
}

/* Our own server has one thread, which stays on one core; another one may need all that are left.
 */
static void choose_apart(struct placing *p, int client, bool own_server)
{
    p->client_core = client;
    p->servers = remove_core(p->allowed, client);
    if (own_server || count_cores(&p->servers) == 1) {
        p->server_core = find_highest(&p->allowed, client);
        p->servers = make_single(p->server_core);
    }
    p->binds = true;
}

int placing_choose(struct placing *p, struct client_options *o, char error[OPTION_ERROR_BYTES])
{
    *p = (struct placing){.client_core = RESULT_NO_CORE, .server_core = RESULT_NO_CORE};
    bool able = can_bind(p);
    if (o->placement == CLIENT_PLACEMENT_FREE || (!able && !o->given.placement)) {
        choose_free(p, o);
        return STATUS_OK;
    }
    if (!able)
        return refuse_placement(p, o, "a system that lets a process choose", error);
    if (o->cpu != CLIENT_OPTION_UNSET && !port_cores_has(&p->allowed, o->cpu))
        return refuse_core(p, o, error);
    int client =
        o->cpu != CLIENT_OPTION_UNSET ? (int)o->cpu : find_highest(&p->allowed, RESULT_NO_CORE);
    if (o->placement == CLIENT_PLACEMENT_APART && p->allowed_count < 2 && o->given.placement)
        return refuse_placement(p, o, "2 cores or more", error);
    if (p->allowed_count < 2)
        o->placement = CLIENT_PLACEMENT_SAME;
    if (o->placement == CLIENT_PLACEMENT_SAME)
        choose_same(p, client);
    else
        choose_apart(p, client, o->targets.count == 0);
    return STATUS_OK;
}

/* ---- Binding ----------------------------------------------------------------------------- */

int placing_bind_client(const struct placing *p, char error[OPTION_ERROR_BYTES])
{
    if (p->client_core == RESULT_NO_CORE || port_pin((unsigned)p->client_core) >= 0)
        return STATUS_OK;
    snprintf(error, OPTION_ERROR_BYTES,
             "--cpu %d: expected one of the %u cores that this process may use", p->client_core,
             p->allowed_count);
    return STATUS_INVALID;
}

static bool is_bound(const struct placing *p, int64_t pid)
{
    for (unsigned i = 0; i < p->move_count; i++)
        if (p->moves[i].pid == pid)
            return true;
    return false;
}

int placing_bind_server(struct placing *p, int64_t pid, char error[OPTION_ERROR_BYTES])
{
    if (!p->binds || is_bound(p, pid) || p->move_count == TARGETS_MAX)
        return STATUS_OK;
    struct placing_move *move = &p->moves[p->move_count];
    move->pid = pid;
    int status = port_cores_read(pid, &move->before);
    const char *cause = status == STATUS_INVALID ? "its threads have cores of their own" : NULL;
    if (status >= 0)
        status = port_cores_set(pid, &p->servers);
    if (status >= 0) {
        p->move_count++;
        return STATUS_OK;
    }
    snprintf(error, OPTION_ERROR_BYTES, "--placement: process %lld cannot be placed: %s",
             (long long)pid, cause != NULL ? cause : status_text(status));
    return status;
}

void placing_restore(struct placing *p)
{
    for (unsigned i = 0; i < p->move_count; i++)
        port_cores_set(p->moves[i].pid, &p->moves[i].before);
    p->move_count = 0;
}
