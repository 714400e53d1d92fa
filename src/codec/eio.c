#include "codec/eio.h"

#include <string.h>

#include "base/status.h"
#include "codec/http.h"
#include "codec/json.h"

int eio_packet_parse(struct span text, struct eio_packet *packet)
{
    *packet = (struct eio_packet){0};
    if (text.len == 0 || text.ptr[0] < '0' || text.ptr[0] > '0' + EIO_NOOP) {
        return STATUS_EIO_PACKET;
    }
    packet->type = (enum eio_type)(text.ptr[0] - '0');
    packet->data = span_after(text, 1);
    return (int)text.len;
}

int eio_payload_next(struct span *body, bool *first, struct span *text)
{
    *text = (struct span){0};
    if (!*first) {
        if (body->len == 0) {
            return 0;
        }
        *body = span_after(*body, 1); /* the separator that ended the packet before */
    }
    *first = false;
    const uint8_t *end = body->len > 0 ? memchr(body->ptr, EIO_SEPARATOR, body->len) : NULL;
    size_t len = end ? (size_t)(end - body->ptr) : body->len;
    if (len == 0) {
        return STATUS_EIO_PACKET;
    }
    *text = span_of(body->ptr, len);
    *body = span_after(*body, len);
    return 1;
}

/* Terminated, not empty, and fit to stand in a URL. */
static bool copy_sid(const struct json *value, char sid[EIO_SID_MAX])
{
    struct buf out = buf_over(sid, EIO_SID_MAX - 1);
    if (json_string_copy(value, &out) != STATUS_OK || out.len == 0) {
        return false;
    }
    for (size_t i = 0; i < out.len; i++) {
        if (out.ptr[i] <= 0x20 || out.ptr[i] >= 0x7f) {
            return false;
        }
    }
    sid[out.len] = '\0';
    return true;
}

static bool find_interval(const struct json *object, const char *name, uint32_t *ms)
{
    struct json value;
    uint64_t number;
    if (!json_find(object, name, &value) || !json_to_u64(&value, &number) || number > UINT32_MAX) {
        return false;
    }
    *ms = (uint32_t)number;
    return true;
}

static bool lists_websocket(const struct json *object)
{
    struct json upgrades, entry;
    if (!json_find(object, "upgrades", &upgrades) || upgrades.type != JSON_ARRAY) {
        return false;
    }
    struct json_walk walk = json_walk(&upgrades);
    while (json_next(&walk, NULL, &entry)) {
        if (json_string_equal(&entry, SPAN("websocket"))) {
            return true;
        }
    }
    return false;
}

static bool read_open(const struct json *object, struct eio_open *open)
{
    struct json value;
    if (!json_find(object, "sid", &value) || !copy_sid(&value, open->sid)) {
        return false;
    }
    /* Flask-SocketIO sends 0 for any interval below a second. */
    if (!find_interval(object, "pingInterval", &open->ping_interval) ||
        !find_interval(object, "pingTimeout", &open->ping_timeout) || open->ping_timeout == 0) {
        return false;
    }
    if (json_find(object, "maxPayload", &value) && !json_to_u64(&value, &open->max_payload)) {
        return false;
    }
    open->upgrade_websocket = lists_websocket(object);
    return true;
}

int eio_open_parse(struct span json, struct eio_open *open)
{
    struct json object;
    *open = (struct eio_open){0};
    if (json_parse(json, &object) == STATUS_OK && read_open(&object, open)) {
        return STATUS_OK;
    }
    *open = (struct eio_open){0};
    return STATUS_EIO_OPEN;
}

void eio_open_put(struct buf *out, const struct eio_open *open)
{
    size_t mark = out->len;
    buf_put_text(out, "{\"sid\":");
    json_put_string(out, span_text(open->sid));
    buf_put_text(out, ",\"upgrades\":[");
    buf_put_text(out, open->upgrade_websocket ? "\"websocket\"" : "");
    buf_put_text(out, "],\"pingInterval\":");
    buf_put_u64(out, open->ping_interval);
    buf_put_text(out, ",\"pingTimeout\":");
    buf_put_u64(out, open->ping_timeout);
    buf_put_text(out, ",\"maxPayload\":");
    buf_put_u64(out, open->max_payload);
    buf_put_byte(out, '}');
    out->len = out->full ? mark : out->len;
}

static enum eio_transport find_transport(struct span query)
{
    char word[sizeof "websocket"];
    int len = http_query_find(query, "transport", word, sizeof word);
    if (len < 0) {
        return EIO_TRANSPORT_UNKNOWN;
    }
    return strcmp(word, "polling") == 0     ? EIO_TRANSPORT_POLLING
           : strcmp(word, "websocket") == 0 ? EIO_TRANSPORT_WEBSOCKET
                                            : EIO_TRANSPORT_UNKNOWN;
}

void eio_query_parse(struct span query, struct eio_query *q)
{
    *q = (struct eio_query){.transport = find_transport(query)};
    char version[4];
    int len = http_query_find(query, "EIO", version, sizeof version);
    q->version_known = len != STATUS_NOT_FOUND;
    q->version_4 = len == 1 && version[0] == '4';

    len = http_query_find(query, "sid", q->sid, sizeof q->sid);
    q->has_sid = len != 0 && len != STATUS_NOT_FOUND;
    if (len < 0 && q->has_sid) {
        q->sid[0] = '?';
        q->sid[1] = '\0';
    }
}

bool eio_payload_is_old(struct span body)
{
    size_t digits = 0;
    while (digits < body.len && body.ptr[digits] >= '0' && body.ptr[digits] <= '9')
        digits++;
    return digits > 0 && span_starts(span_after(body, digits), SPAN(":0{"));
}
