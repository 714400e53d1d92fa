#include "report/text/layout.h"
#include "report/text/tables.h"

#define LABEL   24
#define COLUMN  14
#define TARGETS 4 /* side by side */

/* One of the blocks of a sweep's table. */
struct part {
    const char *title;
    enum figure figure;
    format_put *format;
};

static void put_value(FILE *out, const struct result_sweep *sweep, unsigned point)
{
    char text[FORMAT_TEXT];
    format_count(text, sweep->values[point]);
    layout_put_right(out, text, LABEL - 10);
    fprintf(out, "%10s", "");
}

static void put_part(FILE *out, const struct result *r, const struct part *part, unsigned first)
{
    unsigned end = first + TARGETS < r->target_count ? first + TARGETS : r->target_count;
    fputs("  ", out);
    layout_put_left(out, part->title, LABEL - 2);
    for (unsigned i = first; i < end; i++)
        layout_put_right(out, r->targets[i].name, COLUMN);
    fputc('\n', out);
    for (unsigned point = 0; point < r->sweep.count; point++) {
        put_value(out, &r->sweep, point);
        for (unsigned i = first; i < end; i++)
            layout_put_estimate(out, &r->sweep.points[i][point].estimates[part->figure],
                                part->format, COLUMN);
        fputc('\n', out);
    }
}

void tables_write_sweep(FILE *out, const struct result *r)
{
    static const struct part parts[] = {
        {"messages/s", FIGURE_RATE, format_rate},
        {"latency p50", FIGURE_P50, format_ns},
        {"latency p99", FIGURE_P99, format_ns},
    };
    char title[RESULT_NAME + 16];
    if (r->sweep.count == 0)
        return;
    snprintf(title, sizeof title, "SWEEP of %s", r->sweep.key);
    bool open = scenario_flow(r->sweep.scenario) == FLOW_OPEN;
    layout_put_heading(out, title, "%s; medians over blocks",
                       open ? "open loop, from due" : "round trips");
    for (unsigned first = 0; first < r->target_count; first += TARGETS)
        for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            if (first + i > 0)
                fputc('\n', out);
            put_part(out, r, &parts[i], first);
        }
}
