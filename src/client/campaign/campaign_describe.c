#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/campaign/campaign.h"

#include "base/real.h"

static const char *find_kind_text(const struct target *target)
{
    static const char *const socketio[] = {
        [TARGET_WEBSOCKET] = "Socket.IO, websocket",
        [TARGET_POLLING] = "Socket.IO, polling",
        [TARGET_UPGRADE] = "Socket.IO, upgrade",
    };
    switch (target->kind) {
    case TARGET_TCP:
        return "raw TCP";
    case TARGET_WS:
        return "WebSocket";
    case TARGET_SIO:
        break;
    }
    return socketio[target->transport];
}

static enum pair_protocol find_protocol(enum target_kind kind)
{
    static const enum pair_protocol protocols[] = {
        [TARGET_TCP] = PAIR_TCP, [TARGET_WS] = PAIR_WEBSOCKET, [TARGET_SIO] = PAIR_SOCKET_IO};
    return protocols[kind];
}

/* How replies are matched to messages. */
static const char *find_matched_text(const struct client_options *o, enum target_kind kind)
{
    if (o->match == CLIENT_MATCH_ANY)
        return "any";
    if (kind == TARGET_TCP)
        return "by offset";
    if (kind == TARGET_SIO && o->ack)
        return "by id";
    return o->ignore_unexpected ? "by content" : "by order";
}

/* Those of the shortest messages. */
static uint64_t find_odds(const struct client_options *o)
{
    struct payload shortest = o->payload;
    if (o->sweep.count > 0 && o->sweep.kind == SWEEP_SIZE)
        shortest.size = (size_t)o->sweep.values[0];
    return payload_odds(&shortest);
}

static void describe_target(struct campaign *c, uint32_t index)
{
    const struct client_options *o = c->options;
    const struct target *target = &c->targets.item[index];
    struct result_target *t = result_add_target(c->result);
    snprintf(t->name, sizeof t->name, "%s", target->name);
    snprintf(t->url, sizeof t->url, "%s", target_url(target));
    snprintf(t->kind, sizeof t->kind, "%s", find_kind_text(target));
    t->protocol = find_protocol(target->kind);
    snprintf(t->matched, sizeof t->matched, "%s", find_matched_text(o, target->kind));
    t->unchecked = o->match == CLIENT_MATCH_ANY;
    t->odds = find_odds(o);
    t->size = o->sweep.count > 0 && o->sweep.kind == SWEEP_SIZE ? 0 : o->payload.size;
    t->binary = o->payload.binary;
}

/* "block" and "blocks". */
static const char *choose_ending(uint32_t n)
{
    return n == 1 ? "" : "s";
}

/* Appends formatted text. */
RESULT_PRINTF(2, 3)
static void put_format(struct buf *out, const char *format, ...)
{
    char text[RESULT_TEXT];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    buf_put_text(out, text);
}

static void put_blocks(const struct client_options *o, struct buf *out)
{
    if (o->until_decided)
        put_format(out, "blocks until decided within %g %%", o->within * 100.0);
    else
        put_format(out, "%u block%s", o->blocks, choose_ending(o->blocks));
}

static void put_compare(const struct client_options *o, struct buf *out)
{
    put_blocks(o, out);
    put_format(out, "; roundtrip %g s, throughput %u/%u/%u", real_of(o->duration_ns) / 1e9,
               o->clients, o->concurrency, o->roundtrips);
}

static void put_steady(const struct client_options *o, struct buf *out)
{
    put_format(out, "%g s", real_of(o->duration_ns) / 1e9);
    if (o->sweep.count == 0 || o->sweep.kind != SWEEP_CLIENTS)
        put_format(out, ", %u client%s", o->clients, choose_ending(o->clients));
    put_format(out, ", depth %u", o->depth);
}

static void put_scenario(const struct client_options *o, struct buf *out)
{
    switch (o->scenario) {
    case CLIENT_COMPARE:
        put_compare(o, out);
        break;
    case CLIENT_CONNECT:
        put_format(out, "%u client%s, one at a time", o->clients, choose_ending(o->clients));
        break;
    case CLIENT_ROUNDTRIP:
    case CLIENT_RATE:
        put_steady(o, out);
        break;
    case CLIENT_THROUGHPUT:
        put_format(out, "%u client%s, %u at a time, %u round trip%s each", o->clients,
                   choose_ending(o->clients), o->concurrency, o->roundtrips,
                   choose_ending(o->roundtrips));
        break;
    case CLIENT_SEND:
        put_format(out, "%g s, at most %u outstanding", real_of(o->duration_ns) / 1e9, o->depth);
        break;
    case CLIENT_DOCTOR:
    case CLIENT_DIFF:
    case CLIENT_ECHO:
    case CLIENT_SCENARIOS:
        break;
    }
}

#define FNV_OFFSET UINT32_C(2166136261)
#define FNV_PRIME  UINT32_C(16777619)

/* FNV-1a: something short that stands for a text of any length. */
static uint32_t hash_text(const char *text)
{
    uint32_t hash = FNV_OFFSET;
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * FNV_PRIME;
    return hash;
}

/* Options that change the figures, where they were given: diff refuses reports in which they
 * differ.
 */
static void put_shape(const struct client_options *o, struct buf *out)
{
    if (o->given.warmup)
        put_format(out, "; warm-up %g s", real_of(o->warmup_ns) / 1e9);
    if (o->payload.text != NULL)
        put_format(out, "; payload #%08" PRIx32, hash_text(o->payload.text));
    if (o->ignore_unexpected)
        buf_put_text(out, "; unexpected ignored");
    if (o->socket_buffer > 0)
        put_format(out, "; socket buffers %u B", (unsigned)o->socket_buffer);
    if (o->cpu != CLIENT_OPTION_UNSET)
        put_format(out, "; cpu %" PRIu32, o->cpu);
    if (o->placement != CLIENT_PLACEMENT_FREE)
        put_format(out, "; placement %s",
                   client_options_placement_name((enum client_placement)o->placement));
    if (o->busy_poll)
        buf_put_text(out, "; busy polling");
}

/* The options in words. */
static void put_options(const struct client_options *o, struct buf *out)
{
    put_scenario(o, out);
    if (o->rate > 0)
        put_format(out, "; %u message%s/s", o->rate, choose_ending(o->rate));
    if (o->sweep.count > 0)
        put_format(out, "; %s", o->sweep_text);
    if (o->scenario != CLIENT_COMPARE && o->blocks > 1) {
        buf_put_text(out, "; ");
        put_blocks(o, out);
    }
    put_shape(o, out);
}

static void describe_verdict(struct result *r, const struct client_options *o)
{
    if (o->scenario == CLIENT_COMPARE) {
        r->verdict_scenario = o->verdict_scenario;
        r->verdict_figure = o->verdict_figure;
        return;
    }
    for (int s = 0; s < SCENARIO_COUNT; s++) {
        if (!plan_has(o, (enum scenario)s))
            continue;
        r->verdict_scenario = (enum scenario)s;
        r->verdict_figure = figure_deciding((enum scenario)s);
    }
}

static void describe_sweep(struct result_sweep *out, const struct client_options *o,
                           enum scenario scenario)
{
    const struct sweep *sweep = &o->sweep;
    if (sweep->count == 0)
        return;
    snprintf(out->key, sizeof out->key, "%s", sweep_key(sweep->kind));
    out->scenario = scenario;
    out->count = sweep->count;
    memcpy(out->values, sweep->values, sizeof out->values);
}

/* plan_fit() leaves enough to measure, even if that takes longer than --time-limit. compare does it
 * all the same; of other scenarios the rest is cut off, as a failure. */
static void note_limit(struct campaign *c)
{
    uint64_t limit = c->options->time_limit_ns;
    uint64_t planned = c->result->planned_ns;
    if (limit == 0 || planned <= limit)
        return;
    if (c->options->scenario != CLIENT_COMPARE)
        result_add_note(c->result, "--time-limit %gs: the run was to take about %.0f s",
                        real_of(limit) / 1e9, real_of(planned) / 1e9);
    else
        result_add_note(c->result,
                        "--time-limit %gs: %u blocks take about %.0f s, and fewer say too little",
                        real_of(limit) / 1e9, c->result->blocks, real_of(planned) / 1e9);
}

static void describe_placement(struct result_placement *out, const struct client_options *o,
                               const struct placing *placing)
{
    snprintf(out->asked, sizeof out->asked, "%s",
             client_options_placement_name((enum client_placement)o->placement));
    out->client_core = placing->client_core;
    out->server_core = placing->server_core;
}

void campaign_describe(struct campaign *c)
{
    struct result *r = c->result;
    const struct client_options *o = c->options;
    struct buf words = buf_over((uint8_t *)r->options, sizeof r->options - 1);
    snprintf(r->scenario, sizeof r->scenario, "%s", client_options_scenario_name(o->scenario));
    put_options(o, &words);
    r->blocks = o->blocks;
    r->seed = c->seed_state;
    r->planned_ns = plan_ns(o, &c->targets);
    note_limit(c);
    r->rate = o->rate;
    describe_placement(&r->placement, o, c->placing);
    describe_verdict(r, o);
    describe_sweep(&r->sweep, o, r->verdict_scenario);
    for (uint32_t i = 0; i < c->targets.count; i++)
        describe_target(c, i);
    if (o->until_decided)
        r->until = (struct result_until){.looks = CAMPAIGN_LOOKS, .within = o->within};
    r->against = plan_find_against(o, &c->targets);
    result_choose_pairs(r);
    result_add_size(r, "client's connection", sizeof(struct loop_slot));
    result_add_size(r, "Socket.IO session", sizeof(struct session));
    result_add_size(r, "simulated user", sizeof(struct user));
}
