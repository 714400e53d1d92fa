#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "report/html_inner.h"

/* ---- Numbers ----------------------------------------------------------------------------- */

/* On a page it can be written. */
void html_micro(char text[FORMAT_TEXT])
{
    char *end = strstr(text, " us");
    if (end != NULL)
        snprintf(end, 5, " \u00b5s");
}

void html_time(char out[FORMAT_TEXT], double ns)
{
    format_ns(out, ns);
    if (ns <= 0.0)
        out[1] = '\0'; /* of nothing the unit does not matter */
    html_micro(out);
}

void html_number(char out[FORMAT_TEXT], enum figure_unit unit, double value)
{
    switch (unit) {
    case FIGURE_NS:
        html_time(out, value);
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
        html_number(out, unit, value);
}

bool html_interval(char number[FORMAT_TEXT], char range[HTML_TEXT], enum figure_unit unit,
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

static size_t kind_length(const struct report_target *t)
{
    return strcspn(t->kind, ",");
}

void html_call(const struct report *r, const struct report_target *t, enum scenario scenario,
               char out[REPORT_NAME])
{
    size_t length = kind_length(t);
    bool alone = length > 0;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct report_target *other = &r->targets[i];
        if (other != t && other->summaries[scenario].blocks > 0 && kind_length(other) == length &&
            memcmp(other->kind, t->kind, length) == 0)
            alone = false;
    }
    snprintf(out, REPORT_NAME, "%.*s", alone ? (int)length : REPORT_NAME - 1,
             alone ? t->kind : t->name);
}

const char *html_title(enum scenario scenario)
{
    static const char titles[] = "Connecting\0Round trips\0Throughput\0At a fixed rate\0"
                                 "One-way sends\0";
    return bytes_word(titles, scenario);
}

/* What the figure is called after "takes 1.08 times WebSocket's". */
static void name_figure(char out[REPORT_TEXT], const struct report *r, enum scenario scenario,
                        enum figure figure)
{
    char rate[FORMAT_TEXT];
    format_count(rate, r->rate);
    if (scenario == SCENARIO_ROUNDTRIP && figure == FIGURE_P50)
        snprintf(out, REPORT_TEXT, "round trip");
    else if (scenario == SCENARIO_RATE && figure == FIGURE_P50)
        snprintf(out, REPORT_TEXT, "latency at %s messages per second", rate);
    else if (figure == FIGURE_READY)
        snprintf(out, REPORT_TEXT, "time until it may send");
    else if (figure == FIGURE_RATE)
        snprintf(out, REPORT_TEXT, "%s rate", scenario_key(scenario));
    else if (figure == FIGURE_ACCEPTED)
        snprintf(out, REPORT_TEXT, "rate of messages accepted");
    else
        snprintf(out, REPORT_TEXT, "%s.%s", scenario_key(scenario), figure_word(figure));
}

enum scenario html_subject(const struct report *r, enum figure *figure)
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
    if (report_has(r, r->verdict_scenario))
        return r->verdict_scenario;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        *figure = others[i].figure;
        if (report_has(r, others[i].scenario))
            return others[i].scenario;
    }
    return SCENARIO_COUNT;
}

/* ---- The answer -------------------------------------------------------------------------- */

/* The first sentence becomes the heading, the others paragraphs. */
static const char *next_tag(bool *begun)
{
    const char *tag = *begun ? "p" : "h1";
    *begun = true;
    return tag;
}

/* True when there were too few blocks to say anything. */
static bool put_contrast(struct html_page *p, const struct report_target *t, enum report_base base,
                         enum scenario scenario, enum figure figure, bool *begun)
{
    const struct report *r = p->report;
    struct contrast c = report_contrast(r, t, base, scenario, figure);
    char of[REPORT_NAME];
    char to[REPORT_NAME];
    char what[REPORT_TEXT];
    char ratio[FORMAT_TEXT];
    char range[HTML_TEXT];
    if (c.result == CONTRAST_NONE || (base == REPORT_PAIR && t->pair == r->floor))
        return false;
    if (c.result == CONTRAST_FEW)
        return true;
    html_call(r, t, scenario, of);
    html_call(r, report_compared(r, t, base), scenario, to);
    name_figure(what, r, scenario, figure);
    html_interval(ratio, range, FIGURE_PLAIN, &c.ratio);
    const char *tag = next_tag(begun);
    if (c.result == CONTRAST_SAME)
        html_put(p->out, tag, "No difference shown between %s and %s: %s times its %s (%s)", of, to,
                 ratio, what, range);
    else
        html_put(p->out, tag, "%s %s %s times %s\u2019s %s (%s)", of,
                 figure_more_is_better(figure) ? "has" : "takes", ratio, to, what, range);
    return false;
}

/* Socket.IO against its WebSocket first: that is what people ask. */
static bool put_contrasts(struct html_page *p, enum scenario scenario, enum figure figure,
                          bool *begun)
{
    static const enum report_base bases[] = {REPORT_PAIR, REPORT_FLOOR};
    const struct report *r = p->report;
    bool few = false;
    for (unsigned b = 0; b < 2; b++)
        for (unsigned i = 0; i < r->target_count; i++)
            if (put_contrast(p, &r->targets[i], bases[b], scenario, figure, begun))
                few = true;
    return few;
}

static void put_noise(struct html_page *p, enum scenario scenario, enum figure figure)
{
    const struct report *r = p->report;
    char ratio[FORMAT_TEXT];
    char range[HTML_TEXT];
    struct interval noise =
        summary_ratio_interval(&r->again[scenario], &r->targets[0].summaries[scenario], figure);
    html_interval(ratio, range, FIGURE_PLAIN, &noise);
    if (noise.n >= INTERVAL_LEAST)
        html_put(p->out, "p class='soft'",
                 "In brackets: 95 %% intervals over %u blocks. The noise of this machine: %s "
                 "against itself is %s.",
                 r->blocks, r->targets[0].name, range);
}

/* Where nothing can be compared: the figures themselves. */
static void put_alone(struct html_page *p, enum scenario scenario, enum figure figure, bool *begun)
{
    const struct report *r = p->report;
    char called[REPORT_NAME];
    char number[FORMAT_TEXT];
    char what[REPORT_TEXT];
    char text[2 * HTML_TEXT] = "";
    size_t length = 0;
    name_figure(what, r, scenario, figure);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct summary *s = &r->targets[i].summaries[scenario];
        struct spread spread = summary_figure(s, figure);
        if (spread.n == 0)
            continue;
        html_call(r, &r->targets[i], scenario, called);
        html_number(number, figure_unit_of(figure), spread.median);
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s %s",
                                   length == 0 ? "" : ", ", called,
                                   summary_refused(s, figure) ? "refused" : number);
    }
    if (length > 0)
        html_put(p->out, next_tag(begun), "Median %s: %s", what, text);
}

/* Nothing is read before this. */
static void put_failed(struct html_page *p, bool *begun)
{
    const struct report *r = p->report;
    char names[HTML_TEXT] = "";
    size_t length = 0;
    if (!report_failed(r))
        return;
    for (unsigned i = 0; i < r->target_count; i++)
        if (report_target_failed(r, i))
            length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                       length == 0 ? ": " : ", ", r->targets[i].name);
    html_put(p->out, next_tag(begun), "Not all went well%s", names);
}

/* The two ends of a sweep, of each target. */
static void put_swept(struct html_page *p, bool *begun)
{
    const struct report *r = p->report;
    const struct report_sweep *sweep = &r->sweep;
    char first[FORMAT_TEXT];
    char last[FORMAT_TEXT];
    if (sweep->count == 0)
        return;
    format_count(first, sweep->values[0]);
    format_count(last, sweep->values[sweep->count - 1]);
    html_put(p->out, next_tag(begun), "%s by %s: %s to %s", html_title(sweep->scenario), sweep->key,
             first, last);
    for (unsigned i = 0; i < r->target_count; i++) {
        struct spread low = summary_figure(&sweep->points[i][0], FIGURE_P50);
        struct spread high = summary_figure(&sweep->points[i][sweep->count - 1], FIGURE_P50);
        html_time(first, low.median);
        html_time(last, high.median);
        if (low.n > 0 && high.n > 0)
            html_put(p->out, "p", "%s: the median takes from %s to %s", r->targets[i].name, first,
                     last);
    }
}

void html_put_answer(struct html_page *p)
{
    const struct report *r = p->report;
    bool begun = false;
    enum figure figure;
    enum scenario scenario = html_subject(r, &figure);
    put_failed(p, &begun);
    if (scenario != SCENARIO_COUNT) {
        bool few = put_contrasts(p, scenario, figure, &begun);
        if (!begun || few)
            put_alone(p, scenario, figure, &begun);
        if (few)
            html_put(p->out, "p", "Not enough trials to say who differs: %u of %d blocks",
                     r->blocks, INTERVAL_LEAST);
        put_noise(p, scenario, figure);
    }
    put_swept(p, &begun);
    if (!begun)
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
