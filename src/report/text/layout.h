/* Lines of at most 80 printable ASCII columns: headings, fields, wrapped paragraphs, tables. */
#ifndef WSIO_REPORT_LAYOUT_H
#define WSIO_REPORT_LAYOUT_H

#include <stdio.h>

#include "report/format.h"
#include "measure/result/result.h"

#define LAYOUT_COLUMNS 80
#define LAYOUT_FIELD   14 /* columns of a field's label, margin included */

#define LAYOUT_TEXT 1024 /* bytes of a paragraph or a field, with its NUL: cut there */

/* An empty line, then "TITLE", the text at the right margin (cut if need be, "" for none), a rule.
 */
void layout_heading(FILE *out, const char *title, const char *format, ...) RESULT_PRINTF(3, 4);

/* "  label     text", wrapped under the text; other than printable ASCII becomes '?'. A label too
 * long for its column gets a line of its own. */
void layout_field(FILE *out, const char *label, const char *format, ...) RESULT_PRINTF(3, 4);

/* That, or what a page makes of it. */
typedef void layout_put(FILE *out, const char *label, const char *format, ...) RESULT_PRINTF(3, 4);

/* Wrapped text, every line indented by two. */
void layout_paragraph(FILE *out, const char *format, ...) RESULT_PRINTF(2, 3);

/* One row: what its cells say, of which figure and in which format if they want to know. Without
 * pointers, as in a constant table each of those costs a relocation: the labels stand behind one
 * another in a text of their own. */
struct layout_row {
    uint8_t tables; /* bits of enum scenario: in whose tables it stands */
    uint8_t cell;   /* enum cells_kind */
    uint8_t figure; /* enum figure */
    uint8_t format; /* enum format_kind */
};

/* What a table's cell is about. */
struct layout_cell {
    const struct result *report;
    const struct result_target *target;
    const struct summary *summary;
    const struct layout_row *row;
};

/* A column for each target that ran the scenario, four side by side, then the next four. A row
 * whose cells are all empty is left out. In labels, "%f" is the floor's name and "%p" that of the
 * pairs; an empty one is an empty line between groups that were printed. */
void layout_table(FILE *out, const struct result *r, enum scenario scenario, const char *labels,
                  const struct layout_row *rows, size_t count);

/* "10 blocks", "1 block", "2 to 3 blocks". */
void layout_blocks(char out[FORMAT_TEXT], const struct result_blocks *b);

/* The name of what the targets are compared with: "its pair" when it is not the same for all, ""
 * when there is none. */
const char *layout_base_name(const struct result *r, enum result_base base);

/* The median over blocks at the right of `width` columns: "-" without one, "refused". */
void layout_figure(FILE *out, const struct summary *s, enum figure figure, enum format_kind format,
                   size_t width);

/* `text` at one side of `width` columns, cut to width - 1 (then a '~' stands for what is missing
 * behind its first third) so that columns never touch. */
void layout_right(FILE *out, const char *text, size_t width);
void layout_left(FILE *out, const char *text, size_t width);

#endif
