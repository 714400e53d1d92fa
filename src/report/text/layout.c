#include "report/text/layout.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

/* A peer's words end up here, too: none may move the cursor or widen a line. */
static char replace_unprintable(char c)
{
    return c >= ' ' && c <= '~' ? c : '?';
}

static void put_text(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fputc(replace_unprintable(text[i]), out);
}

static void put_repeat(FILE *out, char c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fputc(c, out);
}

static size_t find_lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

void layout_put_heading(FILE *out, const char *title, const char *format, ...)
{
    char right[LAYOUT_COLUMNS];
    va_list list;
    va_start(list, format);
    vsnprintf(right, sizeof right, format, list);
    va_end(list);
    size_t left = find_lesser(strlen(title), LAYOUT_COLUMNS - 2);
    size_t length = find_lesser(strlen(right), LAYOUT_COLUMNS - 2 - left);
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
static size_t find_line_length(const char *text, size_t room)
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
        size_t length = find_line_length(text, LAYOUT_COLUMNS - indent);
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

void layout_put_field(FILE *out, const char *label, const char *format, ...)
{
    char text[LAYOUT_TEXT];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    size_t length = find_lesser(strlen(label), LAYOUT_COLUMNS - 2);
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

void layout_put_paragraph(FILE *out, const char *format, ...)
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

void layout_put_right(FILE *out, const char *text, size_t width)
{
    put_repeat(out, ' ', width - find_lesser(strlen(text), width - 1));
    put_cut(out, text, width - 1);
}

void layout_put_left(FILE *out, const char *text, size_t width)
{
    put_cut(out, text, width - 1);
    put_repeat(out, ' ', width - find_lesser(strlen(text), width - 1));
}

void layout_put_estimate(FILE *out, const struct estimate *e, format_put *format, size_t width)
{
    char text[FORMAT_TEXT] = "-";
    if (e->spread.n > 0 && e->refusal != REFUSAL_NONE)
        snprintf(text, sizeof text, "refused");
    else if (e->spread.n > 0)
        format(text, e->interval.middle);
    layout_put_right(out, text, width);
}
