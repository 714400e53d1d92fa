#include "report/text.h"

#include <string.h>

#include "base/status.h"
#include "report/faults.h"
#include "report/layout.h"
#include "report/phases.h"
#include "report/surroundings.h"
#include "report/tables.h"
#include "report/verdicts.h"

static void put_title(FILE *out, const struct report *r)
{
    char title[REPORT_TEXT];
    char when[FORMAT_TEXT];
    format_time(when, r->environment.started_unix_ns);
    snprintf(title, sizeof title, "WSIO %s%s", r->scenario, r->partial ? "  (INTERRUPTED)" : "");
    layout_heading(out, title, when);
    if (r->partial)
        layout_paragraph(out, "Interrupted: the figures cover what was measured until then.");
}

/* ---- Targets ----------------------------------------------------------------------------- */

static void put_target(FILE *out, const struct report_target *t)
{
    char text[4 * REPORT_TEXT];
    char size[FORMAT_TEXT] = "size swept";
    char memory[FORMAT_TEXT] = "";
    bool told = t->address[0] == '\0' || strstr(t->url, t->address) != NULL;
    if (t->size > 0)
        format_bytes(size, (double)t->size);
    if (t->server_peak_bytes > 0)
        format_memory(memory, t->server_peak_bytes);
    snprintf(text, sizeof text, "%s, %s%s%s; %s of %s, %s%s%s%s", t->kind, t->url,
             told ? "" : " at ", told ? "" : t->address, size, t->binary ? "binary" : "text",
             t->unchecked ? "replies NOT CHECKED, matched " : "matched ", t->matched,
             memory[0] == '\0' ? "" : "; its server took at most ", memory);
    layout_field(out, t->name, text);
}

static void put_targets(FILE *out, const struct report *r)
{
    layout_heading(out, "TARGETS", r->options);
    for (unsigned i = 0; i < r->target_count; i++)
        put_target(out, &r->targets[i]);
}

static void put_notes(FILE *out, const struct report *r)
{
    if (r->note_count == 0)
        return;
    layout_heading(out, "NOTES", "");
    for (unsigned i = 0; i < r->note_count; i++)
        layout_paragraph(out, r->notes[i]);
}

int report_text_write(FILE *out, const struct report *r)
{
    put_title(out, r);
    verdicts_write_short(out, r);
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
    faults_write(out, r);
    return fflush(out) == 0 && ferror(out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
