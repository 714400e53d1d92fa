/* Writes JSON member by member. With a key, a function writes a member of the object that is open;
 * with NULL it writes an element of the array that is open. Errors stay in the stream until
 * writer_finish() reports them. */
#ifndef WSIO_REPORT_WRITER_H
#define WSIO_REPORT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct writer {
    FILE *out;      /* the caller's, which closes it */
    unsigned depth; /* of objects and arrays that are open: the indentation */
    bool first;     /* the innermost of them is still empty: no comma before its next member */
};

/* Opens the outermost object. */
void writer_start(struct writer *w, FILE *out);

/* Closes it and flushes: STATUS_OK, or STATUS_SYSTEM when the stream did not take everything. */
int writer_finish(struct writer *w);

/* An object ('{' and '}') or an array ('[' and ']'). */
void writer_open(struct writer *w, const char *key, char bracket);
void writer_close(struct writer *w, char bracket);

/* A string. In text that is not UTF-8 each byte beyond ASCII becomes '?'. */
void writer_text(struct writer *w, const char *key, const char *text);

/* A whole number, all of its digits. */
void writer_count(struct writer *w, const char *key, uint64_t value);

/* A number with nine significant digits; null for what is not finite. */
void writer_number(struct writer *w, const char *key, double value);

/* The same where 0 (or less) means "not measured": null then. */
void writer_known_count(struct writer *w, const char *key, uint64_t value);
void writer_known_number(struct writer *w, const char *key, double value);

void writer_null(struct writer *w, const char *key);
void writer_bool(struct writer *w, const char *key, bool value);

/* An array on one line; null for each value that is 0 or less, "not measured". */
void writer_numbers(struct writer *w, const char *key, const double *values, size_t count);

#endif
