/* Writes JSON member by member; a key of NULL makes an element of an array. */
#ifndef WSIO_REPORT_WRITER_H
#define WSIO_REPORT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Where the writer stands: what separates the next member, and how deep it lies. */
struct writer {
    FILE *out;
    unsigned depth;
    bool first; /* nothing in this object or array yet */
};

/* Opens the outermost object. */
void writer_start(struct writer *w, FILE *out);

/* Closes it and flushes: STATUS_OK, or STATUS_SYSTEM when the stream did not take everything. */
int writer_finish(struct writer *w);

void writer_open(struct writer *w, const char *key, char bracket); /* '{' or '[' */
void writer_close(struct writer *w, char bracket);                 /* '}' or ']' */

/* Text that is not UTF-8 gets '?' for each byte beyond ASCII. */
void writer_text(struct writer *w, const char *key, const char *text);
void writer_count(struct writer *w, const char *key, uint64_t value);
void writer_number(struct writer *w, const char *key, double value); /* null unless finite */
void writer_known(struct writer *w, const char *key, double value);  /* null for 0 or less */
void writer_null(struct writer *w, const char *key);
void writer_bool(struct writer *w, const char *key, bool value);

/* One line; null for each that is 0 or less, "not measured". */
void writer_numbers(struct writer *w, const char *key, const double *values, size_t count);

#endif
