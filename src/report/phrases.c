#include "report/phrases.h"

#include <stdio.h>
#include <string.h>

#include "base/real.h"

#define PHRASES_ENDS (2 * FORMAT_TEXT + 8)

void phrases_value(char out[FORMAT_TEXT], double value, enum figure_unit unit)
{
    switch (unit) {
    case FIGURE_NS:
        format_ns(out, value);
        break;
    case FIGURE_PER_S:
        format_rate(out, value);
        break;
    case FIGURE_BYTES_PER_S:
        format_bytes_rate(out, value);
        break;
    case FIGURE_PLAIN: /* gates draw their lines close to 1 */
        snprintf(out, FORMAT_TEXT, "%.3f", value);
        break;
    }
}

void phrases_mark_beyond(char text[FORMAT_TEXT], bool beyond)
{
    size_t length = strlen(text);
    if (!beyond || length + 3 > FORMAT_TEXT)
        return;
    memmove(text + 2, text, length + 1);
    memcpy(text, "> ", 2);
}

const char *phrases_instead(const struct estimate *e)
{
    switch (e->refusal) {
    case REFUSAL_FEW:
    case REFUSAL_MISSING:
        return "n/a";
    case REFUSAL_NONE:
        return e->spread.n == 0 ? "-" : NULL;
    case REFUSAL_BALANCE:
    case REFUSAL_LITTLE:
    case REFUSAL_BYTES:
        break;
    }
    return e->spread.n == 0 ? "-" : "refused";
}

void phrases_range(char out[FORMAT_TEXT], const struct interval *i)
{
    if (i->high_beyond) {
        format_ratio(out, i->low);
        phrases_mark_beyond(out, true);
    } else {
        format_range(out, i->low, i->high);
    }
}

void phrases_swept(char out[PHRASES_SENTENCE], const struct result *r, unsigned target,
                   unsigned point)
{
    char value[FORMAT_TEXT];
    bool bytes = strcmp(r->sweep.key, "size") == 0;
    format_count(value, r->sweep.values[point]);
    snprintf(out, PHRASES_SENTENCE, "%s at %s %s%s", r->targets[target].name, value,
             bytes ? "byte" : "client", r->sweep.values[point] == 1 ? "" : "s");
}

void phrases_silence(char out[PHRASES_SENTENCE], const char *name, const struct summary *s)
{
    char longest[FORMAT_TEXT];
    out[0] = '\0';
    if (s->silent_blocks == 0)
        return;
    format_ns(longest, real_of(s->pooled.longest_silence_ns));
    snprintf(out, PHRASES_SENTENCE,
             "In %u of %u trial%s %s stood vacant for more than 5 %% of the window: messages were "
             "outstanding, and nothing was answered for up to %s.",
             s->silent_blocks, s->blocks, s->blocks == 1 ? "" : "s", name, longest);
}

/* The ends of what was found: "2.90 ms to 3.40 ms", "> 2.90 ms". */
static void put_ends(char out[PHRASES_ENDS], const struct gate_result *g)
{
    char low[FORMAT_TEXT];
    char high[FORMAT_TEXT];
    phrases_value(low, g->found.low, g->unit);
    phrases_value(high, g->found.high, g->unit);
    if (g->found.high_beyond)
        snprintf(out, PHRASES_ENDS, "> %s", low);
    else
        snprintf(out, PHRASES_ENDS, "%s to %s", low, high);
}

void phrases_gate(char out[PHRASES_GATE], const struct gate_result *g)
{
    static const char *const words[] = {
        [GATE_PASSED] = "does not hold",
        [GATE_FAILED] = "holds",
        [GATE_UNSURE] = "unsure",
    };
    char median[FORMAT_TEXT];
    char ends[PHRASES_ENDS];
    if (g->found.n == 0) {
        snprintf(out, PHRASES_GATE, "%s: unsure, not measured", g->text);
        return;
    }
    phrases_value(median, g->found.middle, g->unit);
    phrases_mark_beyond(median, g->found.middle_beyond);
    put_ends(ends, g);
    snprintf(out, PHRASES_GATE, "%s: %s, %s (%s)%s", g->text, words[g->outcome], median, ends,
             g->found.n < INTERVAL_MIN ? ", not enough trials" : "");
}

void phrases_drift(char out[PHRASES_SENTENCE], const char *name, const struct summary *s)
{
    snprintf(out, PHRASES_SENTENCE,
             "%s was not steady: the p50 of the window's last third is %.2f times that of the "
             "first.",
             name, s->estimates[FIGURE_DRIFT].spread.median);
}

void phrases_blocks(char out[FORMAT_TEXT], const struct result_blocks *b)
{
    char to[FORMAT_TEXT / 2] = "";
    if (b->most != b->least)
        snprintf(to, sizeof to, " to %u", b->most);
    snprintf(out, FORMAT_TEXT, "%u%s block%s", b->least, to, b->most == 1 ? "" : "s");
}

const char *phrases_placement(const struct result *r)
{
    static const char *const words[PLACEMENT_COUNT] = {
        [PLACEMENT_UNKNOWN] = "placement not known",
        [PLACEMENT_SAME] = "both ends on one core",
        [PLACEMENT_APART] = "each end on its own core",
        [PLACEMENT_MOVING] = "ends moving between cores",
    };
    if (placement_count_differs(&r->placement.all))
        return "placements differ";
    return words[placement_count_common(&r->placement.all)];
}

static void put_core(char out[FORMAT_TEXT], const char *end, int core)
{
    if (core == RESULT_NO_CORE)
        snprintf(out, FORMAT_TEXT, "%s on any core", end);
    else
        snprintf(out, FORMAT_TEXT, "%s on core %d", end, core);
}

void phrases_placement_facts(char out[PHRASES_SENTENCE], const struct result_placement *p)
{
    char client[FORMAT_TEXT];
    char server[FORMAT_TEXT];
    char seen[PLACEMENT_TEXT];
    put_core(client, "client", p->client_core);
    put_core(server, "server", p->server_core);
    placement_count_format(seen, &p->all);
    snprintf(out, PHRASES_SENTENCE, "asked: %s (%s, %s); trials: %s", p->asked, client, server,
             seen);
}

const char *phrases_base_name(const struct result *r, enum pair_base base)
{
    int common = r->common[base];
    if (common == PAIR_VARIES)
        return "its pair";
    return common == PAIR_NONE ? "" : r->targets[common].name;
}
