#include "client/user/transport.h"

#include <stdio.h>

#include "base/status.h"
#include "codec/json.h"

#define WORDS_MAX 80 /* of a body; code and hint stand beside them */

/* The words inside of the quotes of a JSON string. */
static struct span find_words_of(const struct json *string)
{
    return span_of(string->text.ptr + 1, string->text.len - 2);
}

static struct span find_json_words(struct span body)
{
    struct json all;
    struct json message;
    if (json_parse(body, &all) != STATUS_OK)
        return span_of(NULL, 0);
    if (all.type == JSON_STRING)
        return find_words_of(&all);
    if (json_find(&all, "message", &message) && message.type == JSON_STRING)
        return find_words_of(&message);
    return span_of(NULL, 0);
}

/* A chunked body begins with the length of its first chunk: a line of hexadecimal digits. */
static struct span skip_chunk_head(struct span body)
{
    size_t at = 0;
    while (at < body.len && ((body.ptr[at] >= '0' && body.ptr[at] <= '9') ||
                             ((body.ptr[at] | 0x20) >= 'a' && (body.ptr[at] | 0x20) <= 'f')))
        at++;
    bool is_head = at > 0 && at + 1 < body.len && body.ptr[at] == '\r' && body.ptr[at + 1] == '\n';
    return is_head ? span_after(body, at + 2) : body;
}

/* The first line that has words outside of tags. */
static void put_first_line(struct span body, struct buf *out)
{
    bool in_tag = false;
    for (size_t i = 0; i < body.len && buf_room(out) > 0; i++) {
        uint8_t byte = body.ptr[i];
        bool ends_line = byte == '\r' || byte == '\n';
        bool opens = byte == '<';
        in_tag = in_tag || opens;
        if (ends_line && out->len > 0)
            return;
        if (!in_tag && !ends_line && (byte > ' ' || out->len > 0))
            buf_put_byte(out, byte);
        if (byte == '>')
            in_tag = false;
    }
}

void transport_put_status(unsigned code, struct span body, char text[FAILURE_TEXT])
{
    uint8_t bytes[WORDS_MAX];
    char words[WORDS_MAX + 1] = "";
    struct buf line = buf_over(bytes, sizeof bytes);
    struct span found = find_json_words(body);
    if (found.len == 0 && code >= 400) {
        put_first_line(skip_chunk_head(body), &line);
        found = buf_span(&line);
    }
    span_copy_text(found, words, sizeof words);
    snprintf(text, FAILURE_TEXT, "HTTP %u%s%s", code, words[0] == '\0' ? "" : ": ", words);
}

void transport_put_close(const struct conn_event *event, char text[FAILURE_TEXT])
{
    text[0] = '\0';
    if (event->status == STATUS_HTTP_STATUS)
        transport_put_status(event->code, event->part, text);
    else if (event->status == STATUS_OK && event->code != 0)
        snprintf(text, FAILURE_TEXT, "close code %u", event->code);
}

void transport_take_rest(const struct transport *t, const struct conn_event *event)
{
    if (event->kind == CONN_PING || event->kind == CONN_PONG)
        t->report(t->user, &(struct transport_event){.kind = TRANSPORT_HEARTBEAT});
}
