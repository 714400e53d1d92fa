#include <math.h>

#include "report/html_inner.h"

#define LANE   17.0 /* from one lane to the next */
#define BAR    11.0
#define HEAD   24.0  /* of a target's lanes */
#define LEFT   96.0  /* of the titles */
#define RIGHT  600.0 /* behind it, the longest lane's number */
#define BOTTOM 24.0  /* of the axis */

/* One phase on the time line, ns since connect(). */
struct lane {
    enum phase phase;
    double start;
    double end;
};

/* In the order of a life. What does not start where the one before ended is in put_lane(). */
static const enum phase order[] = {PHASE_TCP,   PHASE_UPGRADE, PHASE_EIO_OPEN, PHASE_SIO_CONNECT,
                                   PHASE_PROBE, PHASE_SWITCH,  PHASE_READY,    PHASE_FIRST_ECHO};

#define LANES (sizeof order / sizeof order[0])

/* From the medians; returns the number of lanes. The probe runs beside sio connect: its WebSocket
 * is begun when Engine.IO is open. Ready is a length of its own, from connect(). */
static size_t lanes_of(const struct trial *t, struct lane lanes[LANES])
{
    double at = 0.0;
    double opened = 0.0;
    double ready = 0.0;
    size_t n = 0;
    for (size_t i = 0; i < LANES; i++) {
        const struct histogram *h = &t->phases[order[i]];
        if (h->values.n == 0)
            continue;
        double length = (double)histogram_percentile(h, 50.0);
        double start = at;
        if (order[i] == PHASE_PROBE)
            start = opened;
        else if (order[i] == PHASE_READY)
            start = 0.0;
        else if (order[i] == PHASE_FIRST_ECHO)
            start = ready;
        at = start + length;
        if (order[i] == PHASE_EIO_OPEN)
            opened = at;
        if (order[i] == PHASE_READY)
            ready = at;
        lanes[n++] = (struct lane){order[i], start, at};
    }
    return n;
}

static const struct trial *phases_of(const struct report_target *t)
{
    enum scenario source = report_phase_source(t);
    return source == SCENARIO_COUNT ? NULL : &t->summaries[source].pooled;
}

static void put_lane(FILE *out, const struct lane *l, double y, const struct svg_scale *x,
                     unsigned series)
{
    char number[FORMAT_TEXT];
    char style[FORMAT_TEXT];
    bool ready = l->phase == PHASE_READY;
    double left = svg_place(x, l->start);
    double right = fmax(svg_place(x, l->end), left + 1.5);
    double baseline = y + BAR - 1.0;
    html_time(number, l->end - l->start);
    svg_text(out, LEFT - 8.0, baseline, SVG_END, ready ? "strong" : "small", phase_title(l->phase));
    snprintf(style, sizeof style, "s%u full%s", series % SVG_SERIES, ready ? "" : " pale");
    svg_rect(out, style, left, y, right - left, BAR);
    svg_text(out, right + 6.0, baseline, SVG_START, ready ? "strong" : "", number);
}

static void put_head(struct html_page *p, unsigned index, double y)
{
    const struct report_target *t = &p->report->targets[index];
    char text[HTML_TEXT];
    snprintf(text, sizeof text, "%s%s%s", t->name, t->kind[0] == '\0' ? "" : ": ", t->kind);
    svg_mark(p->out, 6.0, y + 12.0, index, false);
    svg_text(p->out, 16.0, y + 16.0, SVG_START, "strong", text);
}

/* The scale of all, and the height that their lanes take. */
static double measure(const struct report *r, struct svg_scale *x)
{
    struct lane lanes[LANES];
    double height = 0.0;
    *x = svg_scale_empty(false);
    svg_reach(x, 0.0);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct trial *t = phases_of(&r->targets[i]);
        size_t n = t == NULL ? 0 : lanes_of(t, lanes);
        for (size_t k = 0; k < n; k++)
            svg_reach(x, lanes[k].end);
        if (n > 0)
            height += HEAD + (double)n * LANE;
    }
    svg_fix(x, LEFT, RIGHT, 0.0);
    return height;
}

void html_put_lanes(struct html_page *p)
{
    const struct report *r = p->report;
    struct svg_scale x;
    struct lane lanes[LANES];
    double y = 0.0;
    double height = measure(r, &x);
    if (height <= 0.0)
        return;
    html_put(p->out, "h2", "From connect to the first echo");
    html_figure_open(
        p, height + BOTTOM, "A client\u2019s first steps",
        "Medians on one time line. A phase starts where the one before it ended, the probe of an "
        "upgrade with sio connect. Ready is measured by itself, from connect() to the moment at "
        "which the client may send: no sum of medians.");
    svg_axis_x(p->out, &x, 0.0, height, html_time);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct trial *t = phases_of(&r->targets[i]);
        size_t n = t == NULL ? 0 : lanes_of(t, lanes);
        if (n == 0)
            continue;
        put_head(p, i, y);
        y += HEAD;
        for (size_t k = 0; k < n; k++)
            put_lane(p->out, &lanes[k], y + (double)k * LANE, &x, i);
        y += (double)n * LANE;
    }
    html_figure_close(p);
}
