/* JSON (RFC 8259) as Socket.IO needs it: checked, walked and copied in place; no tree is built. */
#ifndef WSIO_CODEC_JSON_H
#define WSIO_CODEC_JSON_H

#include "base/bytes.h"

enum json_type {
    JSON_NONE, /* no value: all-zero */
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

/* One value: its exact text, quotes and brackets included, in the bytes it was parsed from. */
struct json {
    enum json_type type;
    struct span text;
};

/* The members of an object or the elements of an array, in order. Made by json_walk(). */
struct json_walk {
    struct span rest;
    bool object;
    bool started;
};

/* Checks that `in` is exactly one value (white space around it is allowed), nested at most
 * JSON_DEPTH_MAX deep, strings free of raw control bytes, escapes whole, lone surrogates allowed as
 * JavaScript allows them. UTF-8 is the transport's business. Returns STATUS_OK, STATUS_JSON_SYNTAX
 * or STATUS_JSON_DEPTH. No recursion. `value` is reset. */
int json_parse(struct span in, struct json *value);

/* Walks a value that json_parse accepted (no further checks are made on what it walks). json_walk
 * on anything but an object or array gives an empty walk. json_next: true while there is one; `key`
 * (a JSON_STRING) is JSON_NONE for arrays; key may be NULL. */
struct json_walk json_walk(const struct json *value);
bool json_next(struct json_walk *walk, struct json *key, struct json *value);

/* What an accepted value is made of, in order and at every depth; a key's scalar is the
 * JSON_STRING. */
enum json_flat_kind {
    JSON_FLAT_NONE, /* the end: all-zero */
    JSON_FLAT_OPEN,
    JSON_FLAT_CLOSE,
    JSON_FLAT_KEY,
    JSON_FLAT_SCALAR,
};

struct json_flat {
    enum json_flat_kind kind;
    struct json scalar; /* of a key or a scalar */
};

/* The next one; `*rest` begins as the text of a value that json_parse accepted, and advances. One
 * pass over all levels, where walks in walks would read the innermost once per level. */
bool json_flat_next(struct span *rest, struct json_flat *token);

/* The first member of that name, compared unescaped; false (and JSON_NONE) when there is none. */
bool json_find(const struct json *object, const char *name, struct json *value);

/* Appends the string's unescaped UTF-8 (lone surrogates become U+FFFD); all or nothing:
 * STATUS_OK, STATUS_JSON_TYPE, STATUS_NO_ROOM. */
int json_string_copy(const struct json *string, struct buf *out);

/* True when the unescaped string equals `plain` byte for byte. Needs no memory. */
bool json_string_equal(const struct json *string, struct span plain);

/* An integer 0..2^53 without fraction or exponent. */
bool json_to_u64(const struct json *number, uint64_t *value);

/* Appends `plain` as a quoted string: '"', '\\' and control bytes escaped, UTF-8 raw. */
void json_put_string(struct buf *out, struct span plain);

#endif
