#include <assert.h>

#include "report/html/html_inner.h"

#define LEFT  96.0  /* where the lanes start, behind the phases' titles */
#define RIGHT 600.0 /* where the longest lane ends, before its number */

/* The phases of a client in time. find_start() knows which do not start where the last one ended.
 */
static const enum phase order[] = {PHASE_TCP,   PHASE_UPGRADE, PHASE_EIO_OPEN, PHASE_SIO_CONNECT,
                                   PHASE_PROBE, PHASE_SWITCH,  PHASE_READY,    PHASE_FIRST_ECHO};

#define LANES (sizeof order / sizeof order[0])

static_assert(TARGETS_MAX * (1 + LANES) <= HTML_ROWS, "each target has a head and its lanes");

/* When a phase starts, in ns since connect(). `ends` has the ends of the phases before it, `last`
 * is the end of the last one. The probe runs beside sio connect: its WebSocket starts when
 * Engine.IO is open. Ready runs from connect() on. */
static double find_start(enum phase phase, const double ends[PHASE_COUNT], double last)
{
    if (phase == PHASE_PROBE)
        return ends[PHASE_EIO_OPEN];
    if (phase == PHASE_FIRST_ECHO)
        return ends[PHASE_READY];
    return phase == PHASE_READY ? 0.0 : last;
}

/* A lane for the median of each phase that was measured. */
static void add_lanes(struct html_rows *rows, const struct result_target *t, unsigned series)
{
    double ends[PHASE_COUNT] = {0.0};
    double last = 0.0;
    for (size_t i = 0; i < LANES; i++) {
        enum phase phase = order[i];
        double length = t->phases[phase].p50_ns;
        if (t->phases[phase].count == 0)
            continue;
        double start = find_start(phase, ends, last);
        struct html_row *row = html_add_row(rows, HTML_LANE, series, "%s", phase_title(phase));
        last = start + length;
        ends[phase] = last;
        row->strong = phase == PHASE_READY;
        row->place = (struct interval){.low = start, .high = last};
        html_format_time(row->number, length);
        svg_widen_scale(&rows->x, last);
    }
}

void html_put_lanes(struct html_page *p)
{
    const struct result *r = p->result;
    struct html_rows rows = {.x = svg_start_scale(false)};
    svg_widen_scale(&rows.x, 0.0);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        unsigned before = rows.count;
        if (t->phase_source == SCENARIO_COUNT)
            continue;
        html_add_row(&rows, HTML_HEAD, i, "%s%s%s", t->name, t->kind[0] == '\0' ? "" : ": ",
                     t->kind);
        add_lanes(&rows, t, i);
        if (rows.count == before + 1)
            rows.count = before; /* a head without lanes */
    }
    if (rows.count == 0)
        return;
    svg_fit_scale(&rows.x, LEFT, RIGHT, 0.0);
    html_put(p->out, "h2", "From connect to the first echo");
    html_draw_rows(
        p, &rows, "A client\u2019s first steps",
        "Medians over the clients of all blocks, on one time line. A phase starts where the one "
        "before it ended; the probe of an upgrade starts together with sio connect. Ready is "
        "measured on its own, from connect() to the moment at which the client may send: it is "
        "not a sum of medians.",
        html_format_tick_time);
}
