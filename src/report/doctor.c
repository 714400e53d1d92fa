#include "report/doctor.h"

#include "base/status.h"
#include "report/layout.h"
#include "report/surroundings.h"

/* Columns; the state's word takes the rest. */
#define NAME   18
#define NUMBER 24

static const char *const states[] = {[PREFLIGHT_FINE] = "fine",
                                     [PREFLIGHT_UNKNOWN] = "unknown",
                                     [PREFLIGHT_NOTE] = "note",
                                     [PREFLIGHT_SHORT] = "SHORT"};

static void put_plan(FILE *out, const struct report *r)
{
    char when[FORMAT_TEXT];
    char text[2 * REPORT_TEXT];
    format_time(when, r->environment.started_unix_ns);
    layout_heading(out, "WSIO doctor", when);
    layout_field(out, "Planned", r->options);
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct report_target *t = &r->targets[i];
        snprintf(text, sizeof text, "%s at %s", t->url,
                 t->address[0] != '\0' ? t->address : "no address");
        layout_field(out, t->name, text);
    }
}

static void put_row(FILE *out, const char *name, const char *needed, const char *found,
                    const char *state)
{
    fputs("  ", out);
    layout_left(out, name, NAME);
    layout_left(out, needed, NUMBER);
    layout_left(out, found, NUMBER);
    fputs(state, out);
    fputc('\n', out);
}

static void put_verdict(FILE *out, const struct preflight *p)
{
    unsigned counts[sizeof states / sizeof states[0]] = {0};
    char text[REPORT_TEXT];
    for (unsigned i = 0; i < p->count; i++)
        counts[p->rows[i].state]++;
    if (counts[PREFLIGHT_SHORT] > 0)
        snprintf(text, sizeof text, "%u SHORT: such a run cannot fit.", counts[PREFLIGHT_SHORT]);
    else
        snprintf(text, sizeof text,
                 "Nothing is short: such a run fits. %u note%s on what may "
                 "disturb its figures.",
                 counts[PREFLIGHT_NOTE], counts[PREFLIGHT_NOTE] == 1 ? "" : "s");
    fputc('\n', out);
    layout_paragraph(out, text);
}

static void put_preflight(FILE *out, const struct preflight *p)
{
    layout_heading(out, "PRE-FLIGHT", "");
    put_row(out, "", "needed", "found", "state");
    for (unsigned i = 0; i < p->count; i++) {
        const struct preflight_row *row = &p->rows[i];
        put_row(out, row->name, row->needed, row->found, states[row->state]);
        if (row->advice[0] != '\0')
            layout_field(out, "", row->advice);
    }
    put_verdict(out, p);
}

int doctor_write(FILE *out, const struct report *r)
{
    put_plan(out, r);
    surroundings_write_environment(out, r);
    put_preflight(out, &r->preflight);
    return fflush(out) == 0 && ferror(out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
