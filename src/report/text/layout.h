/* Lines of at most 80 printable ASCII columns: headings, fields, wrapped paragraphs, tables. */
#ifndef WSIO_REPORT_LAYOUT_H
#define WSIO_REPORT_LAYOUT_H

#include <stdio.h>

#include "measure/result/result.h"
#include "report/format.h"

#define LAYOUT_COLUMNS 80
#define LAYOUT_FIELD   14 /* columns of a field's label, margin included */

#define LAYOUT_TEXT 1024 /* bytes of a paragraph or a field, with its NUL: cut there */

/* An empty line, then "TITLE", the text at the right margin (cut if need be, "" for none), a rule.
 */
void layout_put_heading(FILE *out, const char *title, const char *format, ...) RESULT_PRINTF(3, 4);

/* "  label     text", wrapped under the text; other than printable ASCII becomes '?'. A label too
 * long for its column gets a line of its own. */
void layout_put_field(FILE *out, const char *label, const char *format, ...) RESULT_PRINTF(3, 4);

/* Wrapped text, every line indented by two. */
void layout_put_paragraph(FILE *out, const char *format, ...) RESULT_PRINTF(2, 3);

/* The median over blocks at the right of `width` columns: "-" without one, "n/a", or
 * "refused"; "> " before a lower bound. */
void layout_put_estimate(FILE *out, const struct estimate *e, format_put *format, size_t width);

/* `text` at one side of `width` columns. So that columns never touch it is cut to width - 1: a '~'
 * behind the first third then stands for what is missing. */
void layout_put_right(FILE *out, const char *text, size_t width);
void layout_put_left(FILE *out, const char *text, size_t width);

#endif
