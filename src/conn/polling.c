#include "conn/polling.h"

#include <string.h>

#include "base/base64.h"
#include "base/status.h"
#include "base/utf8.h"

static bool is_utf8(struct span text)
{
    struct utf8 utf8 = {0};
    return utf8_check(&utf8, text) == text.len && utf8_complete(&utf8);
}

/* A message of a bare session, decoded where it is. */
static int feed_bare(struct span base64, struct session *s, struct session_event *event)
{
    uint8_t *memory = (uint8_t *)(uintptr_t)base64.ptr; /* of the body, which is the caller's */
    struct buf to = buf_over(memory, base64.len);
    memset(event, 0, sizeof *event);
    if (base64_decode(&to, base64) < 0)
        return STATUS_EIO_PACKET;
    return session_feed_binary(s, buf_span(&to), event);
}

/* An attachment, decoded to where the next part belongs. */
static int feed_binary(struct span base64, struct session *s, const struct session_io *io,
                       struct hold *parts, struct session_event *event)
{
    memset(event, 0, sizeof *event);
    if (s->bare)
        return feed_bare(base64, s, event);
    if (s->parts_due == 0 || parts->ptr == NULL)
        return STATUS_SIO_ATTACHMENT;
    if (!hold_next(parts))
        return STATUS_TOO_BIG;
    struct buf to = buf_over(parts->ptr + parts->len, parts->cap - parts->len);
    int status = base64_decode(&to, base64);
    if (status < 0)
        return status == STATUS_NO_ROOM ? STATUS_TOO_BIG : STATUS_EIO_PACKET;
    hold_add(parts, to.ptr, to.len);
    status = session_feed_part(s, io, parts->ptr, to.len, event);
    parts->over = status == STATUS_OK && event->kind != SESSION_NOTHING;
    return status;
}

int polling_feed(struct polling *p, struct session *s, const struct session_io *io,
                 struct hold *parts, struct session_event *event)
{
    int more = eio_payload_next(&p->rest, &p->first, &p->text);
    if (more <= 0)
        return more;
    int status;
    if (p->text.ptr[0] == 'b')
        status = feed_binary(span_after(p->text, 1), s, io, parts, event);
    else if (is_utf8(p->text)) /* a text frame may carry nothing else */
        status = session_feed(s, io, p->text, event);
    else
        status = STATUS_UTF8;
    return status < 0 ? status : 1;
}

size_t polling_next_length(const struct polling *p)
{
    size_t len;
    size_t separator = p->first || p->rest.len == 0 ? 0 : 1;
    polling_cut(span_after(p->rest, separator), 1, &len);
    return len;
}

void polling_keep(const struct polling *p, struct hold *parts, uint8_t *memory, size_t cap)
{
    hold_give(parts, memory, cap);
    hold_add(parts, p->text.ptr, p->text.len);
}

unsigned polling_cut(struct span joined, unsigned most, size_t *len)
{
    unsigned count = 0;
    size_t at = 0;
    *len = 0;
    while (count < most && at < joined.len) {
        const uint8_t *end = memchr(joined.ptr + at, EIO_SEPARATOR, joined.len - at);
        *len = end != NULL ? (size_t)(end - joined.ptr) : joined.len;
        at = *len + 1;
        count++;
    }
    return count;
}
