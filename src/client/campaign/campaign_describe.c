#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/campaign/campaign.h"

#include "base/real.h"

static const char *kind_text(const struct target *target)
{
    static const char texts[] = "raw TCP\0WebSocket\0"
                                "Socket.IO, websocket\0Socket.IO, polling\0Socket.IO, upgrade";
    return bytes_word(texts, (size_t)target->kind + target->transport); /* 0 but of TARGET_SIO */
}

static enum pair_protocol protocol_of(enum target_kind kind)
{
    static const enum pair_protocol protocols[] = {
        [TARGET_TCP] = PAIR_TCP, [TARGET_WS] = PAIR_WEBSOCKET, [TARGET_SIO] = PAIR_SOCKET_IO};
    return protocols[kind];
}

static const char *matched_text(const struct client_options *o, enum target_kind kind)
{
    if (o->match == CLIENT_MATCH_ANY)
        return "any";
    if (kind == TARGET_TCP)
        return "by offset";
    return kind == TARGET_SIO && o->ack ? "by id" : "by order";
}

static void target_describe(struct campaign *c, uint32_t index)
{
    const struct client_options *o = c->options;
    const struct target *target = &c->targets.item[index];
    struct result_target *t = result_add_target(c->report);
    snprintf(t->name, sizeof t->name, "%s", target->name);
    snprintf(t->url, sizeof t->url, "%s", target_url(target));
    snprintf(t->kind, sizeof t->kind, "%s", kind_text(target));
    t->protocol = protocol_of(target->kind);
    snprintf(t->matched, sizeof t->matched, "%s", matched_text(o, target->kind));
    t->unchecked = o->match == CLIENT_MATCH_ANY;
    t->size = o->sweep.count > 0 && o->sweep.kind == SWEEP_SIZE ? 0 : o->payload.size;
    t->binary = o->payload.binary;
}

static const char *plural(uint32_t n)
{
    return n == 1 ? "" : "s";
}

static void scenario_describe(const struct client_options *o, char text[RESULT_TEXT])
{
    double seconds = real_of(o->duration_ns) / 1e9;
    text[0] = '\0';
    switch (o->scenario) {
    case CLIENT_COMPARE:
        snprintf(text, RESULT_TEXT, "%u block%s; roundtrip %g s, throughput %u/%u/%u", o->blocks,
                 plural(o->blocks), seconds, o->clients, o->concurrency, o->roundtrips);
        break;
    case CLIENT_CONNECT:
        snprintf(text, RESULT_TEXT, "%u client%s, one at a time", o->clients, plural(o->clients));
        break;
    case CLIENT_ROUNDTRIP:
    case CLIENT_RATE:
        if (o->sweep.count > 0 && o->sweep.kind == SWEEP_CLIENTS)
            snprintf(text, RESULT_TEXT, "%g s, depth %u", seconds, o->depth);
        else
            snprintf(text, RESULT_TEXT, "%g s, %u client%s, depth %u", seconds, o->clients,
                     plural(o->clients), o->depth);
        break;
    case CLIENT_THROUGHPUT:
        snprintf(text, RESULT_TEXT, "%u client%s, %u at a time, %u round trip%s each", o->clients,
                 plural(o->clients), o->concurrency, o->roundtrips, plural(o->roundtrips));
        break;
    case CLIENT_SEND:
        snprintf(text, RESULT_TEXT, "%g s, at most %u outstanding", seconds, o->depth);
        break;
    case CLIENT_DOCTOR:
    case CLIENT_DIFF:
    case CLIENT_ECHO:
    case CLIENT_SCENARIOS:
        break;
    }
}

/* FNV-1a: of any text, something short that fits into a line. */
static unsigned text_hash(const char *text)
{
    uint32_t hash = 2166136261;
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619;
    return hash;
}

/* What shapes a run, and was asked for; so that diff does not compare unlike ones. */
static void shape_describe(const struct client_options *o, struct buf *out)
{
    char text[RESULT_TEXT];
    if (client_options_given(o, "--warmup")) {
        snprintf(text, sizeof text, "; warm-up %g s", real_of(o->warmup_ns) / 1e9);
        buf_put_text(out, text);
    }
    if (o->payload.text != NULL) {
        snprintf(text, sizeof text, "; payload #%08x", text_hash(o->payload.text));
        buf_put_text(out, text);
    }
    if (o->socket_buffer > 0) {
        snprintf(text, sizeof text, "; socket buffers %zu B", o->socket_buffer);
        buf_put_text(out, text);
    }
    if (o->cpu != CLIENT_OPTION_UNSET) {
        snprintf(text, sizeof text, "; cpu %u", o->cpu);
        buf_put_text(out, text);
    }
    if (o->busy_poll)
        buf_put_text(out, "; busy polling");
}

/* What was asked, in words. */
static void options_describe(const struct client_options *o, struct buf *out)
{
    char text[RESULT_TEXT];
    scenario_describe(o, text);
    buf_put_text(out, text);
    if (o->rate > 0) {
        snprintf(text, sizeof text, "; %u message%s/s", o->rate, plural(o->rate));
        buf_put_text(out, text);
    }
    if (o->sweep.count > 0) {
        snprintf(text, sizeof text, "; %s", o->sweep_text);
        buf_put_text(out, text);
    }
    if (o->scenario != CLIENT_COMPARE && o->blocks > 1) {
        snprintf(text, sizeof text, "; %u blocks", o->blocks);
        buf_put_text(out, text);
    }
    shape_describe(o, out);
}

/* What decides where nobody said it, for the scenario that runs alone. */
static enum figure figure_of(enum scenario scenario)
{
    static const enum figure figures[SCENARIO_COUNT] = {
        [SCENARIO_CONNECT] = FIGURE_READY,   [SCENARIO_ROUNDTRIP] = FIGURE_P50,
        [SCENARIO_THROUGHPUT] = FIGURE_RATE, [SCENARIO_RATE] = FIGURE_P50,
        [SCENARIO_SEND] = FIGURE_RATE,
    };
    return figures[scenario];
}

static void verdict_describe(struct result *r, const struct client_options *o)
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
        r->verdict_figure = figure_of((enum scenario)s);
    }
}

static void sweep_describe(struct result_sweep *out, const struct client_options *o,
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

/* plan_fit goes no lower than is worth measuring. */
static void limit_note(struct campaign *c)
{
    uint64_t limit = c->options->time_limit_ns;
    uint64_t planned = c->report->planned_ns;
    if (limit > 0 && planned > limit)
        result_add_note(c->report, "--time-limit %gs: %u blocks take about %.0f s",
                        real_of(limit) / 1e9, c->report->blocks, real_of(planned) / 1e9);
}

void campaign_describe(struct campaign *c)
{
    struct result *r = c->report;
    const struct client_options *o = c->options;
    struct buf words = buf_over((uint8_t *)r->options, sizeof r->options - 1);
    snprintf(r->scenario, sizeof r->scenario, "%s", client_options_scenario_name(o->scenario));
    options_describe(o, &words);
    r->blocks = o->blocks;
    r->seed = c->seed_state;
    r->planned_ns = plan_ns(o, &c->targets);
    limit_note(c);
    r->rate = o->rate;
    verdict_describe(r, o);
    sweep_describe(&r->sweep, o, r->verdict_scenario);
    for (uint32_t i = 0; i < c->targets.count; i++)
        target_describe(c, i);
    result_choose_pairs(r);
    result_add_size(r, "client's connection", sizeof(struct loop_slot));
    result_add_size(r, "Socket.IO session", sizeof(struct session));
    result_add_size(r, "simulated user", sizeof(struct user));
}
