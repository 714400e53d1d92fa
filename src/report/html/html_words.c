#include <assert.h>
#include <string.h>

#include "report/html/html_inner.h"
#include "report/phrases.h"

/* ---- Numbers ----------------------------------------------------------------------------- */

void html_write_micro(char text[FORMAT_TEXT])
{
    char *unit = strstr(text, " us");
    if (unit != NULL)
        snprintf(unit, 5, " \u00b5s");
}

/* 0 stands without a unit. */
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
    if (unit == FIGURE_NS)
        html_format_time(out, value);
    else if (unit == FIGURE_PLAIN)
        format_ratio(out, value); /* a gate's third digit has no place beside pictures */
    else
        phrases_value(out, value, unit);
}

/* A ratio has two decimals, or three where two would hide how narrow the interval is. */
static void format_value(char out[FORMAT_TEXT], enum figure_unit unit, double value,
                         const struct interval *i)
{
    if (unit == FIGURE_PLAIN && i->high < 10.0 && i->high - i->low < 0.1)
        phrases_value(out, value, unit);
    else
        html_format_number(out, unit, value);
}

/* The unit behind a number, or NULL: counts and ratios have a space only between their digits. */
static char *find_unit(char *number, enum figure_unit unit)
{
    return unit == FIGURE_NS || unit == FIGURE_BYTES_PER_S ? strrchr(number, ' ') : NULL;
}

bool html_format_interval(char number[FORMAT_TEXT], char range[HTML_TEXT], enum figure_unit unit,
                          const struct interval *i)
{
    char low[FORMAT_TEXT];
    char high[FORMAT_TEXT];
    format_value(number, unit, i->middle, i);
    format_value(low, unit, i->low, i);
    format_value(high, unit, i->high, i);
    range[0] = '\0';
    if (i->n < 2)
        return false;
    char *first = find_unit(low, unit);
    const char *second = find_unit(high, unit);
    if (first != NULL && second != NULL && strcmp(first, second) == 0)
        *first = '\0'; /* one unit is enough for both ends */
    snprintf(range, HTML_TEXT, "%s to %s", low, high);
    return true;
}

/* ---- Names ------------------------------------------------------------------------------- */

/* The names that a target has until the user gives it another one. */
static bool is_default_name(const char *name)
{
    static const char *const names[] = {"tcp", "ws", "sio", "sio-polling", "sio-upgrade"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* "Socket.IO" of "Socket.IO, upgrade". */
static size_t measure_kind(const struct result_target *t)
{
    return strcspn(t->kind, ",");
}

static bool has_same_kind(const struct result_target *a, const struct result_target *b)
{
    size_t length = measure_kind(a);
    return measure_kind(b) == length && memcmp(a->kind, b->kind, length) == 0;
}

/* Whether its kind names this target among those that ran the scenario. */
static bool is_only_one_of_kind(const struct result *r, const struct result_target *t,
                                enum scenario scenario)
{
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *other = &r->targets[i];
        if (other != t && other->summaries[scenario].blocks > 0 && has_same_kind(t, other))
            return false;
    }
    return measure_kind(t) > 0;
}

void html_name_target(const struct result *r, const struct result_target *t, enum scenario scenario,
                      char out[RESULT_NAME])
{
    if (is_default_name(t->name) && is_only_one_of_kind(r, t, scenario))
        snprintf(out, RESULT_NAME, "%.*s", (int)measure_kind(t), t->kind);
    else
        snprintf(out, RESULT_NAME, "%s", t->name);
}

const char *html_describe_ends(const struct result_blocks *b)
{
    if (b->most < 2)
        return "One trial each.";
    if (b->least < INTERVAL_MIN)
        return "Medians with the smallest and the largest value: fewer than 6 blocks give no "
               "interval.";
    return "Medians over the blocks with 95 % intervals.";
}

static_assert(INTERVAL_MIN == 6, "as the text above says");

void html_name_figure(char out[RESULT_TEXT], const struct result *r, enum scenario scenario,
                      enum figure figure)
{
    char rate[FORMAT_TEXT];
    enum flow flow = scenario_flow(scenario);
    format_count(rate, r->rate);
    if (flow == FLOW_CLOSED && figure == FIGURE_P50)
        snprintf(out, RESULT_TEXT, "round trip");
    else if (flow == FLOW_OPEN && figure == FIGURE_P50)
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

/* ---- Sweeps ------------------------------------------------------------------------------ */

void html_format_swept(char out[HTML_TEXT], const struct result_sweep *sweep, unsigned point)
{
    const char *unit = strcmp(sweep->key, "size") == 0 ? "byte" : "client";
    char value[FORMAT_TEXT];
    format_count(value, sweep->values[point]);
    snprintf(out, HTML_TEXT, "%s %s%s", value, unit, sweep->values[point] == 1 ? "" : "s");
}
