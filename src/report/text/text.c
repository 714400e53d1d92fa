#include "report/text/text.h"

#include <string.h>

#include "base/status.h"
#include "report/facts.h"
#include "report/text/layout.h"
#include "report/text/phases.h"
#include "report/text/surroundings.h"
#include "report/text/tables.h"
#include "report/text/verdicts.h"

static void put_title(FILE *out, const struct result *r)
{
    char title[RESULT_TEXT];
    char when[FORMAT_TEXT];
    format_time(when, r->environment.started_unix_ns);
    snprintf(title, sizeof title, "WSIO %s%s", r->scenario, r->partial ? "  (INTERRUPTED)" : "");
    layout_put_heading(out, title, "%s", when);
    if (r->partial)
        layout_put_paragraph(out, "Interrupted: the figures cover what was measured until then.");
}

static void put_targets(FILE *out, const struct result *r)
{
    bool fits = strlen(r->options) < LAYOUT_COLUMNS - strlen("TARGETS ");
    layout_put_heading(out, "TARGETS", "%s", fits ? r->options : "");
    if (!fits)
        layout_put_paragraph(out, "%s", r->options);
    facts_each_target(out, r, layout_put_field);
}

static void put_notes(FILE *out, const struct result *r)
{
    if (r->note_count == 0)
        return;
    layout_put_heading(out, "NOTES", "%s", "");
    for (unsigned i = 0; i < r->note_count; i++)
        layout_put_paragraph(out, "%s", r->notes[i]);
}

int report_text_write(FILE *out, const struct result *r)
{
    put_title(out, r);
    surroundings_write_faults(out, r);
    verdicts_write_short(out, r);
    verdicts_write_placement(out, r);
    verdicts_write(out, r);
    verdicts_write_gates(out, r);
    put_targets(out, r);
    surroundings_write_preflight(out, r);
    surroundings_write_environment(out, r);
    phases_write(out, r);
    tables_write_roundtrip(out, r);
    tables_write_rate(out, r);
    tables_write_throughput(out, r);
    tables_write_send(out, r);
    tables_write_sweep(out, r);
    surroundings_write_server(out, r);
    surroundings_write_sizes(out, r);
    put_notes(out, r);
    return fflush(out) == 0 && ferror(out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
