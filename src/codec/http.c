#include "codec/http.h"

#include <string.h>

#include "base/status.h"

/* The steps of a head return 1 when done, 0 when bytes are missing, or a failure. */
struct scan {
    const uint8_t *at;
    const uint8_t *end;
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* RFC 9110 section 5.6.2: the characters of methods and field names. */
static bool is_token(uint8_t c)
{
    static const uint8_t bits[16] = {0x00, 0x00, 0x00, 0x00, 0xFA, 0x6C, 0xFF, 0x03,
                                     0xFE, 0xFF, 0xFF, 0xC7, 0xFF, 0xFF, 0xFF, 0x57};
    return c < 0x80 && (bits[c / 8] >> (c % 8) & 1) != 0;
}

static bool is_visible(uint8_t c)
{
    return c > 0x20 && c < 0x7f;
}

/* RFC 9110 section 5.5: visible, space, tab, and obs-text. */
static bool is_value(uint8_t c)
{
    return (c >= 0x20 && c != 0x7f) || c == '\t';
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static int take_byte(struct scan *s, uint8_t wanted)
{
    if (s->at == s->end) {
        return 0;
    }
    return *s->at++ == wanted ? 1 : STATUS_HTTP_BAD;
}

static int take_text(struct scan *s, const char *text)
{
    int result = 1;
    for (; *text && result == 1; text++) {
        result = take_byte(s, (uint8_t)*text);
    }
    return result;
}

static struct span take_run(struct scan *s, bool (*belongs)(uint8_t))
{
    const uint8_t *from = s->at;
    while (s->at < s->end && belongs(*s->at)) {
        s->at++;
    }
    return span_of(from, (size_t)(s->at - from));
}

/* At least one byte that belongs, then the byte that ends the run. */
static int take_word(struct scan *s, bool (*belongs)(uint8_t), uint8_t ends, struct span *word)
{
    *word = take_run(s, belongs);
    if (word->len == 0 && s->at < s->end) {
        return STATUS_HTTP_BAD;
    }
    return take_byte(s, ends);
}

static struct span trim(struct span s)
{
    while (s.len > 0 && is_space(s.ptr[0])) {
        s = span_after(s, 1);
    }
    while (s.len > 0 && is_space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

/* RFC 9112 section 2.3. */
static int take_version(struct scan *s, int *minor)
{
    int result = take_text(s, "HTTP/");
    if (result != 1 || s->at == s->end) {
        return result == 1 ? 0 : result;
    }
    uint8_t major = *s->at++;
    if (major != '1') {
        return is_digit(major) ? STATUS_HTTP_VERSION : STATUS_HTTP_BAD;
    }
    result = take_byte(s, '.');
    if (result != 1 || s->at == s->end) {
        return result == 1 ? 0 : result;
    }
    uint8_t digit = *s->at++;
    if (digit > '1' && is_digit(digit)) {
        return STATUS_HTTP_VERSION;
    }
    *minor = digit - '0';
    return is_digit(digit) ? 1 : STATUS_HTTP_BAD;
}

static int take_field(struct scan *s, struct http_head *head)
{
    if (head->count == HTTP_HEADERS_MAX) {
        return STATUS_HTTP_TOO_MANY;
    }
    struct http_header *field = &head->headers[head->count];
    int result = take_word(s, is_token, ':', &field->name);
    if (result != 1) {
        return result;
    }
    field->value = trim(take_run(s, is_value));
    result = take_text(s, "\r\n");
    head->count += result == 1;
    return result;
}

static int take_fields(struct scan *s, struct http_head *head)
{
    int result = 1;
    while (result == 1 && s->at < s->end && *s->at != '\r') {
        result = take_field(s, head);
    }
    return result == 1 ? take_text(s, "\r\n") : result;
}

/* The absolute form (RFC 9112 section 3.2.2) is cut to its origin form. */
static int cut_target(struct span *target)
{
    struct span place = *target;
    if (place.ptr[0] == '/') {
        return 1;
    }
    place.len = place.len < strlen("http://") ? place.len : strlen("http://");
    if (!span_equal_nocase(place, "http://")) {
        return STATUS_HTTP_BAD;
    }
    place = span_after(*target, place.len);
    while (place.len > 0 && place.ptr[0] != '/' && place.ptr[0] != '?') {
        place = span_after(place, 1);
    }
    *target = place.len > 0 ? place : SPAN("/");
    return target->ptr[0] == '/' ? 1 : STATUS_HTTP_BAD;
}

/* RFC 9112 section 3; an empty line in front is passed over (2.2). */
static int take_request(struct scan *s, struct http_head *head)
{
    int result = *s->at == '\r' ? take_text(s, "\r\n") : 1;
    if (result == 1 && s->at == s->end) {
        return 0;
    }
    if (result == 1) {
        result = take_word(s, is_token, ' ', &head->method);
    }
    if (result == 1 && s->at < s->end && *s->at != '/' && (*s->at | 0x20) != 'h') {
        return STATUS_HTTP_BAD;
    }
    if (result == 1) {
        result = take_word(s, is_visible, ' ', &head->target);
    }
    if (result == 1) {
        result = cut_target(&head->target);
    }
    if (result == 1) {
        result = take_version(s, &head->minor);
    }
    return result == 1 ? take_text(s, "\r\n") : result;
}

static int take_code(struct scan *s, int *code)
{
    for (int i = 0; i < 3; i++) {
        if (s->at == s->end) {
            return 0;
        }
        uint8_t digit = *s->at++;
        if (!is_digit(digit) || (i == 0 && digit == '0')) {
            return STATUS_HTTP_BAD;
        }
        *code = *code * 10 + digit - '0';
    }
    return 1;
}

/* RFC 9112 section 4. Servers are known to leave out the space before an empty reason. */
static int take_response(struct scan *s, struct http_head *head)
{
    int result = take_version(s, &head->minor);
    if (result == 1) {
        result = take_byte(s, ' ');
    }
    if (result == 1) {
        result = take_code(s, &head->code);
    }
    if (result == 1 && s->at < s->end && *s->at != '\r') {
        result = take_byte(s, ' ');
        head->reason = take_run(s, is_value);
    }
    return result == 1 ? take_text(s, "\r\n") : result;
}

static int parse(struct span in, struct http_head *head,
                 int (*take_first_line)(struct scan *, struct http_head *))
{
    *head = (struct http_head){0};
    if (in.len == 0) {
        return 0;
    }
    struct scan s = {in.ptr, in.ptr + in.len};
    int result = take_first_line(&s, head);
    if (result == 1) {
        result = take_fields(&s, head);
    }
    if (result == 1) {
        return (int)(s.at - in.ptr);
    }
    *head = (struct http_head){0};
    return result;
}

int http_request_parse(struct span in, struct http_head *head)
{
    return parse(in, head, take_request);
}

int http_response_parse(struct span in, struct http_head *head)
{
    return parse(in, head, take_response);
}

struct span http_header_find(const struct http_head *head, const char *name)
{
    for (size_t i = 0; i < head->count; i++) {
        if (span_equal_nocase(head->headers[i].name, name)) {
            return head->headers[i].value;
        }
    }
    return (struct span){0};
}

size_t http_header_count(const struct http_head *head, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < head->count; i++) {
        count += span_equal_nocase(head->headers[i].name, name);
    }
    return count;
}

/* Cuts `s` at the first `mark`: returns what stands before it, leaves what stands behind it. */
static struct span cut(struct span *s, char mark)
{
    const uint8_t *at = s->len > 0 ? memchr(s->ptr, mark, s->len) : NULL;
    size_t len = at ? (size_t)(at - s->ptr) : s->len;
    struct span before = span_of(s->ptr, len);
    *s = span_after(*s, at ? len + 1 : len);
    return before;
}

static bool lists(struct span value, const char *token)
{
    while (value.len > 0) {
        if (span_equal_nocase(trim(cut(&value, ',')), token)) {
            return true;
        }
    }
    return false;
}

bool http_header_lists(const struct http_head *head, const char *name, const char *token)
{
    for (size_t i = 0; i < head->count; i++) {
        const struct http_header *field = &head->headers[i];
        if (span_equal_nocase(field->name, name) && lists(field->value, token)) {
            return true;
        }
    }
    return false;
}

int http_content_length(const struct http_head *head, uint64_t *length)
{
    int found = 0;
    *length = 0;
    for (size_t i = 0; i < head->count; i++) {
        uint64_t value;
        if (!span_equal_nocase(head->headers[i].name, "content-length")) {
            continue;
        }
        bool number = span_to_u64(head->headers[i].value, &value);
        if (!number || (found && value != *length)) {
            *length = 0;
            return STATUS_HTTP_BAD;
        }
        found = 1;
        *length = value;
    }
    return found;
}

struct span http_target_path(struct span target)
{
    return cut(&target, '?');
}

struct span http_target_query(struct span target)
{
    struct span path = http_target_path(target);
    bool none = path.len == target.len;
    return none ? (struct span){0} : span_after(target, path.len + 1);
}

/* The next character of a query, decoded; a bad escape gives 0, which no text may contain. */
static int decode_next(struct span *text)
{
    size_t used = 1;
    int c = text->ptr[0];
    if (c == '+') {
        c = ' ';
    } else if (c == '%') {
        used = text->len > 2 ? 3 : text->len;
        int high = used == 3 ? bytes_read_hex(text->ptr[1]) : -1;
        int low = used == 3 ? bytes_read_hex(text->ptr[2]) : -1;
        c = high >= 0 && low >= 0 ? high * 16 + low : 0;
    }
    *text = span_after(*text, used);
    return c;
}

static int decode(struct span text, char *out, size_t cap)
{
    size_t len = 0;
    while (text.len > 0) {
        int c = decode_next(&text);
        if (c < 0x20 || c == 0x7f) {
            return STATUS_INVALID;
        }
        if (len + 1 >= cap) {
            return STATUS_NO_ROOM;
        }
        out[len++] = (char)c;
    }
    out[len] = '\0';
    return (int)len;
}

int http_query_find(struct span query, const char *name, char *out, size_t cap)
{
    int result = STATUS_NOT_FOUND;
    while (query.len > 0 && result == STATUS_NOT_FOUND) {
        struct span value = cut(&query, '&');
        struct span found = cut(&value, '=');
        if (span_equal_text(found, name)) {
            result = cap > 0 ? decode(value, out, cap) : STATUS_NO_ROOM;
        }
    }
    if (result < 0 && cap > 0) {
        out[0] = '\0';
    }
    return result;
}
