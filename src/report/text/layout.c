#include "report/text/layout.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "report/text/cells.h"

#define TABLE_LABEL   24
#define TABLE_COLUMN  14
#define TABLE_TARGETS 4

/* A peer's words end up here too: nothing of them may move the cursor or widen a line. */
static char printable(char c)
{
    return c >= ' ' && c <= '~' ? c : '?';
}

static void put_text(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fputc(printable(text[i]), out);
}

static void put_repeat(FILE *out, char c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fputc(c, out);
}

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

void layout_heading(FILE *out, const char *title, const char *format, ...)
{
    char right[LAYOUT_COLUMNS];
    va_list list;
    va_start(list, format);
    vsnprintf(right, sizeof right, format, list);
    va_end(list);
    size_t left = lesser(strlen(title), LAYOUT_COLUMNS - 2);
    size_t length = lesser(strlen(right), LAYOUT_COLUMNS - 2 - left);
    fputc('\n', out);
    put_text(out, title, left);
    if (length > 0) {
        put_repeat(out, ' ', LAYOUT_COLUMNS - left - length);
        put_text(out, right, length);
    }
    fputc('\n', out);
    put_repeat(out, '-', LAYOUT_COLUMNS);
    fputc('\n', out);
}

/* How much of `text` goes on a line of `room`: up to the last space that fits, or a hard cut. */
static size_t line_length(const char *text, size_t room)
{
    size_t length = strlen(text);
    if (length <= room)
        return length;
    for (size_t i = room; i > 0; i--)
        if (text[i] == ' ')
            return i;
    return room;
}

static void put_wrapped(FILE *out, const char *text, size_t indent)
{
    while (true) {
        size_t length = line_length(text, LAYOUT_COLUMNS - indent);
        put_text(out, text, length);
        fputc('\n', out);
        text += length;
        while (*text == ' ')
            text++;
        if (*text == '\0')
            return;
        put_repeat(out, ' ', indent);
    }
}

void layout_field(FILE *out, const char *label, const char *format, ...)
{
    char text[LAYOUT_TEXT];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    size_t length = lesser(strlen(label), LAYOUT_COLUMNS - 2);
    fputs("  ", out);
    put_text(out, label, length);
    if (length > LAYOUT_FIELD - 3) {
        fputc('\n', out);
        length = 0;
        fputs("  ", out);
    }
    put_repeat(out, ' ', LAYOUT_FIELD - 2 - length);
    put_wrapped(out, text[0] == '\0' ? "-" : text, LAYOUT_FIELD);
}

void layout_paragraph(FILE *out, const char *format, ...)
{
    char text[LAYOUT_TEXT];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    fputs("  ", out);
    put_wrapped(out, text, 2);
}

/* At most `room` columns. Names differ at their ends more often than at their starts: a '~' stands
 * for what is missing behind the first third. */
static void put_cut(FILE *out, const char *text, size_t room)
{
    size_t length = strlen(text);
    if (length <= room) {
        put_text(out, text, length);
    } else {
        size_t head = (room - 1) / 3;
        size_t tail = room - 1 - head;
        put_text(out, text, head);
        fputc('~', out);
        put_text(out, text + length - tail, tail);
    }
}

void layout_right(FILE *out, const char *text, size_t width)
{
    put_repeat(out, ' ', width - lesser(strlen(text), width - 1));
    put_cut(out, text, width - 1);
}

void layout_left(FILE *out, const char *text, size_t width)
{
    put_cut(out, text, width - 1);
    put_repeat(out, ' ', width - lesser(strlen(text), width - 1));
}

void layout_figure(FILE *out, const struct summary *s, enum figure figure, enum format_kind format,
                   size_t width)
{
    char text[FORMAT_TEXT] = "-";
    struct spread spread = summary_figure(s, figure);
    if (spread.n > 0 && summary_refused(s, figure))
        snprintf(text, sizeof text, "refused");
    else if (spread.n > 0)
        format_number(text, format, spread.median);
    layout_right(out, text, width);
}

void layout_blocks(char out[FORMAT_TEXT], const struct result_blocks *b)
{
    char to[FORMAT_TEXT / 2] = "";
    if (b->most != b->least)
        snprintf(to, sizeof to, " to %u", b->most);
    snprintf(out, FORMAT_TEXT, "%u%s block%s", b->least, to, b->most == 1 ? "" : "s");
}

const char *layout_base_name(const struct result *r, enum result_base base)
{
    const struct result_target *found = NULL;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *other = result_compared(r, &r->targets[i], base);
        if (other == NULL)
            continue;
        if (found != NULL && found != other)
            return "its pair";
        found = other;
    }
    return found == NULL ? "" : found->name;
}

static void put_label(FILE *out, const struct result *r, const char *label)
{
    char text[LAYOUT_COLUMNS] = "";
    const char *mark = strchr(label, '%');
    if (mark == NULL || (mark[1] != 'f' && mark[1] != 'p'))
        snprintf(text, sizeof text, "%s", label);
    else
        snprintf(text, sizeof text, "%.*s%s", (int)lesser((size_t)(mark - label), TABLE_LABEL),
                 label, layout_base_name(r, mark[1] == 'f' ? RESULT_BASELINE : RESULT_PAIR));
    fputs("  ", out);
    layout_left(out, text, TABLE_LABEL - 2);
}

/* One row for these targets; false, and nothing written, when it has nothing to say. */
static bool put_row(FILE *out, struct layout_cell *cells, unsigned count, const char *label,
                    const struct layout_row *row, bool gap)
{
    char text[TABLE_TARGETS][FORMAT_TEXT];
    bool any = false;
    for (unsigned i = 0; i < count; i++) {
        text[i][0] = '\0';
        cells[i].row = row;
        cells_fill(&cells[i], text[i]);
        any = any || text[i][0] != '\0';
    }
    if (!any)
        return false;
    if (gap)
        fputc('\n', out);
    put_label(out, cells[0].report, label);
    for (unsigned i = 0; i < count; i++)
        layout_right(out, text[i][0] == '\0' ? "-" : text[i], TABLE_COLUMN);
    fputc('\n', out);
    return true;
}

static void put_columns(FILE *out, struct layout_cell *cells, unsigned count, unsigned table,
                        const char *labels, const struct layout_row *rows, size_t row_count)
{
    put_repeat(out, ' ', TABLE_LABEL);
    for (unsigned i = 0; i < count; i++)
        layout_right(out, cells[i].target->name, TABLE_COLUMN);
    fputc('\n', out);
    bool gap = false;
    bool started = false;
    for (size_t i = 0; i < row_count; i++, labels += strlen(labels) + 1) {
        if ((rows[i].tables & table) == 0)
            continue;
        if (labels[0] == '\0') {
            gap = started;
        } else if (put_row(out, cells, count, labels, &rows[i], gap)) {
            started = true;
            gap = false;
        }
    }
}

void layout_table(FILE *out, const struct result *r, enum scenario scenario, const char *labels,
                  const struct layout_row *rows, size_t count)
{
    struct layout_cell cells[TABLE_TARGETS];
    unsigned used = 0;
    bool again = false;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        bool last = i + 1 == r->target_count;
        if (t->summaries[scenario].blocks > 0)
            cells[used++] = (struct layout_cell){r, t, &t->summaries[scenario], NULL};
        if (used == 0 || (used < TABLE_TARGETS && !last))
            continue;
        if (again)
            fputc('\n', out);
        put_columns(out, cells, used, 1U << scenario, labels, rows, count);
        again = true;
        used = 0;
    }
}
