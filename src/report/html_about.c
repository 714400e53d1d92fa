#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "report/faults.h"
#include "report/html_inner.h"
#include "report/surroundings.h"

/* ---- What went wrong --------------------------------------------------------------------- */

static void put_field(FILE *out, const char *label, const char *text)
{
    html_put(out, "dt", "%s", label);
    html_put(out, "dd", "%s", text);
}

void html_put_faults(struct html_page *p)
{
    if (!report_failed(p->report))
        return;
    html_put(p->out, "h2", "What went wrong");
    fputs("<dl>\n", p->out);
    faults_each(p->out, p->report, put_field);
    fputs("</dl>\n", p->out);
}

/* ---- Gates ------------------------------------------------------------------------------- */

void html_put_gates(struct html_page *p)
{
    const struct report *r = p->report;
    if (r->gate_count == 0)
        return;
    html_put(p->out, "h2", "Gates: it fails if this holds");
    fputs("<dl>\n", p->out);
    for (unsigned i = 0; i < r->gate_count; i++) {
        const struct report_gate *g = &r->gates[i];
        char found[FORMAT_TEXT];
        char range[HTML_TEXT];
        bool some = html_interval(found, range, g->ratio ? FIGURE_PLAIN : g->unit, &g->found);
        html_put(p->out, g->outcome == REPORT_PASSED ? "dt" : "dt class='bad'", "%s",
                 bytes_word("passed\0failed\0unsure\0", g->outcome));
        html_put(p->out, "dd", "%s: found %s%s%s", g->text, found, some ? ", " : "", range);
    }
    fputs("</dl>\n", p->out);
}

/* ---- Around the figures ------------------------------------------------------------------ */

void html_put_preflight(struct html_page *p)
{
    const struct preflight *f = &p->report->preflight;
    bool headed = false;
    for (unsigned i = 0; i < f->count; i++) {
        const struct preflight_row *row = &f->rows[i];
        if (row->state == PREFLIGHT_FINE || row->state == PREFLIGHT_UNKNOWN)
            continue;
        bool asks = strcmp(row->needed, "-") != 0;
        if (!headed) {
            html_put(p->out, "h2", "Before the run");
            html_put(p->out, "p class='soft'", "What was found and may have spoilt the figures.");
            fputs("<dl>\n", p->out);
        }
        headed = true;
        html_put(p->out, "dt", "%s", row->name);
        html_put(p->out, "dd", "found %s%s%s: %s", row->found, asks ? ", needed " : "",
                 asks ? row->needed : "", row->advice);
    }
    if (headed)
        fputs("</dl>\n", p->out);
}

static void put_target(FILE *out, const struct report_target *t)
{
    html_put(out, "dt", "%s", t->name);
    html_put(out, "dd", "%s, %s%s%s: %" PRIu64 " bytes of %s, matched %s", t->kind, t->url,
             t->address[0] == '\0' ? "" : " at ", t->address, t->size,
             t->binary ? "binary" : "text", t->matched);
}

void html_put_environment(struct html_page *p)
{
    const struct report *r = p->report;
    html_put(p->out, "h2", "What was measured, and where");
    fputs("<dl>\n", p->out);
    for (unsigned i = 0; i < r->target_count; i++)
        put_target(p->out, &r->targets[i]);
    surroundings_each(p->out, r, put_field);
    fputs("</dl>\n", p->out);
    for (unsigned i = 0; i < r->note_count; i++)
        html_put(p->out, "p", "%s", r->notes[i]);
}

void html_put_reading(struct html_page *p)
{
    static const char lines[] =
        "A round trip is one message sent and its own reply matched. A send that nobody answered "
        "is none.\0"
        "A block is one trial of every target, in random order, on fresh connections. Numbers are "
        "medians over the blocks; ratios are taken within each block first, as what disturbs a "
        "block disturbs all of it.\0"
        "An interval is where the median of other such runs is expected 95 times of 100 (bootstrap "
        "over the blocks): on this machine, in this hour.\0"
        "A difference is shown only where the ratio\u2019s interval excludes 1 and its median lies "
        "outside of what the first target differs by from itself. One figure was fixed for this "
        "before the run; other ratios carry intervals and no verdict.\0"
        "Over loopback no network is in the way; over a real one the same differences are added to "
        "a larger number.\0";
    html_put(p->out, "h2", "How to read this");
    fputs("<ul>\n", p->out);
    for (const char *line = lines; *line != '\0'; line += strlen(line) + 1)
        html_put(p->out, "li", "%s", line);
    fputs("</ul>\n", p->out);
}
