#include "codec/sio.h"

#include <string.h>

#include "base/config.h"
#include "base/status.h"

static bool is_binary(enum sio_type type)
{
    return type == SIO_BINARY_EVENT || type == SIO_BINARY_ACK;
}

static bool is_event(enum sio_type type)
{
    return type == SIO_EVENT || type == SIO_BINARY_EVENT;
}

static struct span take_digits(struct span *rest)
{
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] >= '0' && rest->ptr[len] <= '9') {
        len++;
    }
    struct span digits = span_of(rest->ptr, len);
    *rest = span_after(*rest, len);
    return digits;
}

static int take_type(struct span *rest, enum sio_type *type)
{
    if (rest->len == 0 || rest->ptr[0] < '0' || rest->ptr[0] > '0' + SIO_BINARY_ACK) {
        return STATUS_SIO_PACKET;
    }
    *type = (enum sio_type)(rest->ptr[0] - '0');
    *rest = span_after(*rest, 1);
    return STATUS_OK;
}

static int take_attachments(struct span *rest, unsigned *attachments)
{
    struct span digits = take_digits(rest);
    uint64_t count;
    if (digits.len == 0 || rest->len == 0 || rest->ptr[0] != '-') {
        return STATUS_SIO_PACKET;
    }
    *rest = span_after(*rest, 1);
    if (!span_to_u64(digits, &count) || count == 0 || count > ATTACHMENTS_MAX) {
        return STATUS_SIO_ATTACHMENT;
    }
    *attachments = (unsigned)count;
    return STATUS_OK;
}

/* Up to the comma, or to the end: `41/custom` is legal. */
static struct span take_namespace(struct span *rest)
{
    if (rest->len == 0 || rest->ptr[0] != '/') {
        return SPAN("/");
    }
    const uint8_t *comma = memchr(rest->ptr, ',', rest->len);
    size_t len = comma ? (size_t)(comma - rest->ptr) : rest->len;
    struct span nsp = span_of(rest->ptr, len);
    *rest = span_after(*rest, comma ? len + 1 : len);
    return nsp;
}

static int take_header(struct span *rest, struct sio_packet *packet)
{
    int status = take_type(rest, &packet->type);
    if (status == STATUS_OK && is_binary(packet->type)) {
        status = take_attachments(rest, &packet->attachments);
    }
    if (status != STATUS_OK) {
        return status;
    }
    packet->nsp = take_namespace(rest);
    struct span id = take_digits(rest);
    packet->has_id = id.len > 0;
    if (packet->has_id && !span_to_u64(id, &packet->id)) {
        return STATUS_SIO_PACKET;
    }
    return STATUS_OK;
}

/* Names that socket.io gives to its own events, at either end. */
static const char *const reserved_names[] = {
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
};

#define RESERVED_NAMES (sizeof reserved_names / sizeof reserved_names[0])

bool sio_name_is_reserved(struct span name)
{
    for (size_t i = 0; i < RESERVED_NAMES; i++) {
        if (span_equal_text(name, reserved_names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_reserved(const struct json *name)
{
    for (size_t i = 0; i < RESERVED_NAMES; i++) {
        if (json_string_equal(name, span_text(reserved_names[i]))) {
            return true;
        }
    }
    return false;
}

bool sio_name_allowed(const struct json *name)
{
    return name->type == JSON_NUMBER || (name->type == JSON_STRING && !is_reserved(name));
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct span trim(struct span s)
{
    while (s.len > 0 && is_space(s.ptr[0])) {
        s = span_after(s, 1);
    }
    while (s.len > 0 && is_space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s.len > 0 ? s : (struct span){0};
}

/* The array of an event or ack, taken apart. */
static int split_array(struct sio_packet *packet)
{
    if (packet->data.type != JSON_ARRAY) {
        return STATUS_SIO_PACKET;
    }
    struct json_walk walk = json_walk(&packet->data);
    if (is_event(packet->type)) {
        (void)json_next(&walk, NULL, &packet->name);
        if (!sio_name_allowed(&packet->name)) {
            return STATUS_SIO_PACKET;
        }
        walk.rest = walk.rest.len > 0 ? span_after(walk.rest, 1) : walk.rest; /* the comma */
    }
    packet->args = trim(walk.rest);
    return STATUS_OK;
}

static int check_data(struct sio_packet *packet, bool server)
{
    enum json_type data = packet->data.type;
    bool fits = false;
    switch (packet->type) {
    case SIO_CONNECT:
        fits = data == JSON_NONE || data == JSON_OBJECT;
        break;
    case SIO_DISCONNECT:
        fits = data == JSON_NONE || !server;
        break;
    case SIO_CONNECT_ERROR:
        fits = !server && (data == JSON_OBJECT || data == JSON_STRING);
        break;
    case SIO_EVENT:
    case SIO_ACK:
    case SIO_BINARY_EVENT:
    case SIO_BINARY_ACK:
        return data == JSON_NONE ? STATUS_OK : split_array(packet);
    }
    return fits ? STATUS_OK : STATUS_SIO_PACKET;
}

/* An object is a placeholder when its last `_placeholder` is true, as JavaScript reads it; then its
 * last `num` must be the number of an attachment. Two flags per level remember that much. */
enum level {
    LEVEL_PLACEHOLDER = 1,
    LEVEL_IN_RANGE = 2,
};

struct placeholders {
    unsigned depth;
    unsigned attachments;
    uint8_t levels[JSON_DEPTH_MAX + 1]; /* sets of enum level */
};

enum member {
    MEMBER_OTHER,
    MEMBER_PLACEHOLDER,
    MEMBER_NUM,
};

static enum member find_member(const struct json *key)
{
    return json_string_equal(key, SPAN("_placeholder")) ? MEMBER_PLACEHOLDER
           : json_string_equal(key, SPAN("num"))        ? MEMBER_NUM
                                                        : MEMBER_OTHER;
}

static void set_flag(uint8_t *level, enum level flag, bool on)
{
    *level = (uint8_t)(on ? *level | flag : *level & ~(unsigned)flag);
}

/* `value` is a scalar, or JSON_NONE for an object or array. */
static void note_member(struct placeholders *p, enum member member, const struct json *value)
{
    uint64_t number;
    if (member == MEMBER_PLACEHOLDER) {
        set_flag(&p->levels[p->depth], LEVEL_PLACEHOLDER, value->type == JSON_TRUE);
    } else if (member == MEMBER_NUM) {
        set_flag(&p->levels[p->depth], LEVEL_IN_RANGE,
                 json_to_u64(value, &number) && number < p->attachments);
    }
}

/* Depth first over all levels in one pass; the data has been parsed, so it nests within bounds. */
static int check_placeholders(const struct json *data, unsigned attachments)
{
    struct placeholders p = {.attachments = attachments};
    struct span rest = data->text;
    struct json_flat token;
    enum member member = MEMBER_OTHER;
    while (json_flat_next(&rest, &token)) {
        if (token.kind == JSON_FLAT_KEY) {
            member = find_member(&token.scalar);
            continue;
        }
        if (token.kind == JSON_FLAT_CLOSE) {
            if (p.levels[p.depth] == LEVEL_PLACEHOLDER) {
                return STATUS_SIO_ATTACHMENT;
            }
            p.depth--;
            continue;
        }
        note_member(&p, member, &token.scalar);
        member = MEMBER_OTHER;
        if (token.kind == JSON_FLAT_OPEN) {
            p.depth++;
            p.levels[p.depth] = 0;
        }
    }
    return STATUS_OK;
}

static int parse(struct span text, bool server, struct sio_packet *packet)
{
    struct span rest = text;
    int status = take_header(&rest, packet);
    if (status == STATUS_OK && rest.len > 0) {
        status = json_parse(rest, &packet->data);
    }
    if (status == STATUS_OK) {
        status = check_data(packet, server);
    }
    if (status == STATUS_OK && is_binary(packet->type) && packet->data.type != JSON_NONE) {
        status = check_placeholders(&packet->data, packet->attachments);
    }
    return status;
}

int sio_packet_parse(struct span text, bool server, struct sio_packet *packet)
{
    *packet = (struct sio_packet){0};
    int status = parse(text, server, packet);
    if (status != STATUS_OK) {
        *packet = (struct sio_packet){0};
        return status;
    }
    return (int)text.len;
}

void sio_head_put(struct buf *out, enum sio_type type, unsigned attachments, struct span nsp,
                  bool has_id, uint64_t id)
{
    size_t mark = out->len;
    buf_put(out, (const uint8_t[]){'4', (uint8_t)('0' + (unsigned)type)}, 2);
    if (is_binary(type)) {
        buf_put_u64(out, attachments);
        buf_put_byte(out, '-');
    }
    if (nsp.len > 1) {
        buf_put_span(out, nsp);
        buf_put_byte(out, ',');
    }
    if (has_id) {
        buf_put_u64(out, id);
    }
    out->len = out->full ? mark : out->len;
}
