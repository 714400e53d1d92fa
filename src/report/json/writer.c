#include "report/json/writer.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

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

static void new_line(struct writer *w)
{
    fputc('\n', w->out);
    for (unsigned i = 0; i < w->depth; i++)
        fputs("  ", w->out);
}

/* The start of the next member (key) or element (NULL). */
static void next(struct writer *w, const char *key)
{
    if (!w->first)
        fputc(',', w->out);
    w->first = false;
    new_line(w);
    if (key == NULL)
        return;
    put_string(w->out, key);
    fputs(": ", w->out);
}

void writer_open(struct writer *w, const char *key, char bracket)
{
    next(w, key);
    fputc(bracket, w->out);
    w->depth++;
    w->first = true;
}

void writer_close(struct writer *w, char bracket)
{
    w->depth--;
    if (!w->first)
        new_line(w);
    fputc(bracket, w->out);
    w->first = false;
}

void writer_text(struct writer *w, const char *key, const char *text)
{
    next(w, key);
    put_string(w->out, text);
}

void writer_count(struct writer *w, const char *key, uint64_t value)
{
    next(w, key);
    fprintf(w->out, "%" PRIu64, value);
}

void writer_number(struct writer *w, const char *key, double value)
{
    next(w, key);
    put_double(w->out, value);
}

void writer_known(struct writer *w, const char *key, double value)
{
    writer_number(w, key, value > 0.0 ? value : NAN);
}

void writer_null(struct writer *w, const char *key)
{
    next(w, key);
    fputs("null", w->out);
}

void writer_bool(struct writer *w, const char *key, bool value)
{
    next(w, key);
    fputs(value ? "true" : "false", w->out);
}

void writer_numbers(struct writer *w, const char *key, const double *values, size_t count)
{
    next(w, key);
    fputc('[', w->out);
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? "" : ", ", w->out);
        put_double(w->out, values[i] > 0.0 ? values[i] : NAN);
    }
    fputc(']', w->out);
}

void writer_put_members(struct writer *w, const void *object, const char *keys,
                        const struct writer_member *members)
{
    for (; *keys != '\0'; keys += strlen(keys) + 1, members++) {
        const void *at = (const char *)object + members->offset;
        double value = 1.0;
        switch (members->kind % WRITER_KNOWN) {
        case WRITER_TEXT:
            writer_text(w, keys, at);
            continue;
        case WRITER_BOOL:
            writer_bool(w, keys, *(const bool *)at);
            continue;
        case WRITER_U64:
            if (*(const uint64_t *)at > 0 || members->kind < WRITER_KNOWN)
                writer_count(w, keys, *(const uint64_t *)at);
            else
                writer_null(w, keys);
            continue;
        case WRITER_UNSIGNED:
            value = *(const unsigned *)at;
            break;
        case WRITER_INT:
            value = *(const int *)at;
            break;
        default:
            value = *(const double *)at;
        }
        writer_number(w, keys, value > 0.0 || members->kind < WRITER_KNOWN ? value : NAN);
    }
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
