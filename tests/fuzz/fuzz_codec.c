/* Proves that no bytes crash a decoder or break what the codecs promise about their results. The
 * first byte chooses cuts, roles and capacities; every span that comes out is read. */
#include <assert.h>
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "codec/http.h"
#include "codec/ws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t sink;
static uint8_t room[1 << 16];

static void touch(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        sink ^= s.ptr[i];
    }
}

static void run_http(struct span in, bool server)
{
    static struct http_head head;
    char value[16];
    uint64_t length;
    int used = server ? http_request_parse(in, &head) : http_response_parse(in, &head);
    assert(used <= (int)in.len && (used > 0 || head.count == 0));
    for (size_t i = 0; i < head.count; i++) {
        touch(head.headers[i].name);
        touch(head.headers[i].value);
    }
    touch(http_target_path(head.target));
    (void)http_query_find(http_target_query(head.target), "sid", value, sizeof value);
    (void)http_query_find(in, "", value, sizeof value);
    (void)http_content_length(&head, &length);
    (void)http_header_lists(&head, "connection", "upgrade");
}

static void run_bytes(struct span in, size_t cut, bool masked)
{
    struct utf8 whole = {0}, parts = {0};
    struct ws_head head;
    struct buf out = buf_over(room, cut);
    size_t fine = utf8_check(&parts, span_of(in.ptr, cut));
    fine += fine == cut ? utf8_check(&parts, span_after(in, cut)) : 0;
    assert(fine == utf8_check(&whole, in));
    int used = ws_head_parse(in, masked, &head);
    if (used > 0) {
        uint8_t again[WS_HEAD_MAX];
        size_t len =
            ws_head_write(again, head.fin, head.opcode, head.length, masked ? head.key : NULL);
        assert((int)len == used && memcmp(again, in.ptr, len) == 0);
    }
    if (base64_decode(&out, in) == 0) {
        struct buf text = {.ptr = room + out.len, .cap = sizeof room - out.len};
        base64_put(&text, buf_span(&out));
        assert(text.full || span_equal(buf_span(&text), in));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct span in = span_of(data + 1, size - 1);
    size_t cut = in.len * (data[0] >> 1) / 127;
    run_bytes(in, cut, data[0] & 1);
    run_http(in, data[0] & 1);
    run_http(span_of(in.ptr, cut), data[0] & 1);
    return 0;
}
