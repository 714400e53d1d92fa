#include "report/json/writer.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

#include "base/bytes.h"
#include "base/status.h"
#include "base/utf8.h"

static void put_string(FILE *out, const char *text)
{
    struct utf8 state = {0};
    struct span s = span_text(text);
    /* A command line may hold any bytes; JSON may not. */
    bool valid = utf8_check(&state, s) == s.len && utf8_complete(&state);
    fputc('"', out);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = s.ptr[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\u%04x", (unsigned)c);
        else
            fputc(c < 0x80 || valid ? c : '?', out);
    }
    fputc('"', out);
}

static void put_double(FILE *out, double value)
{
    if (fabs(value) <= DBL_MAX) /* neither infinite nor NaN */
        fprintf(out, "%.9g", value);
    else
        fputs("null", out);
}

static void break_line(struct writer *w)
{
    fputc('\n', w->out);
    for (unsigned i = 0; i < w->depth; i++)
        fputs("  ", w->out);
}

static void begin_member(struct writer *w, const char *key)
{
    if (!w->first)
        fputc(',', w->out);
    w->first = false;
    break_line(w);
    if (key == NULL)
        return;
    put_string(w->out, key);
    fputs(": ", w->out);
}

void writer_open(struct writer *w, const char *key, char bracket)
{
    begin_member(w, key);
    fputc(bracket, w->out);
    w->depth++;
    w->first = true;
}

void writer_close(struct writer *w, char bracket)
{
    w->depth--;
    if (!w->first)
        break_line(w);
    fputc(bracket, w->out);
    w->first = false;
}

void writer_text(struct writer *w, const char *key, const char *text)
{
    begin_member(w, key);
    put_string(w->out, text);
}

void writer_count(struct writer *w, const char *key, uint64_t value)
{
    begin_member(w, key);
    fprintf(w->out, "%" PRIu64, value);
}

void writer_number(struct writer *w, const char *key, double value)
{
    begin_member(w, key);
    put_double(w->out, value);
}

void writer_known_count(struct writer *w, const char *key, uint64_t value)
{
    if (value > 0)
        writer_count(w, key, value);
    else
        writer_null(w, key);
}

void writer_known_number(struct writer *w, const char *key, double value)
{
    writer_number(w, key, value > 0.0 ? value : NAN);
}

void writer_null(struct writer *w, const char *key)
{
    begin_member(w, key);
    fputs("null", w->out);
}

void writer_bool(struct writer *w, const char *key, bool value)
{
    begin_member(w, key);
    fputs(value ? "true" : "false", w->out);
}

void writer_numbers(struct writer *w, const char *key, const double *values, size_t count)
{
    begin_member(w, key);
    fputc('[', w->out);
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? "" : ", ", w->out);
        put_double(w->out, values[i] > 0.0 ? values[i] : NAN);
    }
    fputc(']', w->out);
}

void writer_start(struct writer *w, FILE *out)
{
    *w = (struct writer){.out = out, .depth = 1, .first = true};
    fputc('{', out);
}

int writer_finish(struct writer *w)
{
    writer_close(w, '}');
    fputc('\n', w->out);
    return fflush(w->out) == 0 && ferror(w->out) == 0 ? STATUS_OK : STATUS_SYSTEM;
}
