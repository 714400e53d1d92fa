#include "report/text/doctor.h"

#include "base/status.h"
#include "report/text/layout.h"
#include "report/text/surroundings.h"

/* Columns; the word of the state takes the rest. */
#define NAME   18
#define NUMBER 24

static void put_plan(FILE *out, const struct result *r)
{
    char when[FORMAT_TEXT];
    format_time(when, r->environment.started_unix_ns);
    layout_put_heading(out, "WSIO doctor", "%s", when);
    layout_put_field(out, "Planned", "%s", r->options);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        layout_put_field(out, t->name, "%s at %s", t->url,
                         t->address[0] != '\0' ? t->address : "no address");
    }
}

static void put_row(FILE *out, const char *name, const char *needed, const char *found,
                    const char *state)
{
    fputs("  ", out);
    layout_put_left(out, name, NAME);
    layout_put_left(out, needed, NUMBER);
    layout_put_left(out, found, NUMBER);
    fputs(state, out);
    fputc('\n', out);
}

static void put_conclusion(FILE *out, const struct preflight *p)
{
    unsigned notes = preflight_count(p, PREFLIGHT_NOTE);
    unsigned shortages = preflight_count(p, PREFLIGHT_SHORT);
    fputc('\n', out);
    if (shortages > 0)
        layout_put_paragraph(out, "%u SHORT: such a run cannot fit.", shortages);
    else
        layout_put_paragraph(out,
                             "Nothing is short: such a run fits. %u note%s on what may disturb its "
                             "figures.",
                             notes, notes == 1 ? "" : "s");
}

static void put_preflight(FILE *out, const struct preflight *p)
{
    static const char *const states[] = {
        [PREFLIGHT_FINE] = "fine",
        [PREFLIGHT_UNKNOWN] = "unknown",
        [PREFLIGHT_NOTE] = "note",
        [PREFLIGHT_SHORT] = "SHORT",
    };
    layout_put_heading(out, "PRE-FLIGHT", "%s", "");
    put_row(out, "", "needed", "found", "state");
    for (unsigned i = 0; i < p->count; i++) {
        const struct preflight_row *row = &p->rows[i];
        put_row(out, row->name, row->needed, row->found, states[row->state]);
        if (row->advice[0] != '\0')
            layout_put_field(out, "", "%s", row->advice);
    }
    put_conclusion(out, p);
}

int doctor_write(FILE *out, const struct result *r)
{
    put_plan(out, r);
    surroundings_write_environment(out, r);
    put_preflight(out, &r->preflight);
    return fflush(out) == 0 && ferror(out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
