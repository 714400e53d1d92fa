#include "client/campaign/campaign.h"

#include <string.h>

#include "base/status.h"
#include "client/output/rawlog.h"
#include "conn/polling.h"

static void resolve_target(struct campaign *c, uint32_t i)
{
    struct destination *d = &c->destinations[i];
    int count = destination_resolve(d);
    if (count > 0)
        return;
    failures_add(&c->result->targets[i].failures, count < 0 ? count : STATUS_NO_NAME, PHASE_RESOLVE,
                 d->target->host);
    memset(c->dead[i], true, sizeof c->dead[i]);
}

static int make_destinations(struct campaign *c, char error[OPTION_ERROR_BYTES])
{
    size_t each = destination_memory(c->options);
    uint8_t *memory = port_region(each * c->targets.count);
    if (memory == NULL) {
        snprintf(error, OPTION_ERROR_BYTES, "--size: no memory for messages of that size");
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < c->targets.count; i++) {
        int status = destination_make(&c->destinations[i], &c->targets.item[i], c->options,
                                      memory + i * each);
        if (status < 0) {
            snprintf(error, OPTION_ERROR_BYTES, "--header: the request of %s is too long",
                     c->targets.item[i].name);
            return status;
        }
        resolve_target(c, i);
    }
    return STATUS_OK;
}

/* Memory for the largest trial of all targets. */
static struct run_size find_size(const struct campaign *c)
{
    const struct client_options *o = c->options;
    struct plan_needs needs = plan_find_needs(o, &c->targets);
    struct run_size size = {
        .users = needs.users,
        .connections_each = needs.connections_each,
        .depth = needs.depth,
        .schedule = needs.schedule,
    };
    size_t blocks = pool_blocks(destination_message_bytes(o));
    /* A user that polls holds the body of a poll, a binary packet that may continue in the next
     * body, and the answer to a POST. That answer may be chunked: its length is not known, so it
     * gets as much as a body. */
    if (needs.connections_each > 1)
        blocks = 2 * pool_blocks(destination_body_bytes(o)) +
                 pool_blocks(POLLING_PARTS_BYTES(destination_message_bytes(o)));
    size.user_bytes = blocks * POOL_BLOCK_BYTES;
    return size;
}

static bool are_all_loopback(const struct campaign *c)
{
    for (uint32_t i = 0; i < c->targets.count; i++) {
        const struct destination *d = &c->destinations[i];
        if (d->address_count == 0 || !port_address_is_loopback(&d->addresses[d->address]))
            return false;
    }
    return true;
}

static void take_preflight(struct campaign *c, const struct port_poller *poller)
{
    struct result *r = c->result;
    r->environment.loopback = are_all_loopback(c);
    c->needs = plan_preflight(c->options, &c->targets, poller->most(), r->environment.loopback);
    preflight_check(&r->preflight, &c->needs, &r->environment);
}

/* Refuses a run that cannot fit, before any time is spent. */
static int pass_preflight(const struct campaign *c, char error[OPTION_ERROR_BYTES])
{
    const struct preflight_row *row = preflight_short(&c->result->preflight);
    if (row == NULL)
        return STATUS_OK;
    snprintf(error, OPTION_ERROR_BYTES, "%s: %s needed, %s available: %.110s", row->name,
             row->needed, row->found, row->advice);
    return STATUS_LIMIT;
}

static int take_memory(struct campaign *c, const struct port_poller *poller,
                       char error[OPTION_ERROR_BYTES])
{
    struct run_size size = find_size(c);
    int status = run_open(&c->run, c->options, poller, &size);
    if (status == STATUS_NO_MEMORY)
        snprintf(error, OPTION_ERROR_BYTES,
                 "out of memory: %u clients need %zu MiB of address space (ulimit -v)", size.users,
                 port_region_refused() / (1024 * 1024) + 1);
    else if (status < 0)
        snprintf(error, OPTION_ERROR_BYTES, "cannot prepare %u clients with %s: %s", size.users,
                 poller->name, status_text(status));
    return status;
}

/* The processes whose CPU time is read: the sibling, or those that --server-pid names. */
static int take_pids(struct campaign *c, char error[OPTION_ERROR_BYTES])
{
    const struct option_texts *texts = &c->options->server_pids;
    struct port_usage usage;
    for (uint32_t i = 0; c->sibling != NULL && i < c->targets.count; i++)
        c->pids[i] = c->sibling->child.pid;
    for (uint32_t i = 0; i < texts->count; i++) {
        uint32_t target;
        int64_t pid;
        if (!client_options_read_pid(c->options, i, &target, &pid))
            continue; /* a parse has refused it */
        int status = port_usage_read(pid, &usage);
        if (status < 0) {
            option_refuse(error, "--server-pid", texts->item[i],
                          status == STATUS_NOT_FOUND ? "no such process" : status_text(status));
            return status;
        }
        c->pids[target] = pid;
    }
    return STATUS_OK;
}

static int place_servers(struct campaign *c, char error[OPTION_ERROR_BYTES])
{
    int status = STATUS_OK;
    for (uint32_t i = 0; status >= 0 && i < c->targets.count; i++)
        if (c->pids[i] != 0)
            status = placing_bind_server(c->placing, c->pids[i], error);
    return status;
}

int campaign_open(struct campaign *c, struct client_options *options,
                  const struct target_list *targets, struct placing *placing,
                  struct sibling *sibling, const struct port_poller *poller, struct result *result,
                  const struct outputs *outputs, char error[OPTION_ERROR_BYTES])
{
    c->options = options;
    c->targets = *targets;
    c->placing = placing;
    c->sibling = sibling;
    c->result = result;
    c->outputs = outputs;
    plan_fit(options, targets);
    campaign_choose_seed(c);
    campaign_make_turns(c);
    campaign_describe(c);
    environment_read(&result->environment, poller->name);
    if (placing->allowed_count > 0) /* before the client was bound to one of them */
        result->environment.cores_used = placing->allowed_count;
    int status = make_destinations(c, error);
    if (status >= 0) {
        take_preflight(c, poller);
        status = pass_preflight(c, error);
    }
    if (status >= 0)
        status = take_pids(c, error);
    if (status >= 0)
        status = place_servers(c, error);
    if (status >= 0)
        status = take_memory(c, poller, error);
    if (status >= 0 && options->log != NULL)
        status = rawlog_prepare(&c->run, options, error);
    c->run.environment = &result->environment;
    c->run.own_server = sibling != NULL;
    if (status < 0)
        result->target_count = 0; /* there is nothing to report */
    return status;
}
