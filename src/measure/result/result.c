#include "measure/result/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void result_start(struct result *r)
{
    r->baseline = PAIR_NONE;
    r->subject = SCENARIO_COUNT;
    for (unsigned base = 0; base < PAIR_BASES; base++)
        r->common[base] = PAIR_NONE;
    r->placement.client_core = RESULT_NO_CORE;
    r->placement.server_core = RESULT_NO_CORE;
    r->verdict_scenario = SCENARIO_ROUNDTRIP;
    r->verdict_figure = FIGURE_P50;
}

void result_reset(struct result *r)
{
    memset(r, 0, sizeof *r);
    result_start(r);
}

struct result_target *result_add_target(struct result *r)
{
    if (r->target_count == TARGETS_MAX)
        return NULL;
    struct result_target *t = &r->targets[r->target_count++];
    memset(t, 0, sizeof *t);
    t->reference = PAIR_NONE;
    return t;
}

void result_choose_pairs(struct result *r)
{
    enum pair_protocol protocols[TARGETS_MAX];
    for (unsigned i = 0; i < r->target_count; i++)
        protocols[i] = r->targets[i].protocol;
    r->baseline = pair_find_baseline(protocols, r->target_count);
    for (unsigned i = 0; i < r->target_count; i++)
        r->targets[i].reference = pair_find_reference(protocols, r->target_count, r->against, i);
}

void result_add_note(struct result *r, const char *format, ...)
{
    if (r->note_count == RESULT_NOTES)
        return;
    va_list list;
    va_start(list, format);
    vsnprintf(r->notes[r->note_count++], RESULT_TEXT, format, list);
    va_end(list);
}

void result_add_size(struct result *r, const char *name, uint64_t bytes)
{
    if (r->size_count == RESULT_SIZES)
        return;
    struct result_size *size = &r->sizes[r->size_count++];
    snprintf(size->name, sizeof size->name, "%s", name);
    size->bytes = bytes;
}

bool result_has(const struct result *r, enum scenario scenario)
{
    for (unsigned i = 0; i < r->target_count; i++)
        if (r->targets[i].summaries[scenario].blocks > 0)
            return true;
    return false;
}

void result_count_blocks(struct result_blocks *b, size_t blocks)
{
    unsigned n = (unsigned)blocks;
    if (n == 0)
        return;
    if (b->most == 0 || n < b->least)
        b->least = n;
    if (n > b->most)
        b->most = n;
}

const struct pair *result_find_pair(const struct result *r, const struct result_target *t,
                                    enum pair_base base)
{
    return pair_find(r->pairs, r->pair_count, (unsigned)(t - r->targets), base);
}
