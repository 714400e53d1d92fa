#include "report/html/html_inner.h"

#include "base/real.h"

#define LEFT  96.0  /* of the titles */
#define RIGHT 600.0 /* behind it, the longest lane's number */

/* In the order of a life. What does not start where the one before ended is in start_of(). */
static const uint8_t order[] = {PHASE_TCP,   PHASE_UPGRADE, PHASE_EIO_OPEN, PHASE_SIO_CONNECT,
                                PHASE_PROBE, PHASE_SWITCH,  PHASE_READY,    PHASE_FIRST_ECHO};

static_assert(sizeof order < HTML_ROWS / TARGETS_MAX, "with a head each");

/* Where a phase starts, ns since connect(), when the others ended there and the last one at `at`.
 * The probe runs beside sio connect: its WebSocket is begun when Engine.IO is open. Ready is a
 * length of its own, from connect(). */
static double start_of(enum phase phase, const double ends[PHASE_COUNT], double at)
{
    if (phase == PHASE_PROBE)
        return ends[PHASE_EIO_OPEN];
    if (phase == PHASE_FIRST_ECHO)
        return ends[PHASE_READY];
    return phase == PHASE_READY ? 0.0 : at;
}

/* From the medians. */
static void add_lanes(struct html_rows *rows, const struct trial *t, unsigned series)
{
    double ends[PHASE_COUNT] = {0.0};
    double at = 0.0;
    for (size_t i = 0; i < sizeof order; i++) {
        enum phase phase = (enum phase)order[i];
        const struct histogram *h = &t->phases[phase];
        if (h->values.n == 0)
            continue;
        double length = real_of(histogram_percentile(h, 50.0));
        double start = start_of(phase, ends, at);
        struct html_row *row = html_rows_add(rows, HTML_LANE, series, "%s", phase_title(phase));
        at = start + length;
        ends[phase] = at;
        row->strong = phase == PHASE_READY;
        row->place = (struct interval){.low = start, .high = at};
        html_format_time(row->number, length);
        svg_widen_scale(&rows->x, at);
    }
}

void html_put_lanes(struct html_page *p)
{
    const struct result *r = p->report;
    struct html_rows rows = {.x = svg_start_scale(false)};
    svg_widen_scale(&rows.x, 0.0);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        enum scenario source = result_phase_source(t);
        unsigned before = rows.count;
        if (source == SCENARIO_COUNT)
            continue;
        html_rows_add(&rows, HTML_HEAD, i, "%s%s%s", t->name, t->kind[0] == '\0' ? "" : ": ",
                      t->kind);
        add_lanes(&rows, &t->summaries[source].pooled, i);
        if (rows.count == before + 1)
            rows.count = before; /* none of these phases */
    }
    if (rows.count == 0)
        return;
    svg_fit_scale(&rows.x, LEFT, RIGHT, 0.0);
    html_put(p->out, "h2", "From connect to the first echo");
    html_rows_draw(
        p, &rows, "A client\u2019s first steps",
        "Medians of the clients of all blocks, on one time line. A phase starts where the one "
        "before it ended, the probe of an "
        "upgrade with sio connect. Ready is measured by itself, from connect() to the moment at "
        "which the client may send: no sum of medians.",
        html_format_tick_time);
}
