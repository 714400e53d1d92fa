/* Proves that HTTP with bodies, and polling on it, gives the same events however the stream is cut.
 * The first byte chooses the role; then the stream follows, each piece behind its length. It is fed
 * a second time in one piece, and the events of both are compared. */
#include <assert.h>
#include <string.h>

#include "../unit/guard.h"
#include "base/status.h"
#include "conn/conn.h"
#include "conn/polling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LIMIT  300 /* bytes of a body */
#define SPARE  32
#define FAILED 2000 /* which of two failures is seen first depends on the cuts */

static struct conn_config config;
static struct handshake_request request;
static struct conn conn;
static struct session session;
static struct hold parts;
static struct random randomness;
static struct buf out;
static struct conn_io io = {&config, &out, &randomness, 1};
static uint8_t out_bytes[4 * OUT_SLACK], lent[2048], kept[POLLING_PARTS_BYTES(LIMIT)];
static size_t lent_bytes;
static struct buf tale; /* what was reported */

static void note(int number, struct span s)
{
    uint8_t head[4] = {(uint8_t)number, (uint8_t)((unsigned)number >> 8), (uint8_t)s.len,
                       (uint8_t)(s.len >> 8)};
    buf_put(&tale, head, sizeof head);
    buf_put_span(&tale, s);
}

static void packets_feed(struct span body)
{
    struct session_io sio = {&config.session, &out, &randomness, io.now, true};
    struct session_event event;
    struct polling p = {body, true, {NULL, 0}};
    int more;
    while ((more = polling_feed(&p, &session, &sio, &parts, &event)) > 0) {
        note((int)event.kind, p.text);
        for (unsigned i = 0; i < event.attachments; i++)
            note(0, event.attachment[i]);
        if (event.kind == SESSION_HEADER)
            polling_keep(&p, &parts, kept, sizeof kept);
        if (parts.over)
            hold_take(&parts);
        out.len = 0;
    }
    note(more, span_of(NULL, 0));
}

static void request_take(const struct http_head *head)
{
    note(1000, head->target);
    int status = span_equal_text(head->method, "POST")
                     ? conn_accept_body(&conn, &io, head, LIMIT, SPARE)
                     : 0;
    if (status <= 0)
        conn_respond(&conn, &io, status < 0 ? 400 : 200, "", "", SPAN("x"));
}

static void tell(struct conn_event *event)
{
    switch (event->kind) {
    case CONN_REQUEST:
        request_take(&event->head);
        break;
    case CONN_BODY_WHOLE:
        assert(event->part.len <= LIMIT);
        assert(lent_bytes == 0 || conn.hold.cap - conn.hold.len >= SPARE);
        if (event->status < 0)
            note(FAILED, span_of(NULL, 0));
        else
            packets_feed(event->part);
        conn_respond(&conn, &io, 200, "", "", SPAN("ok"));
        break;
    case CONN_RESPONSE:
        assert(event->part.len <= LIMIT);
        note((int)event->code, event->part);
        packets_feed(event->part);
        if (conn.state == CONN_IDLE)
            conn_start_exchange(&conn, &io, SPAN("/"), NULL);
        break;
    case CONN_CLOSE:
        note(event->status < STATUS_CLOSED ? FAILED : event->status, span_of(NULL, 0));
        break;
    default:
        break;
    }
    if (conn.hold.over) {
        hold_take(&conn.hold);
        lent_bytes = 0;
    }
}

static void feed(struct span piece)
{
    struct conn_event event;
    uint8_t *at = guard_room(piece.len);
    memcpy(at, piece.ptr, piece.len);
    while (piece.len > 0 && conn.state != CONN_CLOSED) {
        out.len = 0;
        size_t used = conn_feed(&conn, &io, at, piece.len, &event);
        assert(used >= 1 && used <= piece.len && !out.full);
        if (event.kind == CONN_HOLD) {
            assert(conn.wanted < sizeof lent && lent_bytes == 0);
            lent_bytes = conn.wanted;
            lent[lent_bytes] = 0xab;
            conn_hold_give(&conn, &io, lent, lent_bytes, event.part);
        } else {
            tell(&event);
        }
        assert(lent_bytes == 0 || lent[lent_bytes] == 0xab);
        at += used;
        piece = span_after(piece, used);
    }
}

static void begin(bool client, struct buf told)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {2};
    memset(&session, 0, sizeof session);
    memset(&parts, 0, sizeof parts);
    memset(&conn, 0, sizeof conn);
    config = (struct conn_config){.client = client, .max_head = 512};
    config.session.client = client;
    config.session.max_payload = LIMIT;
    config.session.namespace_count = 1;
    strcpy(config.session.namespaces[0], "/");
    request = (struct handshake_request){SPAN("/"), SPAN("a"), SPAN(""), SPAN(""), SPAN("")};
    config.request = &request;
    session.state = SESSION_OPEN;
    session.joined = 1;
    random_seed(&randomness, seed);
    lent_bytes = 0;
    tale = told;
    out = buf_over(out_bytes, sizeof out_bytes);
    if (client)
        conn_start_exchange(&conn, &io, SPAN("/"), NULL);
    else
        conn_start_server(&conn, &io, false);
}

static void end(void)
{
    struct conn_event event;
    if (conn.state != CONN_CLOSED) {
        conn_feed_end(&conn, &io, &event);
        tell(&event);
    }
    assert(conn.state == CONN_CLOSED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t told[2][1 << 18], stream[1 << 14];
    struct buf whole = buf_over(stream, sizeof stream);
    if (size == 0 || size > sizeof stream)
        return 0;
    begin(data[0] & 1, buf_over(told[0], sizeof told[0]));
    for (struct span rest = span_of(data + 1, size - 1); rest.len >= 2;) {
        size_t len = rest.ptr[0] < rest.len - 1 ? rest.ptr[0] : rest.len - 1;
        feed(span_of(rest.ptr + 1, len));
        buf_put(&whole, rest.ptr + 1, len);
        rest = span_after(rest, 1 + len);
    }
    end();
    struct span first = buf_span(&tale);
    begin(data[0] & 1, buf_over(told[1], sizeof told[1]));
    feed(buf_span(&whole));
    end();
    assert(span_equal(first, buf_span(&tale)));
    return 0;
}
