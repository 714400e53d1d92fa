#include "report/html/html.h"

#include "base/status.h"
#include "report/html/html_inner.h"

/* The colours of the targets: grey for the first one, which usually is the baseline, then colours
 * that differ for readers who see red and green alike. Each is dark enough for small text on white,
 * or light enough on black. */
static const char style[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1c2127;--soft:#59636e;--rule:#dfe3e8;"
    "--band:#e9edf2;--bad:#b3261e}\n"
    ".s0{color:#5f6b78}.s1{color:#0067a5}.s2{color:#c24a00}.s3{color:#00775a}.s4{color:#a2437c}"
    ".s5{color:#8a6100}.s6{color:#2a7f9e}.s7{color:#4b3a8c}\n"
    "@media screen and (prefers-color-scheme:dark){"
    ":root{--paper:#14181d;--ink:#e8ebee;--soft:#a1abb6;--rule:#333b44;--band:#262d35;"
    "--bad:#ff8a80}\n"
    ".s0{color:#a7b1bc}.s1{color:#5db2f2}.s2{color:#ff8d52}.s3{color:#35c79b}.s4{color:#e88fc1}"
    ".s5{color:#e6b83c}.s6{color:#7cd3ee}.s7{color:#b3a4ff}}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}\n"
    "main{max-width:52rem;margin:auto;padding:1.5rem 1rem 4rem}\n"
    "h1{font-size:clamp(1.3rem,5vw,1.8rem);line-height:1.25;margin:.3rem 0 .8rem}\n"
    "h2{font-size:1.25rem;margin:2.5rem 0 .5rem;border-top:1px solid var(--rule);"
    "padding-top:1.2rem}\n"
    "p,ul{margin:.5rem 0}ul{padding-left:1.2rem}\n"
    "h1,p,li,td,dd{overflow-wrap:anywhere}\n"
    ".soft,figcaption,dt,small{color:var(--soft)}.bad{color:var(--bad)}\n"
    "figure{margin:1.2rem 0;break-inside:avoid}\n"
    "figcaption,table,dl{font-size:.9rem}figcaption{margin-bottom:.5rem}\n"
    "b{color:var(--ink);margin-right:.4em}\n"
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.25rem .8rem .25rem 0;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid var(--rule);vertical-align:top;font-weight:400}\n"
    "th{white-space:normal}th:first-child{text-align:left;white-space:nowrap}\n"
    "tr:first-of-type th{font-weight:600;vertical-align:bottom}small{display:block}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0}\n"
    ".badge{width:.8em;height:.8em;margin-right:.35em}\n"
    ".p{display:block;width:100%;min-width:36rem;font:12px ui-monospace,Menlo,Consolas,'DejaVu "
    "Sans Mono',"
    "monospace;fill:var(--ink)}\n"
    "text{paint-order:stroke;stroke:var(--paper);stroke-width:3px}"
    ".middle{text-anchor:middle}.end{text-anchor:end}.small{fill:var(--soft)}"
    ".strong{font-weight:700}\n"
    ".grid{stroke:var(--rule)}.one{stroke:var(--ink)}.band{fill:var(--band)}\n"
    ".full{fill:currentColor}.pale{fill-opacity:.5}.hollow{fill:var(--paper);stroke:currentColor;"
    "stroke-width:1.5}\n"
    ".line,.dash,.thin{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}\n"
    ".dash{stroke-dasharray:5 4}.thin{stroke-width:1;opacity:.6}\n"
    "@media print{:root{font-size:11px}main{max-width:none;padding:0}.scroll{overflow:visible}"
    "th,td{padding-right:.3rem;white-space:normal;overflow-wrap:anywhere}}\n";

static void put_head(struct html_page *p)
{
    const struct result *r = p->result;
    char when[FORMAT_TEXT];
    format_time(when, r->environment.started_unix_ns);
    fputs("<!doctype html>\n<html lang='en'><head><meta charset='utf-8'/>\n"
          "<meta name='viewport' content='width=device-width,initial-scale=1'/>\n",
          p->out);
    html_put(p->out, "title", "wsio %s, %s", r->scenario, when);
    fprintf(p->out, "<style>\n%s</style></head><body><main>\n", style);
    html_put(p->out, "p class='soft'", "wsio %s, %s%s%s", r->scenario, when,
             r->options[0] == '\0' ? "" : ", ", r->options);
}

int html_write(FILE *out, const struct result *r)
{
    struct html_page p = {.out = out, .result = r};
    put_head(&p);
    html_put_answer(&p);
    html_put_faults(&p);
    html_put_short(&p);
    html_put_lanes(&p);
    html_put_percentiles(&p);
    html_put_rates(&p);
    html_put_ratios(&p);
    html_put_sweep(&p);
    html_put_steps(&p);
    html_put_tables(&p);
    html_put_gates(&p);
    html_put_preflight(&p);
    html_put_environment(&p);
    html_put_reading(&p);
    fputs("</main></body></html>\n", out);
    return fflush(out) == 0 && ferror(out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
