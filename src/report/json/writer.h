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

/* ---- Members of a struct ----------------------------------------------------------------- */

enum writer_kind {
    WRITER_TEXT, /* an array of char */
    WRITER_U64,
    WRITER_UNSIGNED,
    WRITER_DOUBLE,
    WRITER_INT,
    WRITER_BOOL,
};

/* Of one of them: what 0 or less stands for. */
#define WRITER_PLAIN 0
#define WRITER_KNOWN 8 /* null */

struct writer_member {
    unsigned offset : 24;
    unsigned kind : 8; /* enum writer_kind, and one of the two above */
};

/* One for each of `keys`, which stand behind one another up to an empty one. */
void writer_put_members(struct writer *w, const void *object, const char *keys,
                        const struct writer_member *members);

/* The same by a list of X(tag of the struct, member, key, PLAIN or KNOWN). */
#define WRITER_MEMBERS(w, object, LIST)                                                            \
    do {                                                                                           \
        static const struct writer_member members_[] = {LIST(WRITER_MEMBER)};                      \
        writer_put_members(w, object, LIST(WRITER_KEY), members_);                                 \
    } while (0)

#define WRITER_KEY(tag, member, key, known) key "\0"
#define WRITER_MEMBER(tag, member, key, known)                                                     \
    {offsetof(struct tag, member), WRITER_KIND(((struct tag *)1)->member) + WRITER_##known},
#define WRITER_KIND(member)                                                                        \
    _Generic((member),                                                                             \
        char *: WRITER_TEXT,                                                                       \
        uint64_t: WRITER_U64,                                                                      \
        unsigned: WRITER_UNSIGNED,                                                                 \
        double: WRITER_DOUBLE,                                                                     \
        int: WRITER_INT,                                                                           \
        bool: WRITER_BOOL)

#endif
