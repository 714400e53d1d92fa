/* Proves that HTTP heads, fields, targets and queries are read and written, and that malformed ones
 * are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/http.h"
#include "base/status.h"
#include "guard.h"

#define WHOLE 99999 /* in a table: all bytes are used, and no fewer */

struct text_case {
    struct span text;
    int result; /* WHOLE, 0 for need more, or a failure */
    size_t at;  /* a failure must come with this byte, not before */
};
#define TEXT(literal, result, at)                                                                  \
    {                                                                                              \
        {(const uint8_t *)(literal), sizeof(literal) - 1}, result, at                              \
    }

typedef int parse_function(struct span in, struct http_head *head);

/* Every prefix: need more, until the head is whole or the wrong byte is there. */
static void run(const struct text_case *c, parse_function *parse)
{
    static const struct http_head zero;
    static struct http_head head;
    for (size_t len = 0; len <= c->text.len; len++) {
        memset(&head, 1, sizeof head);
        int result = parse(guard_copy(span_of(c->text.ptr, len)), &head);
        int expected = 0;
        if (c->result < 0 && len >= c->at) {
            expected = c->result;
        } else if (c->result == WHOLE && len == c->text.len) {
            expected = (int)len;
        }
        if (result != expected) {
            fail_msg("%zu bytes of '%.*s': %d, not %d", len, (int)c->text.len,
                     (const char *)c->text.ptr, result, expected);
        }
        if (result <= 0) {
            assert_memory_equal(&head, &zero, sizeof head);
        }
    }
}

/* RFC 9112 section 3.2.2. */
static void absolute_targets(void **state)
{
    static const char *const cases[][2] = {
        {"GET http://a:80/b?c=d HTTP/1.1\r\n\r\n", "/b?c=d"},
        {"GET HTTP://a HTTP/1.1\r\n\r\n", "/"},
        {"GET /http://a HTTP/1.1\r\n\r\n", "/http://a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct http_head head;
        assert_int_equal(http_request_parse(span_text(cases[i][0]), &head), strlen(cases[i][0]));
        assert_true(span_equal_text(head.target, cases[i][1]));
    }
}

static void requests(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        TEXT("GET / HTTP/1.1\r\n\r\n", WHOLE, 0),
        TEXT("GET / HTTP/1.0\r\n\r\n", WHOLE, 0),
        TEXT("GET /a?b=c%20d#e HTTP/1.1\r\nHost: x\r\nA:b\r\n\r\n", WHOLE, 0),
        TEXT("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\n!#$%&'*+-.^_`|~09azAZ:\r\n\r\n", WHOLE, 0),
        TEXT("GET / HTTP/1.1\r\nA: \t x\ty \x80\xff~ \t\r\nB:\r\nC:   \r\n\r\n", WHOLE, 0),
        TEXT("GET / HTTP/1.1\r\nA: b\r\n", 0, 0),
        TEXT("GET / HTTP/1.1\r\nA: b\r\n\r", 0, 0),
        /* first line */
        TEXT(" GET / HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 1),
        TEXT("\r\nGET / HTTP/1.1\r\n\r\n", WHOLE, 0),
        TEXT("\r\n\r\nGET / HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 3),
        TEXT("\nGET / HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 1),
        TEXT("\x16\x03\x01", STATUS_HTTP_BAD, 1),
        TEXT("G@T / HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 2),
        TEXT("GET\t/ HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 4),
        TEXT("G\xc3T / HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 2),
        TEXT("GET  / HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 5),
        TEXT("GET http://x/ HTTP/1.1\r\n\r\n", WHOLE, 0),
        TEXT("GET HTTP://x HTTP/1.1\r\n\r\n", WHOLE, 0),
        TEXT("GET http://x?y HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 15),
        TEXT("GET https://x/ HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 15),
        TEXT("GET h HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 6),
        TEXT("GET x://x/ HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 5),
        TEXT("OPTIONS * HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 9),
        TEXT("GET /\x7f HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 6),
        TEXT("GET /\x80 HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 6),
        TEXT("GET /\t HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 6),
        TEXT("GET /\r\n\r\n", STATUS_HTTP_BAD, 6),
        TEXT("GET /  HTTP/1.1\r\n\r\n", STATUS_HTTP_BAD, 7),
        TEXT("GET / http/1.1\r\n\r\n", STATUS_HTTP_BAD, 7),
        TEXT("GET / HTTPS/1.1\r\n\r\n", STATUS_HTTP_BAD, 11),
        TEXT("GET / HTTP/x.1\r\n\r\n", STATUS_HTTP_BAD, 12),
        TEXT("GET / HTTP/1,1\r\n\r\n", STATUS_HTTP_BAD, 13),
        TEXT("GET / HTTP/1.x\r\n\r\n", STATUS_HTTP_BAD, 14),
        TEXT("GET / HTTP/1.1 \r\n\r\n", STATUS_HTTP_BAD, 15),
        TEXT("GET / HTTP/1.10\r\n\r\n", STATUS_HTTP_BAD, 15),
        TEXT("GET / HTTP/1.1\n\n", STATUS_HTTP_BAD, 15),
        TEXT("GET / HTTP/1.1\r\r\n", STATUS_HTTP_BAD, 16),
        TEXT("GET / HTTP/2.0\r\n\r\n", STATUS_HTTP_VERSION, 12),
        TEXT("GET / HTTP/0.9\r\n\r\n", STATUS_HTTP_VERSION, 12),
        TEXT("GET / HTTP/1.2\r\n\r\n", STATUS_HTTP_VERSION, 14),
        TEXT("GET / HTTP/1.9\r\n\r\n", STATUS_HTTP_VERSION, 14),
        /* fields */
        TEXT("GET / HTTP/1.1\r\n: b\r\n\r\n", STATUS_HTTP_BAD, 17),
        TEXT("GET / HTTP/1.1\r\nA : b\r\n\r\n", STATUS_HTTP_BAD, 18),
        TEXT("GET / HTTP/1.1\r\nA\r\n\r\n", STATUS_HTTP_BAD, 18),
        TEXT("GET / HTTP/1.1\r\n A: b\r\n\r\n", STATUS_HTTP_BAD, 17),
        TEXT("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", STATUS_HTTP_BAD, 23),
        TEXT("GET / HTTP/1.1\r\n\"A\": b\r\n\r\n", STATUS_HTTP_BAD, 17),
        TEXT("GET / HTTP/1.1\r\nA\xe9: b\r\n\r\n", STATUS_HTTP_BAD, 18),
        TEXT("GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", STATUS_HTTP_BAD, 21),
        TEXT("GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", STATUS_HTTP_BAD, 22),
        TEXT("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", STATUS_HTTP_BAD, 21),
        TEXT("GET / HTTP/1.1\r\nA: b\x1b\r\n\r\n", STATUS_HTTP_BAD, 21),
        TEXT("GET / HTTP/1.1\r\nA: b\x7f\r\n\r\n", STATUS_HTTP_BAD, 21),
        TEXT("GET / HTTP/1.1\r\n\n", STATUS_HTTP_BAD, 17),
        TEXT("GET / HTTP/1.1\r\n\rx", STATUS_HTTP_BAD, 18),
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run(&cases[i], http_request_parse);
    }
}

static void responses(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        TEXT("HTTP/1.1 200 OK\r\n\r\n", WHOLE, 0),
        TEXT("HTTP/1.0 404 Not Found\r\nA: b\r\n\r\n", WHOLE, 0),
        TEXT("HTTP/1.1 999 \r\n\r\n", WHOLE, 0),
        TEXT("HTTP/1.1 100\r\n\r\n", WHOLE, 0),
        TEXT("HTTP/1.1 200 \xc3\xa9\t!\r\n\r\n", WHOLE, 0),
        TEXT("HTTP/1.1 101 Switching Protocols\r\n", 0, 0),
        TEXT("HTTP/1.1  200 OK\r\n\r\n", STATUS_HTTP_BAD, 10),
        TEXT("HTTP/1.1 099 OK\r\n\r\n", STATUS_HTTP_BAD, 10),
        TEXT("HTTP/1.1 2x0 OK\r\n\r\n", STATUS_HTTP_BAD, 11),
        TEXT("HTTP/1.1 20\r\n\r\n", STATUS_HTTP_BAD, 12),
        TEXT("HTTP/1.1 2000 OK\r\n\r\n", STATUS_HTTP_BAD, 13),
        TEXT("HTTP/1.1 200 O\x01K\r\n\r\n", STATUS_HTTP_BAD, 15),
        TEXT("HTTP/1.1 200 OK\n\n", STATUS_HTTP_BAD, 16),
        TEXT("HTTP/1.1\t200 OK\r\n\r\n", STATUS_HTTP_BAD, 9),
        TEXT("SSH-2.0-x\r\n", STATUS_HTTP_BAD, 1),
        TEXT("HTTP/2 200\r\n\r\n", STATUS_HTTP_VERSION, 6),
        TEXT("HTTP/1.1 200 OK\r\nA b\r\n\r\n", STATUS_HTTP_BAD, 19),
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run(&cases[i], http_response_parse);
    }
}

static void request_has_its_parts(void **state)
{
    (void)state;
    static struct http_head head;
    struct span in = SPAN("GET /a/b?c=d HTTP/1.1\r\nHost:\t x:1 \t\r\nEmpty:\r\n\r\nbody");
    assert_int_equal(http_request_parse(in, &head), (int)in.len - 4);
    assert_true(span_equal_text(head.method, "GET"));
    assert_true(span_equal_text(head.target, "/a/b?c=d"));
    assert_int_equal(head.minor, 1);
    assert_int_equal(head.code, 0);
    assert_int_equal(head.count, 2);
    assert_true(span_equal_text(head.headers[0].name, "Host"));
    assert_true(span_equal_text(head.headers[0].value, "x:1"));
    assert_int_equal(http_header_find(&head, "empty").len, 0);
    assert_non_null(http_header_find(&head, "empty").ptr);
    assert_null(http_header_find(&head, "hos").ptr);
}

static void response_has_its_parts(void **state)
{
    (void)state;
    static struct http_head head;
    struct span in = SPAN("HTTP/1.0 404 Not Found\r\nA: b\r\n\r\n");
    assert_int_equal(http_response_parse(in, &head), in.len);
    assert_int_equal(head.code, 404);
    assert_int_equal(head.minor, 0);
    assert_true(span_equal_text(head.reason, "Not Found"));
    assert_true(span_equal_text(http_header_find(&head, "a"), "b"));
}

static void fields_are_counted(void **state)
{
    (void)state;
    static struct http_head head;
    static char room[64 + 8 * (HTTP_HEADERS_MAX + 1)];
    for (size_t fields = HTTP_HEADERS_MAX; fields <= HTTP_HEADERS_MAX + 1; fields++) {
        struct buf out = buf_over(room, sizeof room);
        buf_put_text(&out, "GET / HTTP/1.1\r\n");
        for (size_t i = 0; i < fields; i++) {
            buf_put_text(&out, "A: b\r\n");
        }
        buf_put_text(&out, "\r\n");
        bool fits = fields == HTTP_HEADERS_MAX;
        assert_int_equal(http_request_parse(buf_span(&out), &head),
                         fits ? (int)out.len : STATUS_HTTP_TOO_MANY);
        assert_int_equal(head.count, fits ? fields : 0);
        assert_int_equal(http_header_count(&head, "a"), fits ? fields : 0);
    }
}

static struct http_head *parsed(const char *fields)
{
    static struct http_head head;
    static char room[512];
    struct buf out = buf_over(room, sizeof room);
    buf_put_text(&out, "GET / HTTP/1.1\r\n");
    buf_put_text(&out, fields);
    buf_put_text(&out, "\r\n");
    assert_int_equal(http_request_parse(buf_span(&out), &head), (int)out.len);
    return &head;
}

static void tokens_are_found_in_lists(void **state)
{
    (void)state;
    struct http_head *head = parsed("Connection: keep-alive ,\tUpgrade\r\n"
                                    "X: upgrade2, , \"upgrade\", up grade\r\n"
                                    "Connection: ,close,\r\n");
    assert_true(http_header_lists(head, "connection", "upgrade"));
    assert_true(http_header_lists(head, "CONNECTION", "KEEP-ALIVE"));
    assert_true(http_header_lists(head, "connection", "close"));
    assert_false(http_header_lists(head, "connection", "keep"));
    assert_false(http_header_lists(head, "x", "upgrade"));
    assert_false(http_header_lists(head, "y", "upgrade"));
    assert_int_equal(http_header_count(head, "connection"), 2);
    assert_true(span_equal_text(http_header_find(head, "connection"), "keep-alive ,\tUpgrade"));
}

static void content_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        int result;
        uint64_t length;
    } cases[] = {
        {"", 0, 0},
        {"Content-Length: 0\r\n", 1, 0},
        {"content-length: 18446744073709551615\r\n", 1, UINT64_MAX},
        {"Content-Length: 5\r\nA: b\r\nCONTENT-LENGTH: 5\r\n", 1, 5},
        {"Content-Length: 5\r\nContent-Length: 6\r\n", STATUS_HTTP_BAD, 0},
        {"Content-Length: 5\r\nContent-Length: x\r\n", STATUS_HTTP_BAD, 0},
        {"Content-Length: 18446744073709551616\r\n", STATUS_HTTP_BAD, 0},
        {"Content-Length:\r\n", STATUS_HTTP_BAD, 0},
        {"Content-Length: -1\r\n", STATUS_HTTP_BAD, 0},
        {"Content-Length: +1\r\n", STATUS_HTTP_BAD, 0},
        {"Content-Length: 0x10\r\n", STATUS_HTTP_BAD, 0},
        {"Content-Length: 5, 5\r\n", STATUS_HTTP_BAD, 0},
        {"Content-Length: 5 5\r\n", STATUS_HTTP_BAD, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t length = 77;
        assert_int_equal(http_content_length(parsed(cases[i].fields), &length), cases[i].result);
        assert_true(length == cases[i].length);
    }
}

static void targets_are_cut_at_the_query(void **state)
{
    (void)state;
    assert_true(span_equal_text(http_target_path(SPAN("/a")), "/a"));
    assert_null(http_target_query(SPAN("/a")).ptr);
    assert_true(span_equal_text(http_target_path(SPAN("/a?b?c")), "/a"));
    assert_true(span_equal_text(http_target_query(SPAN("/a?b?c")), "b?c"));
    assert_int_equal(http_target_query(SPAN("/a?")).len, 0);
    assert_non_null(http_target_query(SPAN("/a?")).ptr);
    assert_null(http_target_query((struct span){0}).ptr);
}

static void queries_are_searched(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        int result; /* of looking for `sid` with room for 7 and the NUL */
        const char *value;
    } cases[] = {
        {"sid=abc", 3, "abc"},
        {"EIO=4&sid=abc&t=x", 3, "abc"},
        {"sid=a&sid=b", 1, "a"},
        {"sid=", 0, ""},
        {"sid", 0, ""},
        {"&&sid=x&", 1, "x"},
        {"sid=%41+%2b%2B=", 5, "A ++="},
        {"sid=%c3%A9", 2, "\xc3\xa9"},
        {"sid=1234567", 7, "1234567"},
        {"sid=12345678", STATUS_NO_ROOM, ""},
        {"sid=%31%32%33%34%35%36%37", 7, "1234567"},
        {"", STATUS_NOT_FOUND, ""},
        {"SID=x", STATUS_NOT_FOUND, ""},
        {"xsid=x&sidx=x&si=d", STATUS_NOT_FOUND, ""},
        {"a=sid=x", STATUS_NOT_FOUND, ""},
        {"sid=%", STATUS_INVALID, ""},
        {"sid=%4", STATUS_INVALID, ""},
        {"sid=%4&t=1", STATUS_INVALID, ""},
        {"sid=ab%4g", STATUS_INVALID, ""},
        {"sid=%g4", STATUS_INVALID, ""},
        {"sid=%00", STATUS_INVALID, ""},
        {"sid=%0a", STATUS_INVALID, ""},
        {"sid=%7f", STATUS_INVALID, ""},
        {"sid=\x01", STATUS_INVALID, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *out = (char *)guard_room_front(8);
        memset(out, 'z', 8);
        struct span query = guard_copy(span_text(cases[i].query));
        int result = http_query_find(query, "sid", out, 8);
        if (result != cases[i].result || strcmp(out, cases[i].value) != 0) {
            fail_msg("'%s': %d '%s'", cases[i].query, result, out);
        }
    }
    assert_int_equal(http_query_find(SPAN("sid="), "sid", NULL, 0), STATUS_NO_ROOM);
}

static void responses_are_written(void **state)
{
    (void)state;
    char room[256];
    struct buf out = buf_over(room, sizeof room);
    assert_int_equal(http_response_put(&out, 200, "text/plain", "", false, SPAN("ok")), STATUS_OK);
    assert_true(span_equal_text(buf_span(&out), "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                                "Content-Length: 2\r\n\r\nok"));
    out.len = 0;
    assert_int_equal(
        http_response_put(&out, 426, NULL, "Sec-WebSocket-Version: 13\r\n", true, (struct span){0}),
        STATUS_OK);
    assert_true(span_equal_text(buf_span(&out),
                                "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n"
                                "Connection: close\r\nSec-WebSocket-Version: 13\r\n\r\n"));
    out.len = 0;
    assert_int_equal(http_response_put(&out, 204, "", "", false, (struct span){0}), STATUS_OK);
    assert_true(span_equal_text(buf_span(&out), "HTTP/1.1 204 No Content\r\n\r\n"));
}

static void written_responses_can_be_read(void **state)
{
    (void)state;
    static const int codes[] = {200, 204, 400, 403, 404, 405, 413, 426, 431, 500, 503, 505, 418};
    static struct http_head head;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        char room[256];
        struct buf out = buf_over(room, sizeof room);
        assert_int_equal(
            http_response_put(&out, codes[i], "a/b", "X: y\r\n", true, (struct span){0}),
            STATUS_OK);
        assert_int_equal(http_response_parse(buf_span(&out), &head), (int)out.len);
        assert_int_equal(head.code, codes[i]);
        assert_int_equal(head.reason.len > 0, codes[i] != 418);
        assert_true(http_header_lists(&head, "connection", "close"));
        assert_int_equal(http_header_count(&head, "content-length"), codes[i] != 204);
    }
}

static void what_does_not_fit_is_undone(void **state)
{
    (void)state;
    uint8_t room[256];
    struct buf whole = buf_over(room, sizeof room);
    assert_int_equal(http_response_put(&whole, 404, "a/b", "X: y\r\n", true, SPAN("gone")),
                     STATUS_OK);
    size_t full = whole.len + 1;
    for (size_t cap = 1; cap <= full; cap++) {
        struct buf out = {.ptr = guard_room(cap), .cap = cap, .len = 1};
        out.ptr[0] = '!';
        int status = http_response_put(&out, 404, "a/b", "X: y\r\n", true, SPAN("gone"));
        assert_int_equal(status, cap < full ? STATUS_NO_ROOM : STATUS_OK);
        assert_int_equal(out.len, cap < full ? 1 : full);
        assert_int_equal(out.ptr[0], '!');
        assert_false(out.full);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests),
        cmocka_unit_test(absolute_targets),
        cmocka_unit_test(responses),
        cmocka_unit_test(request_has_its_parts),
        cmocka_unit_test(response_has_its_parts),
        cmocka_unit_test(fields_are_counted),
        cmocka_unit_test(tokens_are_found_in_lists),
        cmocka_unit_test(content_lengths),
        cmocka_unit_test(targets_are_cut_at_the_query),
        cmocka_unit_test(queries_are_searched),
        cmocka_unit_test(responses_are_written),
        cmocka_unit_test(written_responses_can_be_read),
        cmocka_unit_test(what_does_not_fit_is_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
