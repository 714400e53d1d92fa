#include <stdarg.h>

#include "report/facts.h"
#include "report/html/html_inner.h"
#include "report/phrases.h"

/* ---- What went wrong --------------------------------------------------------------------- */

static void put_field(FILE *out, const char *label, const char *format, ...) RESULT_PRINTF(3, 4);

static void put_field(FILE *out, const char *label, const char *format, ...)
{
    char text[HTML_PUT_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    html_put(out, "dt", "%s", label);
    html_put(out, "dd", "%s", text);
}

void html_put_faults(struct html_page *p)
{
    if (!p->result->failed)
        return;
    html_put(p->out, "h2", "What went wrong");
    fputs("<dl>\n", p->out);
    facts_each_fault(p->out, p->result, put_field);
    fputs("</dl>\n", p->out);
}

/* ---- Gates ------------------------------------------------------------------------------- */

void html_put_gates(struct html_page *p)
{
    const struct result *r = p->result;
    if (r->gate_count == 0)
        return;
    html_put(p->out, "h2", "Gates: the run fails if one of these holds");
    fputs("<dl>\n", p->out);
    for (unsigned i = 0; i < r->gate_count; i++) {
        const struct gate_result *g = &r->gates[i];
        char text[PHRASES_GATE];
        phrases_gate(text, g);
        html_put(p->out, g->outcome == GATE_PASSED ? "dt" : "dt class='bad'", "%s",
                 gate_outcome_key(g->outcome));
        html_put(p->out, "dd", "%s", text);
    }
    fputs("</dl>\n", p->out);
}

/* ---- Around the figures ------------------------------------------------------------------ */

void html_put_preflight(struct html_page *p)
{
    if (!facts_has_shortage(p->result))
        return;
    fputs("<h2>Before the run</h2>\n"
          "<p class='soft'>These conditions may have spoilt the figures.</p>\n<dl>\n",
          p->out);
    facts_each_shortage(p->out, p->result, put_field);
    fputs("</dl>\n", p->out);
}

void html_put_environment(struct html_page *p)
{
    const struct result *r = p->result;
    html_put(p->out, "h2", "What was measured, and where");
    fputs("<dl>\n", p->out);
    facts_each_target(p->out, r, put_field);
    facts_each_environment(p->out, r, put_field);
    fputs("</dl>\n", p->out);
    for (unsigned i = 0; i < r->note_count; i++)
        html_put(p->out, "p", "%s", r->notes[i]);
}

void html_put_reading(struct html_page *p)
{
    fputs("<h2>How to read this</h2>\n<ul>\n"
          "<li>A round trip is one message and the reply that was matched with it. A message "
          "without a reply is not a round trip.</li>\n"
          "<li>A block is one trial of every target, in random order, on fresh connections. "
          "Numbers are medians over the blocks. A ratio is taken within each block first, because "
          "what disturbs one trial of a block disturbs the others, too.</li>\n"
          "<li>95 of 100 intervals like these contain the true value of this machine in this hour. "
          "Those of a figure are bootstrapped over the blocks; those of ratios belong to their "
          "mean without the outermost blocks, and in 95 of 100 reports all of them hold.</li>\n"
          "<li>A difference is shown only where the ratio\u2019s interval excludes 1. This holds "
          "for the one figure that was chosen before the run.</li>\n"
          "<li>Over loopback, no network delays a message. A real network adds the same time to "
          "every target: the differences stay, the ratios come closer to 1.</li>\n</ul>\n",
          p->out);
}
