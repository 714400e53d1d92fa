#include "codec/json.h"

#include <string.h>

#include "base/config.h"
#include "base/status.h"

#define SAFE_INTEGER_MAX (UINT64_C(1) << 53) /* what a JavaScript number holds exactly */

struct check {
    const uint8_t *at;
    const uint8_t *end;
    unsigned depth;
    uint8_t *objects; /* of skip_value(): one bit per level, set for an object */
};

static void skip_space(struct check *c)
{
    while (c->at < c->end &&
           (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r')) {
        c->at++;
    }
}

static bool next_is(const struct check *c, uint8_t byte)
{
    return c->at < c->end && *c->at == byte;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Is there a byte in the word that a string may not hold as it is: below 0x20, '"', or '\\'? The
 * sign bit of each byte shows it; borrows can only add hits above a true one. */
static bool is_plain_word(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = word ^ ones * '"';
    uint64_t escape = word ^ ones * '\\';
    uint64_t hits =
        ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((escape - ones) & ~escape);
    return (hits & ones * 0x80) == 0;
}

static void skip_plain(struct check *c)
{
    uint64_t word;
    for (; c->end - c->at >= 8; c->at += 8) {
        memcpy(&word, c->at, 8);
        if (!is_plain_word(word)) {
            break;
        }
    }
    while (c->at < c->end && *c->at >= 0x20 && *c->at != '"' && *c->at != '\\') {
        c->at++;
    }
}

static bool is_hex(uint8_t c)
{
    return is_digit(c) || (uint8_t)((c | 0x20) - 'a') < 6;
}

static const bool short_escapes[256] = {
    ['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true,
    ['f'] = true, ['n'] = true,  ['r'] = true, ['t'] = true,
};

/* Behind a backslash. */
static bool skip_escape(struct check *c)
{
    if (c->at == c->end) {
        return false;
    }
    uint8_t letter = *c->at++;
    if (letter != 'u') {
        return short_escapes[letter];
    }
    if (c->end - c->at < 4) {
        return false;
    }
    const uint8_t *hex = c->at;
    c->at += 4;
    return is_hex(hex[0]) && is_hex(hex[1]) && is_hex(hex[2]) && is_hex(hex[3]);
}

/* From the opening quote to behind the closing one. */
static bool skip_string(struct check *c)
{
    if (!next_is(c, '"')) {
        return false;
    }
    c->at++;
    for (;;) {
        skip_plain(c);
        if (c->at == c->end || *c->at < 0x20) {
            return false;
        }
        if (*c->at++ == '"') {
            return true;
        }
        if (!skip_escape(c)) {
            return false;
        }
        while (next_is(c, '\\')) { /* many at once are the most expensive text there is */
            c->at++;
            if (!skip_escape(c)) {
                return false;
            }
        }
    }
}

static bool skip_digits(struct check *c)
{
    const uint8_t *from = c->at;
    while (c->at < c->end && is_digit(*c->at)) {
        c->at++;
    }
    return c->at > from;
}

/* RFC 8259 section 6. */
static bool skip_number(struct check *c)
{
    c->at += next_is(c, '-');
    if (next_is(c, '0')) {
        c->at++;
    } else if (!skip_digits(c)) {
        return false;
    }
    if (next_is(c, '.')) {
        c->at++;
        if (!skip_digits(c)) {
            return false;
        }
    }
    if (next_is(c, 'e') || next_is(c, 'E')) {
        c->at++;
        c->at += next_is(c, '+') || next_is(c, '-');
        return skip_digits(c);
    }
    return true;
}

static bool skip_word(struct check *c, struct span word)
{
    bool there = span_starts(span_of(c->at, (size_t)(c->end - c->at)), word);
    c->at += there ? word.len : 0;
    return there;
}

static bool skip_scalar(struct check *c)
{
    switch (c->at < c->end ? *c->at : '\0') {
    case '"':
        return skip_string(c);
    case 't':
        return skip_word(c, SPAN("true"));
    case 'f':
        return skip_word(c, SPAN("false"));
    case 'n':
        return skip_word(c, SPAN("null"));
    default:
        return skip_number(c);
    }
}

static bool is_in_object(const struct check *c)
{
    unsigned top = c->depth - 1;
    return (c->objects[top / 8] >> (top % 8) & 1) != 0;
}

static int push(struct check *c)
{
    if (c->depth == JSON_DEPTH_MAX) {
        return STATUS_JSON_DEPTH;
    }
    unsigned bit = 1u << (c->depth % 8);
    uint8_t *byte = &c->objects[c->depth / 8];
    if (c->depth % 8 == 0) {
        *byte = 0;
    }
    *byte = (uint8_t)(*c->at == '{' ? *byte | bit : *byte & ~bit);
    c->depth++;
    c->at++;
    return STATUS_OK;
}

/* `"name" :` and the space around it. */
static bool skip_key(struct check *c)
{
    skip_space(c);
    if (!skip_string(c)) {
        return false;
    }
    skip_space(c);
    bool colon = next_is(c, ':');
    c->at += colon;
    return colon;
}

/* The brackets that open here, down to the first scalar or to an empty pair, which stays open. */
static int open_values(struct check *c, bool *empty)
{
    *empty = false;
    for (;;) {
        skip_space(c);
        if (!next_is(c, '{') && !next_is(c, '[')) {
            return STATUS_OK;
        }
        int status = push(c);
        if (status != STATUS_OK) {
            return status;
        }
        skip_space(c);
        *empty = next_is(c, is_in_object(c) ? '}' : ']');
        if (*empty) {
            return STATUS_OK;
        }
        if (is_in_object(c) && !skip_key(c)) {
            return STATUS_JSON_SYNTAX;
        }
    }
}

/* Behind a value: closes what closes here. False when the text is wrong; with depth left, a comma
 * (and key) has been passed and a value is due. */
static bool close_values(struct check *c)
{
    while (c->depth > 0) {
        skip_space(c);
        if (next_is(c, ',')) {
            c->at++;
            return !is_in_object(c) || skip_key(c);
        }
        if (!next_is(c, is_in_object(c) ? '}' : ']')) {
            return false;
        }
        c->at++;
        c->depth--;
    }
    return true;
}

/* One value of any kind, from its first byte to behind its last. The stack is not cleared: most
 * values are flat, and push() clears what it uses. */
static int skip_value(struct check *c)
{
    uint8_t objects[(JSON_DEPTH_MAX + 7) / 8];
    c->objects = objects;
    do {
        bool empty;
        int status = open_values(c, &empty);
        if (status != STATUS_OK) {
            return status;
        }
        if (!empty && !skip_scalar(c)) {
            return STATUS_JSON_SYNTAX;
        }
        if (!close_values(c)) {
            return STATUS_JSON_SYNTAX;
        }
    } while (c->depth > 0);
    return STATUS_OK;
}

static enum json_type find_type(uint8_t first)
{
    switch (first) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

static struct check check_over(struct span in)
{
    return (struct check){.at = in.ptr, .end = span_after(in, in.len).ptr};
}

/* The value at the cursor; the caller has skipped the space. */
static int take_value(struct check *c, struct json *value)
{
    const uint8_t *from = c->at;
    int status = skip_value(c);
    *value = (struct json){0};
    if (status == STATUS_OK) {
        value->type = find_type(*from);
        value->text = span_of(from, (size_t)(c->at - from));
    }
    return status;
}

int json_parse(struct span in, struct json *value)
{
    struct check c = check_over(in);
    skip_space(&c);
    int status = take_value(&c, value);
    skip_space(&c);
    if (status == STATUS_OK && c.at < c.end) {
        status = STATUS_JSON_SYNTAX;
        *value = (struct json){0};
    }
    return status;
}

static struct span skip_to_rest(struct check *c)
{
    skip_space(c);
    return span_of(c->at, (size_t)(c->end - c->at));
}

struct json_walk json_walk(const struct json *value)
{
    struct json_walk walk = {.object = value->type == JSON_OBJECT};
    if (value->type == JSON_OBJECT || value->type == JSON_ARRAY) {
        walk.rest = span_of(value->text.ptr + 1, value->text.len - 2);
    }
    return walk;
}

bool json_next(struct json_walk *walk, struct json *key, struct json *value)
{
    struct check c = check_over(walk->rest);
    struct json name = {0};
    *value = (struct json){0};
    skip_space(&c);
    if (walk->started && next_is(&c, ',')) {
        c.at++;
        skip_space(&c);
    }
    bool more = c.at < c.end;
    if (more && walk->object) {
        more = take_value(&c, &name) == STATUS_OK;
        skip_space(&c);
        c.at += next_is(&c, ':');
        skip_space(&c);
    }
    if (more) {
        more = take_value(&c, value) == STATUS_OK;
    }
    if (key) {
        *key = name;
    }
    walk->started = true;
    walk->rest = skip_to_rest(&c);
    return more;
}

bool json_find(const struct json *object, const char *name, struct json *value)
{
    struct json_walk walk = json_walk(object);
    struct span wanted = span_text(name);
    struct json key;
    while (walk.object && json_next(&walk, &key, value)) {
        if (json_string_equal(&key, wanted)) {
            return true;
        }
    }
    *value = (struct json){0};
    return false;
}

bool json_flat_next(struct span *rest, struct json_flat *token)
{
    struct check c = check_over(*rest);
    *token = (struct json_flat){0};
    while (c.at < c.end && (*c.at == ',' || *c.at == ':' || *c.at <= ' ')) {
        c.at++; /* they were checked; only what stands between them counts */
    }
    if (c.at == c.end) {
        *rest = skip_to_rest(&c);
        return false;
    }
    uint8_t first = *c.at;
    if (first == '{' || first == '[') {
        token->kind = JSON_FLAT_OPEN;
        c.at++;
    } else if (first == '}' || first == ']') {
        token->kind = JSON_FLAT_CLOSE;
        c.at++;
    } else {
        const uint8_t *from = c.at;
        c.at += skip_scalar(&c) ? 0 : c.end - c.at; /* always there in an accepted value */
        token->scalar.type = find_type(first);
        token->scalar.text = span_of(from, (size_t)(c.at - from));
        skip_space(&c);
        token->kind = next_is(&c, ':') ? JSON_FLAT_KEY : JSON_FLAT_SCALAR;
    }
    *rest = skip_to_rest(&c);
    return true;
}

bool json_to_u64(const struct json *number, uint64_t *value)
{
    if (number->type == JSON_NUMBER && span_to_u64(number->text, value) &&
        *value <= SAFE_INTEGER_MAX) {
        return true;
    }
    *value = 0;
    return false;
}

static void put_escape(struct buf *out, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    if (c < 0x20) {
        buf_put_text(out, "\\u00");
        buf_put_byte(out, (uint8_t)hex[c >> 4]);
        c = (uint8_t)hex[c & 15];
    } else {
        buf_put_byte(out, '\\');
    }
    buf_put_byte(out, c);
}

void json_put_string(struct buf *out, struct span plain)
{
    struct check c = check_over(plain);
    size_t mark = out->len;
    buf_put_byte(out, '"');
    while (c.at < c.end) {
        const uint8_t *from = c.at;
        skip_plain(&c);
        buf_put(out, from, (size_t)(c.at - from));
        if (c.at < c.end) {
            put_escape(out, *c.at++);
        }
    }
    buf_put_byte(out, '"');
    out->len = out->full ? mark : out->len;
}
