#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "report/html/html_inner.h"
#include "report/text/layout.h"

/* ---- Numbers ----------------------------------------------------------------------------- */

/* On a page it can be written. */
void html_write_micro(char text[FORMAT_TEXT])
{
    char *end = strstr(text, " us");
    if (end != NULL)
        snprintf(end, 5, " \u00b5s");
}

/* Of nothing the unit does not matter. */
static void finish_time(char text[FORMAT_TEXT], double ns)
{
    if (ns <= 0.0)
        text[1] = '\0';
    html_write_micro(text);
}

void html_format_time(char out[FORMAT_TEXT], double ns)
{
    format_ns(out, ns);
    finish_time(out, ns);
}

void html_format_tick_time(char out[FORMAT_TEXT], double ns)
{
    format_ns_exactly(out, ns);
    finish_time(out, ns);
}

void html_format_tick(char out[FORMAT_TEXT], double value)
{
    snprintf(out, FORMAT_TEXT, "%.6g", value);
    if (value >= 1e5 || (value >= 1e3 && strchr(out, '.') == NULL))
        format_rate(out, value);
}

void html_format_number(char out[FORMAT_TEXT], enum figure_unit unit, double value)
{
    switch (unit) {
    case FIGURE_NS:
        html_format_time(out, value);
        break;
    case FIGURE_PER_S:
        format_rate(out, value);
        break;
    case FIGURE_BYTES_PER_S:
        format_bytes_rate(out, value);
        break;
    case FIGURE_PLAIN:
        format_ratio(out, value);
        break;
    }
}

/* Of ratios, two places are enough unless all of the interval lies within them. */
static void put_value(char out[FORMAT_TEXT], enum figure_unit unit, double value,
                      const struct interval *i)
{
    if (unit == FIGURE_PLAIN && i->high < 10.0 && i->high - i->low < 0.1)
        snprintf(out, FORMAT_TEXT, "%.3f", value);
    else
        html_format_number(out, unit, value);
}

bool html_format_interval(char number[FORMAT_TEXT], char range[HTML_TEXT], enum figure_unit unit,
                          const struct interval *i)
{
    char low[FORMAT_TEXT];
    char high[FORMAT_TEXT];
    put_value(number, unit, i->median, i);
    put_value(low, unit, i->low, i);
    put_value(high, unit, i->high, i);
    range[0] = '\0';
    if (i->n < 2)
        return false;
    char *behind = strrchr(low, ' ');
    const char *other = strrchr(high, ' ');
    if ((unit == FIGURE_NS || unit == FIGURE_BYTES_PER_S) && behind != NULL && other != NULL &&
        strcmp(behind, other) == 0)
        *behind = '\0'; /* the same unit is said once */
    snprintf(range, HTML_TEXT, "%s to %s", low, high);
    return true;
}

/* ---- Names ------------------------------------------------------------------------------- */

static size_t kind_length(const struct result_target *t)
{
    return strcspn(t->kind, ",");
}

void html_name_target(const struct result *r, const struct result_target *t, enum scenario scenario,
                      char out[RESULT_NAME])
{
    /* Those that the user did not choose. */
    static const char names[] = "tcp\0ws\0sio\0sio-polling\0sio-upgrade\0";
    size_t length = kind_length(t);
    bool alone = length > 0 && bytes_find_word(names, span_text(t->name)) >= 0;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *other = &r->targets[i];
        if (other != t && other->summaries[scenario].blocks > 0 && kind_length(other) == length &&
            memcmp(other->kind, t->kind, length) == 0)
            alone = false;
    }
    snprintf(out, RESULT_NAME, "%.*s", alone ? (int)length : RESULT_NAME - 1,
             alone ? t->kind : t->name);
}

const char *html_describe_ends(const struct result_blocks *b)
{
    if (b->most < 2)
        return "One trial each.";
    if (b->least < INTERVAL_MIN)
        return "Medians with the least and the greatest: below 6 blocks there are no intervals.";
    return "Medians over the blocks with 95 % intervals.";
}

const char *html_title(enum scenario scenario)
{
    static const char titles[] = "Connecting\0Round trips\0Throughput\0At a fixed rate\0"
                                 "One-way sends\0";
    return bytes_word(titles, scenario);
}

/* What the figure is called after "takes 1.08 times WebSocket's". */
static void name_figure(char out[RESULT_TEXT], const struct result *r, enum scenario scenario,
                        enum figure figure)
{
    char rate[FORMAT_TEXT];
    format_count(rate, r->rate);
    if (scenario == SCENARIO_ROUNDTRIP && figure == FIGURE_P50)
        snprintf(out, RESULT_TEXT, "round trip");
    else if (scenario == SCENARIO_RATE && figure == FIGURE_P50)
        snprintf(out, RESULT_TEXT, "latency at %s messages per second", rate);
    else if (figure == FIGURE_READY)
        snprintf(out, RESULT_TEXT, "time until it may send");
    else if (figure == FIGURE_RATE)
        snprintf(out, RESULT_TEXT, "%s rate", scenario_key(scenario));
    else if (figure == FIGURE_ACCEPTED)
        snprintf(out, RESULT_TEXT, "rate of messages accepted");
    else
        snprintf(out, RESULT_TEXT, "%s.%s", scenario_key(scenario), figure_word(figure));
}

enum scenario html_find_subject(const struct result *r, enum figure *figure)
{
    static const struct {
        enum scenario scenario;
        enum figure figure;
    } others[] = {
        {SCENARIO_ROUNDTRIP, FIGURE_P50},   {SCENARIO_RATE, FIGURE_P50},
        {SCENARIO_THROUGHPUT, FIGURE_RATE}, {SCENARIO_CONNECT, FIGURE_READY},
        {SCENARIO_SEND, FIGURE_ACCEPTED},
    };
    *figure = r->verdict_figure;
    if (result_has(r, r->verdict_scenario))
        return r->verdict_scenario;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        *figure = others[i].figure;
        if (result_has(r, others[i].scenario))
            return others[i].scenario;
    }
    return SCENARIO_COUNT;
}

/* ---- The answer -------------------------------------------------------------------------- */

/* What is said of the subject, and what stands behind it. */
struct answer {
    FILE *out;
    const struct result *report;
    enum scenario scenario;
    enum figure figure;
    bool begun;
    struct result_blocks shown; /* behind ratios that were told */
    struct result_blocks few;   /* behind those that too few blocks have */
};

/* The first sentence becomes the heading, the others paragraphs. */
static const char *next_tag(struct answer *a)
{
    const char *tag = a->begun ? "p" : "h1";
    a->begun = true;
    return tag;
}

static void put_contrast(struct answer *a, const struct result_target *t, enum result_base base)
{
    const struct result *r = a->report;
    struct contrast c = result_contrast(r, t, base, a->scenario, a->figure);
    char of[RESULT_NAME];
    char to[RESULT_NAME];
    char what[RESULT_TEXT];
    char ratio[FORMAT_TEXT];
    char range[HTML_TEXT];
    if (c.result == CONTRAST_NONE || (base == RESULT_PAIR && t->pair == r->baseline))
        return;
    result_count_blocks(c.result == CONTRAST_FEW ? &a->few : &a->shown, c.ratio.n);
    if (c.result == CONTRAST_FEW)
        return;
    html_name_target(r, t, a->scenario, of);
    html_name_target(r, result_compared(r, t, base), a->scenario, to);
    name_figure(what, r, a->scenario, a->figure);
    html_format_interval(ratio, range, FIGURE_PLAIN, &c.ratio);
    html_put(a->out, next_tag(a), "%s%s %s %s times %s\u2019s %s (%s)",
             c.result == CONTRAST_SAME ? "No difference shown: " : "", of,
             figure_more_is_better(a->figure) ? "has" : "takes", ratio, to, what, range);
}

/* Socket.IO against its WebSocket first: that is what people ask. */
static void put_contrasts(struct answer *a)
{
    for (int base = RESULT_PAIR; base >= RESULT_BASELINE; base--)
        for (unsigned i = 0; i < a->report->target_count; i++)
            put_contrast(a, &a->report->targets[i], (enum result_base)base);
}

/* How sure that is. */
static void put_noise(struct answer *a)
{
    const struct result *r = a->report;
    char ratio[FORMAT_TEXT];
    char range[HTML_TEXT];
    char blocks[FORMAT_TEXT];
    struct interval noise = summary_ratio_interval(
        &r->control[a->scenario], &r->targets[0].summaries[a->scenario], a->figure);
    if (a->few.most > 0)
        html_put(a->out, "p", "Not enough trials to say who differs: %u of %d blocks", a->few.least,
                 INTERVAL_MIN);
    if (a->shown.most == 0)
        return;
    layout_blocks(blocks, &a->shown);
    html_put(a->out, "p class='soft'", "In brackets: 95 %% intervals over %s.", blocks);
    html_format_interval(ratio, range, FIGURE_PLAIN, &noise);
    if (noise.n >= INTERVAL_MIN)
        html_put(a->out, "p class='soft'", "The noise of this machine: %s against itself is %s.",
                 r->targets[0].name, range);
}

/* Where nothing can be compared: the figures themselves. */
static void put_alone(struct answer *a)
{
    const struct result *r = a->report;
    char called[RESULT_NAME];
    char number[FORMAT_TEXT];
    char what[RESULT_TEXT];
    const char *tag = NULL;
    name_figure(what, r, a->scenario, a->figure);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct summary *s = &r->targets[i].summaries[a->scenario];
        struct spread spread = summary_figure(s, a->figure);
        if (spread.n == 0)
            continue;
        if (tag == NULL)
            fprintf(a->out, "<%s>Median %s: ", tag = next_tag(a), what);
        else
            fputs(", ", a->out);
        html_name_target(r, &r->targets[i], a->scenario, called);
        html_format_number(number, figure_unit_of(a->figure), spread.median);
        svg_escape(a->out, called);
        fprintf(a->out, " %s", summary_refused(s, a->figure) ? "refused" : number);
    }
    if (tag != NULL)
        fprintf(a->out, "</%s>\n", tag);
}

/* Nothing is read before this. */
static void put_failed(struct answer *a)
{
    const struct result *r = a->report;
    const char *before = ": ";
    if (!result_failed(r))
        return;
    fprintf(a->out, "<%s>Not all went well", next_tag(a));
    for (unsigned i = 0; i < r->target_count; i++)
        if (result_target_failed(r, i)) {
            fputs(before, a->out);
            svg_escape(a->out, r->targets[i].name);
            before = ", ";
        }
    fputs("</h1>\n", a->out);
}

/* The least and the greatest of a target's points, wherever they lie. */
static void put_range(struct answer *a, unsigned target, const char *unit)
{
    const struct result_sweep *sweep = &a->report->sweep;
    double least = 0.0;
    double most = 0.0;
    char ns[2][FORMAT_TEXT];
    char value[2][FORMAT_TEXT];
    for (unsigned i = 0; i < sweep->count; i++) {
        const struct summary *s = &sweep->points[target][i];
        double median = summary_figure(s, FIGURE_P50).median;
        if (!(median > 0.0) || summary_refused(s, FIGURE_P50))
            continue;
        if (most == 0.0 || median < least) {
            least = median;
            format_count(value[0], sweep->values[i]);
        }
        if (median > most) {
            most = median;
            format_count(value[1], sweep->values[i]);
        }
    }
    if (most == 0.0)
        return;
    html_format_time(ns[0], least);
    html_format_time(ns[1], most);
    html_put(a->out, "p", "%s: the median lies between %s (%s %s) and %s (%s %s)",
             a->report->targets[target].name, ns[0], value[0], unit, ns[1], value[1], unit);
}

static void put_swept(struct answer *a)
{
    const struct result_sweep *sweep = &a->report->sweep;
    const char *unit = sweep->key[0] == 's' ? "bytes" : sweep->key; /* of "size" */
    char first[FORMAT_TEXT];
    char last[FORMAT_TEXT];
    if (sweep->count == 0)
        return;
    format_count(first, sweep->values[0]);
    format_count(last, sweep->values[sweep->count - 1]);
    html_put(a->out, next_tag(a), "%s, %s to %s %s", html_title(sweep->scenario), first, last,
             unit);
    for (unsigned i = 0; i < a->report->target_count; i++)
        put_range(a, i, unit);
}

void html_put_answer(struct html_page *p)
{
    const struct result *r = p->report;
    struct answer a = {.out = p->out, .report = r};
    a.scenario = html_find_subject(r, &a.figure);
    put_failed(&a);
    if (a.scenario != SCENARIO_COUNT) {
        put_contrasts(&a);
        if (a.shown.most == 0 || a.few.most > 0)
            put_alone(&a);
        put_noise(&a);
    }
    put_swept(&a);
    if (!a.begun)
        html_put(p->out, "h1", "Nothing was measured");
    if (r->partial)
        html_put(p->out, "p class='bad'",
                 "Interrupted: the figures cover what was measured until then.");
    for (unsigned i = 0; i < r->target_count; i++)
        if (r->targets[i].unchecked) {
            html_put(p->out, "p class='bad'", "Replies were counted, not checked (--match any).");
            break;
        }
}
