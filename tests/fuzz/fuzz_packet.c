/* Proves that no bytes crash JSON, Engine.IO or Socket.IO, or break what these codecs promise. The
 * first byte chooses the cut and the role; every span that comes out is read. */
#include <assert.h>
#include <string.h>

#include "codec/eio.h"
#include "codec/sio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t sink;
static uint8_t room[1 << 16];

static void touch(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        sink ^= s.ptr[i];
    }
}

static void run_json(struct json value)
{
    struct json_walk walk = json_walk(&value);
    struct json_flat token;
    struct json key, member;
    while (json_next(&walk, &key, &member)) {
        struct buf out = buf_over(room, sizeof room);
        touch(member.text);
        assert(member.type != JSON_NONE && (key.type == JSON_STRING) == walk.object);
        if (json_string_copy(&member, &out) == 0) {
            assert(json_string_equal(&member, buf_span(&out)));
        }
    }
    while (json_flat_next(&value.text, &token)) {
        touch(token.scalar.text);
    }
}

static void run_packets(struct span in, bool server)
{
    struct sio_packet packet;
    struct eio_packet message;
    struct eio_open open;
    struct eio_query query;
    struct json value;
    bool first = true;
    if (sio_packet_parse(in, server, &packet) > 0) {
        touch(packet.nsp);
        touch(packet.args);
        run_json(packet.data);
    }
    if (json_parse(in, &value) == 0) {
        run_json(value);
    }
    (void)eio_packet_parse(in, &message);
    touch(message.data);
    (void)eio_open_parse(in, &open);
    eio_query_parse(in, &query);
    assert(strlen(open.sid) < sizeof open.sid && strlen(query.sid) < sizeof query.sid);
    for (struct span text; eio_payload_next(&in, &first, &text) > 0;) {
        assert(text.len > 0);
        touch(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct span in = span_of(data + 1, size - 1);
    size_t cut = in.len * (data[0] >> 1) / 127;
    run_packets(in, data[0] & 1);
    run_packets(span_after(in, cut), data[0] & 1);
    return 0;
}
