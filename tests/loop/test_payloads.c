/* Proves Socket.IO over long polling, and what bad input and little memory do to it: section 2 of
 * tests/PROTOCOLS.md. */
#include "stage.h"

#include "conn/session_sid.h"
#include "server/server_session.h"

#define PART(n) "{\"_placeholder\":true,\"num\":" #n "}"

static const char *const plain[] = {NULL};
static const char *const small[] = {"--max-message", "2000", NULL};
static const char *const named[] = {"--namespace", "/custom", "--connect-timeout", "1000", NULL};

static struct caller *getter, *poster;
static const char *sid;
static uint8_t big[1200000];

static void open_session(const char *const *args)
{
    stage_open(args);
    getter = caller_new();
    poster = caller_new();
    say_open(getter);
    sid = getter->sid;
}

static void post_ok(const char *body)
{
    say_post(poster, sid, body);
    expect_heard(poster, "200 {ok}");
}

static void expect_polled(const char *want)
{
    say_get(getter, sid);
    expect_heard(getter, text("200 {%s}", want));
}

static void open_joined(const char *const *args)
{
    open_session(args);
    post_ok("40");
    expect_polled("40!");
}

/* A post of big[0..len), in two pieces: it must be held if it is cut. */
static void post_big_cut(size_t len, size_t cut)
{
    say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
                     sid, len));
    say_bytes(poster, span_of(big, cut));
    say_bytes(poster, span_of(big + cut, len - cut));
}

static void post_big(size_t len)
{
    post_big_cut(len, len);
}

/* An event whose whole text has this length. */
static void big_event(size_t len)
{
    memset(big, 'x', len);
    memcpy(big, "42[\"", 4);
    memcpy(big + len - 2, "\"]", 2);
}

/* ---- 2.1 to 2.5 -------------------------------------------------------------------------- */

static void test_2_3_connect(void **state)
{
    (void)state;
    open_session(named);
    post_ok("40{\"token\":1}\x1e"
            "40/custom\x1e"
            "40/nobody,\x1e"
            "42[\"a\"]\x1e"
            "42/custom,7[\"b\"]");
    expect_polled("40!|40/custom!|44/nobody,{\"message\":\"Invalid namespace\"}|"
                  "42[\"a\"]|43/custom,7[]");
    post_ok("40"); /* joined twice */
    expect_polled("1");
    expect_unknown(sid);
    stage_close();
}

static void test_2_3_connect_timeout(void **state)
{
    (void)state;
    open_session(named);
    advance(1000 * MS - 1);
    say_get(getter, sid);
    expect_heard(getter, "");
    advance(1);
    expect_heard(getter, "200 {1}");
    expect_unknown(sid);
    stage_close();
    open_session(named); /* and when no poll waits just then */
    post_ok("40/nobody");
    advance(1000 * MS);
    expect_polled("44/nobody,{\"message\":\"Invalid namespace\"}|1");
    expect_unknown(sid);
    stage_close();
    open_session(named); /* cleared for good by the first join */
    post_ok("40\x1e"
            "41");
    expect_polled("40!");
    advance(5000 * MS);
    post_ok("40");
    expect_polled("40!");
    stage_close();
}

/* 2.5: the session stays when no namespace is left. */
static void test_2_5_leaving(void **state)
{
    (void)state;
    open_joined(plain);
    post_ok("41");
    say_get(getter, sid);
    advance(25000 * MS);
    expect_heard(getter, "200 {2}");
    poster = caller_new();
    post_ok("3");
    post_ok("42[\"a\"]"); /* 2.3: but no packet may be sent there */
    expect_polled("1");
    expect_unknown(sid);
    stage_close();
}

static void test_2_2_binary_in_one_body_and_in_several(void **state)
{
    static const char header[] = "452-[\"b\"," PART(1) "," PART(0) "]";
    (void)state;
    open_joined(plain);
    post_ok(text("%s\x1e"
                 "bAQID\x1e"
                 "b\x1e"
                 "42[\"a\"]",
                 header));
    expect_polled(text("%s|bAQID|b|42[\"a\"]", header));
    post_ok(header);
    say_get(getter, sid);
    post_ok("bAQ==");
    post_ok("3\x1e"
            "6"); /* Engine.IO's own may come between */
    expect_heard(getter, "");
    post_ok("b/w==");
    expect_heard(getter, text("200 {%s|bAQ==|b/w==}", header));
    post_ok("451-7[\"b\"," PART(0) "]\x1e"
                                   "bAQ==");
    expect_polled("461-7[" PART(0) "]|bAQ==");
    stage_close();
}

/* The ack has the event's id, once; an ack that was not asked for is ignored. */
static void test_2_4_acks(void **state)
{
    (void)state;
    open_session(named);
    post_ok("40\x1e"
            "40/custom,");
    expect_polled("40!|40/custom!");
    post_ok("420[\"a\"]\x1e"
            "42/custom,0[\"a\",1,[2]]\x1e"
            "42[\"a\"]\x1e"
            "4318446744073709551615[]\x1e"
            "43/custom,1[\"x\"]\x1e"
            "43[]\x1e"
            "421[\"b\"]");
    expect_polled("430[]|43/custom,0[1,[2]]|42[\"a\"]|431[]");
    post_ok("451-/custom,2[\"a\"," PART(0) "]\x1e"
                                           "bAQ==\x1e"
                                           "461-/custom,9[" PART(0) "]\x1e"
                                                                    "bAQ==");
    expect_polled("461-/custom,2[" PART(0) "]|bAQ==");
    stage_close();
}

/* ---- 2.6 Invalid input: the POST is fine, the session is closed -------------------------- */

static void test_2_6_decoder_errors(void **state)
{
    static char deep[2 * JSON_DEPTH_MAX + 16];
    static const char *const bodies[] = {
        "4",
        "48",
        "42{}",
        "42[]",
        "42[null]",
        "42[\"connect\"]",
        "42[\"a\"",
        "42[\"a\"]x",
        "43{}",
        "40[]",
        "40null",
        "41{}",
        "44{}",
        "42/nobody,[\"a\"]",
        "41/nobody",
        "45[\"a\"]",
        "450-[\"a\"]",
        "4511-[\"a\"]",
        "4599999999999999999999-[\"a\"]",
        "45-[\"a\"]",
        "451-[\"a\"," PART(1) "]",
        "451-[\"a\"," PART(-1) "]",
        "451-[\"a\"," PART("0") "]",
        "451-[\"a\",{\"_placeholder\":true}]",
        "bAQ==", /* no header */
        "451-[\"a\"," PART(0) "]\x1e"
                              "42[\"a\"]", /* text while an attachment is due */
        "451-[\"a\"," PART(0) "]\x1e"
                              "bAQ==\x1e"
                              "bAQ==",
        deep,
    };
    (void)state;
    memset(deep, '[', JSON_DEPTH_MAX + 7); /* with the event's own, one too many */
    memcpy(deep, "42[\"a\",", 7);
    memset(deep + JSON_DEPTH_MAX + 7, ']', JSON_DEPTH_MAX + 1);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        open_joined(plain);
        say_get(getter, sid);
        say_post(poster, sid, bodies[i]);
        expect_heard(poster, bodies[i] == deep ? "400 {JSON nested too deeply}" : "200 {ok}");
        const char *got = heard(getter);
        const char *want = i == sizeof bodies / sizeof bodies[0] - 2
                               ? "200 {451-[\"a\"," PART(0) "]|bAQ==|1}"
                               : "200 {1}";
        if (strcmp(got, want) != 0)
            fail_msg("%s: %s", bodies[i], got);
        expect_unknown(sid);
        stage_close();
    }
}

/* Only the canonical form of base64 is taken; anything else is an invalid packet. */
static void test_1_1_base64_rubbish(void **state)
{
    static const char *const rubbish[] = {
        "A", "AQ=", "AQ", "A===", "AR==", "!!!!", "AQ==AQ==", "-_-_"};
    (void)state;
    for (size_t i = 0; i < sizeof rubbish / sizeof rubbish[0]; i++) {
        open_joined(plain);
        say_get(getter, sid);
        say_post(poster, sid,
                 text("451-[\"a\"," PART(0) "]\x1e"
                                            "b%s",
                      rubbish[i]));
        expect_heard(poster, "400 {}");
        expect_heard(getter, "200 {1}");
        expect_unknown(sid);
        stage_close();
    }
}

static void test_2_1_empty_events_do_nothing(void **state)
{
    (void)state;
    open_joined(plain);
    post_ok("42\x1e"
            "43\x1e"
            "427\x1e"
            "437[]\x1e"
            "42[\"a\"]");
    expect_polled("42[\"a\"]");
    stage_close();
}

/* ---- Memory ------------------------------------------------------------------------------ */

#define FULL "503 {more is queued for the peer than allowed}"

/* A million tiny packets whose answers are seven times as long: closed for lack of room. */
static void test_payload_bomb(void **state)
{
    (void)state;
    open_joined(plain);
    for (size_t i = 0; i + 5 <= 1000000; i += 5)
        memcpy(big + i, "40/x\x1e", 5);
    post_big(999999);
    expect_heard(poster, FULL);
    expect_unknown(sid);
    assert_int_equal(server.stats.faults[-STATUS_QUEUE_FULL], 1);
    stage_close();
    open_joined(plain);
    for (size_t i = 0; i < 1000000; i += 2)
        memcpy(big + i, "3\x1e", 2);
    post_big(999999);
    expect_heard(poster, "200 {ok}");
    stage_close();
}

/* Packets that no poll fetches: at most twice --max-message. */
static void test_queue_limit(void **state)
{
    (void)state;
    for (size_t len = 100; len <= 2000; len += 475) {
        open_joined(small);
        size_t queued = 0;
        big_event(len);
        for (;; queued += len) {
            post_big_cut(len, len % 2 == 0 ? len / 2 : len);
            bool lives = server.sessions[session_sid_number(sid)].used;
            expect_heard(poster, lives ? "200 {ok}" : FULL);
            if (!lives)
                break;
        }
        assert_in_range(queued, 4000 - 2 * len, 4000);
        expect_unknown(sid);
        stage_close();
    }
}

/* Small answers to bodies that were held don't hold the bodies' memory. */
static void test_queue_memory(void **state)
{
    (void)state;
    open_joined(plain);
    size_t before = server.loop.pool.free;
    for (int i = 0; i < 200; i++) {
        say(poster, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n"
                         "Content-Length: 8\r\n\r\n42[",
                         sid));
        say(poster, "\"bb\"]");
        expect_heard(poster, "200 {ok}");
    }
    assert_in_range(before - server.loop.pool.free, 1, 8);
    stage_close();
}

static void expect_big_answer(size_t len)
{
    uint64_t before = getter->letters;
    say_get(getter, sid);
    assert_int_equal(getter->letters - before, len);
    assert_memory_equal(getter->log, "200 {", 5);
    getter->text.len = 0;
}

/* A megabyte is answered in the memory that holds it, while there is no other. */
static void test_large_echo_in_its_own_memory(void **state)
{
    struct lease *most;
    (void)state;
    open_joined(plain);
    size_t lacks = pool_blocks(2 * 1000000 + OUT_SLACK + 100) + loop_reserve(&server.loop);
    most = pool_lease(&server.loop.pool,
                      (server.loop.pool.free - lacks) * POOL_BLOCK_BYTES - LEASE_HEAD, 0);
    assert_non_null(most);
    big_event(1000000);
    size_t lent = server.loop.pool.blocks - server.loop.pool.free;
    server.loop.pool.most = lent;
    for (int i = 0; i < 3; i++) {
        post_big(1000000);
        expect_heard(poster, "200 {ok}");
        expect_big_answer(1000000);
    }
    assert_true(server.loop.pool.most - lent <= pool_blocks(2 * 1000000 + OUT_SLACK + 100));
    pool_release(&server.loop.pool, most);
    stage_close();
}

/* No memory at all for a body that must be held: refused after a while, and the others go on. */
static void test_no_memory_for_a_body(void **state)
{
    (void)state;
    open_joined(plain);
    struct lease *most = pool_lease(
        &server.loop.pool,
        (server.loop.pool.free - loop_reserve(&server.loop)) * POOL_BLOCK_BYTES - LEASE_HEAD, 0);
    struct lease *room = pool_take_room(&server.loop.pool, 1);
    assert_non_null(most);
    say(poster,
        text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n42[", sid));
    struct caller *other = caller_new();
    say_open(other);
    advance(2000 * MS);
    expect_heard(poster, "503 {out of memory}$");
    expect_unknown(sid);
    pool_release(&server.loop.pool, most);
    pool_release(&server.loop.pool, room);
    stage_close();
}

/* A poll whose client is gone without a word, or takes nothing. */
static void test_large_answers_to_the_deaf(void **state)
{
    (void)state;
    open_joined(plain);
    getter->deaf = true;
    say_get(getter, sid);
    big_event(900000);
    post_big(900000);
    expect_heard(poster, "200 {ok}");
    assert_true(server.loop.used == 2);
    advance(SEND_STALL_MS * MS);
    assert_int_equal(server.loop.counters.stalls, 1);
    stage_close();
}

/* A poll whose client is gone before its answer is sent: what was sent is lost, and so is the
 * session. */
static void test_answer_to_nobody(void **state)
{
    const size_t size = LOOP_HEAVY_BYTES / 2; /* with more held, it would be served last */
    (void)state;
    open_joined(plain);
    say_get(poster, sid); /* the other way round: whose socket is older is served first */
    big_event(size);
    say(getter, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
                     sid, size));
    say_bytes(getter, span_of(big, size - 1));
    struct span last = span_of(big + size - 1, 1);
    assert_int_equal(port_send(getter->socket, &last, 1), 1);
    caller_drop(poster);
    settle();
    expect_heard(getter, "200 {ok}");
    expect_unknown(sid);
    stage_close();
}

/* The same over the upgrade: what was queued goes out in frames, in pieces. */
static void test_large_queue_flushed_to_a_websocket(void **state)
{
    (void)state;
    open_joined(plain);
    big_event(900000);
    post_big(900000);
    post_big(900000);
    struct caller *web = caller_new();
    say_upgrade(web, sid);
    say_text(web, "5");
    settle();
    assert_int_equal(web->letters, 1800000);
    web->text.len = 0;
    say_text(web, "42[\"a\"]");
    expect_heard(web, "T{42[\"a\"]}");
    stage_close();
    open_joined(plain); /* and its client hangs up in the middle */
    post_big(900000);
    post_big(900000);
    web = caller_new();
    web->deaf = true;
    say_upgrade(web, sid);
    say_text(web, "5");
    hang_up(web);
    expect_unknown(sid);
    stage_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_2_3_connect),
        cmocka_unit_test(test_2_3_connect_timeout),
        cmocka_unit_test(test_2_5_leaving),
        cmocka_unit_test(test_2_2_binary_in_one_body_and_in_several),
        cmocka_unit_test(test_2_4_acks),
        cmocka_unit_test(test_2_6_decoder_errors),
        cmocka_unit_test(test_1_1_base64_rubbish),
        cmocka_unit_test(test_2_1_empty_events_do_nothing),
        cmocka_unit_test(test_payload_bomb),
        cmocka_unit_test(test_queue_limit),
        cmocka_unit_test(test_queue_memory),
        cmocka_unit_test(test_large_echo_in_its_own_memory),
        cmocka_unit_test(test_no_memory_for_a_body),
        cmocka_unit_test(test_large_answers_to_the_deaf),
        cmocka_unit_test(test_answer_to_nobody),
        cmocka_unit_test(test_large_queue_flushed_to_a_websocket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
