#include <stdarg.h>
#include <string.h>

#include "report/html/html_inner.h"

void html_put(FILE *out, const char *tag, const char *format, ...)
{
    char text[HTML_PUT_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    fprintf(out, "<%s>", tag);
    svg_escape(out, text);
    fprintf(out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

void html_put_target(FILE *out, const struct result *r, const struct result_target *t)
{
    fputs("<th>", out);
    svg_put_badge(out, (unsigned)(t - r->targets));
    html_put(out, "span", "%s", t->name);
    fputs("</th>", out);
}

void html_open_figure(struct html_page *p, double height, const char *title, const char *caption)
{
    fputs("<figure><figcaption>", p->out);
    html_put(p->out, "b", "%s.", title);
    html_put(p->out, "span", "%s", caption);
    fputs("</figcaption>\n<div class='scroll'>", p->out);
    svg_open(p->out, height, p->pictures++, title, caption);
}

void html_close_figure(struct html_page *p)
{
    svg_close(p->out);
    fputs("</div></figure>\n", p->out);
}
