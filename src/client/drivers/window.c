#include "client/drivers/window.h"

/* All zero: not known. */
static struct port_usage read_usage(int64_t pid)
{
    struct port_usage usage;
    return port_usage_read(pid, &usage) >= 0 ? usage : (struct port_usage){0};
}

static struct port_usage read_server(int64_t pid)
{
    return pid != 0 ? read_usage(pid) : (struct port_usage){0};
}

static uint64_t count_switches(const struct port_usage *usage)
{
    return usage->switches_voluntary + usage->switches_forced;
}

static uint64_t count_calls(const struct loop_counters *c)
{
    return c->receives + c->sends + c->waits;
}

/* `until` - `from`; 0 where one of the two is not known: a process may end meanwhile. */
static uint64_t subtract(uint64_t from, uint64_t until)
{
    return from > 0 && until > from ? until - from : 0;
}

void window_begin(struct window *w, const struct loop *l, int64_t server_pid)
{
    *w = (struct window){.open = true, .calls = count_calls(&l->counters)};
    w->server = read_server(server_pid);
    w->client = read_usage(0);
}

void window_end(struct window *w, const struct loop *l, int64_t server_pid, struct trial *t)
{
    if (!w->open)
        return;
    w->open = false;
    struct port_usage client = read_usage(0);
    struct port_usage server = read_server(server_pid);
    t->client_cpu_ns = subtract(w->client.cpu_ns + w->looked_ns, client.cpu_ns);
    t->server_cpu_ns = subtract(w->server.cpu_ns, server.cpu_ns);
    t->client_switches = subtract(count_switches(&w->client), count_switches(&client));
    t->server_switches = subtract(count_switches(&w->server), count_switches(&server));
    t->client_calls = count_calls(&l->counters) - w->calls - w->looks;
}

void window_add_look(struct window *w, uint64_t from)
{
    w->looked_ns += port_clock() - from;
    w->looks++;
}
