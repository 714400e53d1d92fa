/* Proves that the client speaks long polling, and takes a server's answers, as tests/PROTOCOLS.md
 * states: each case names the section and the row. */
#include "client_stage.h"

#define RS     "\x1e"
#define HEADER "451-[\"message\",{\"_placeholder\":true,\"num\":0}]"
#define QUICK  OPEN_OF("s", "", "\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000")

static const char *const plain[] = {"connect", "--clients", "1", "http://" HOST "/#polling", NULL};
static const char *const binary[] = {
    "connect", "--clients", "1", "--binary", "--payload", "hi", "http://" HOST "/#polling", NULL};
static const char *const hasty[] = {
    "connect", "--clients", "1", "--timeout", "100ms", "http://" HOST "/#polling", NULL};
static const char *const deep[] = {"roundtrip", "--depth",  "20", "--duration",
                                   "60s",       "--warmup", "0",  "http://" HOST "/#polling",
                                   NULL};

static struct peer *get, *post;

/* What the next request is, on both connections. */
static void expect(const char *gets, const char *posts)
{
    peer_expect(get, gets);
    peer_expect(post, posts);
}

/* The session is open; CONNECT is posted, and a poll waits. */
static void open_session(const char *const *words, const char *open)
{
    client_open(words);
    get = peer_next();
    peer_expect(get, "GET ");
    peer_answer(get, open);
    post = peer_next();
    peer_expect_none();
}

/* Joined; the first message is posted, and a poll waits. */
static void open_joined(const char *const *words, const char *open)
{
    open_session(words, open);
    expect("GET&sid=s ", "POST&sid=s {40}");
    peer_answer(post, "ok");
    peer_answer(get, JOINED);
}

/* And its POST is answered. */
static void open_sent(void)
{
    open_joined(plain, OPEN);
    expect("GET&sid=s ", "POST&sid=s {" HI "}");
    peer_answer(post, "ok");
    expect("", "");
}

static void expect_goodbye(void)
{
    expect("GET&sid=s ", "POST&sid=s {41|1}");
    peer_answer(post, "ok");
    expect("", "");
    peer_answer(get, "6");
    expect("$", "$");
    client_expect_done();
    client_close();
}

/* ---- 1.2 Handshake ----------------------------------------------------------------------- */

static void test_1_2_the_requests_to_the_byte(void **state)
{
    (void)state;
    open_session(plain, OPEN);
    expect("GET&sid=s ", "POST&sid=s {40}");
    assert_string_equal(get->head, "GET " POLL_PATH "&sid=s HTTP/1.1\r\nHost: " HOST "\r\n"
                                   "Accept: */*\r\n\r\n");
    assert_string_equal(post->head, "POST " POLL_PATH "&sid=s HTTP/1.1\r\nHost: " HOST "\r\n"
                                    "Accept: */*\r\nContent-Type: text/plain;charset=UTF-8\r\n"
                                    "Content-Length: 2\r\n\r\n");
    client_close();
}

static void test_1_2_no_sid_in_the_handshake(void **state)
{
    (void)state;
    client_open(plain);
    get = peer_next();
    peer_expect(get, "GET ");
    assert_string_equal(get->head, "GET " POLL_PATH " HTTP/1.1\r\nHost: " HOST "\r\n"
                                   "Accept: */*\r\n\r\n");
    peer_expect_none(); /* nothing is said before it is answered */
    client_close();
    assert_int_equal(trial.failed, 1);
}

static void test_1_2_an_odd_sid_is_percent_encoded(void **state)
{
    (void)state;
    open_session(plain,
                 OPEN_OF("a+b/c=&%#?d~._-Zz09!", "", "\"pingInterval\":9,\"pingTimeout\":1"));
    expect("GET&sid=a%2Bb%2Fc%3D%26%25%23%3Fd~._-Zz09%21 ",
           "POST&sid=a%2Bb%2Fc%3D%26%25%23%3Fd~._-Zz09%21 {40}");
    client_close();
}

static void test_1_2_the_targets_own_query_is_kept(void **state)
{
    static const char *const words[] = {
        "connect",  "--clients", "1",      "--origin",
        "http://o", "--header",  "X-A: b", "http://" HOST "/?token=1#polling",
        NULL};
    (void)state;
    client_open(words);
    get = peer_next();
    assert_string_equal(get->head, "GET /socket.io/?token=1&EIO=4&transport=polling HTTP/1.1\r\n"
                                   "Host: " HOST "\r\nAccept: */*\r\nOrigin: http://o\r\n"
                                   "X-A: b\r\n\r\n");
    client_close();
}

static void test_1_2_open_packets(void **state)
{
    static const char *const right[] = {
        /* python-engineio's order, without maxPayload */
        "0{\"sid\":\"s\",\"upgrades\":[],\"pingTimeout\":20000,\"pingInterval\":25000}",
        "0{\"pingTimeout\":1,\"x\":{\"sid\":1},\"pingInterval\":0,\"upgrades\":[\"a\"],\"sid\":"
        "\"s\"}",
    };
    static const struct {
        const char *body;
        int status;
    } wrong[] = {
        {"", STATUS_EIO_PACKET},          {"hello", STATUS_EIO_PACKET},
        {"0", STATUS_EIO_OPEN},           {"0{}", STATUS_EIO_OPEN},
        {"40", STATUS_EIO_PACKET},        {"2", STATUS_EIO_PACKET},
        {"bAAAA", STATUS_SIO_ATTACHMENT}, {"97:0{\"sid\":\"s\"}", STATUS_EIO_VERSION}, /* EIO=3 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        open_session(plain, right[i]);
        expect("GET&sid=s ", "POST&sid=s {40}");
        client_close();
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        client_open(plain);
        get = peer_next();
        peer_answer(get, wrong[i].body);
        peer_expect(get, "GET $");
        peer_expect_none();
        client_expect_failure(wrong[i].status, PHASE_EIO_OPEN, "");
        client_close();
    }
}

static void test_1_2_packets_behind_the_open_packet(void **state)
{
    (void)state;
    open_session(plain, OPEN RS "2" RS "6");
    expect("GET&sid=s ", "POST&sid=s {40|3}");
    client_close();
}

/* ---- 1.3 Requests ------------------------------------------------------------------------ */

static void test_1_3_the_whole_way(void **state)
{
    (void)state;
    open_sent();
    peer_answer(get, HI);
    expect_goodbye();
}

static void test_1_3_the_whole_way_byte_by_byte(void **state)
{
    (void)state;
    client_open(plain);
    scripted_cut_set(1);
    get = peer_next();
    peer_answer(get, OPEN);
    post = peer_next();
    expect("GET GET&sid=s ", "POST&sid=s {40}");
    peer_answer(post, "ok");
    peer_answer(get, JOINED);
    expect("GET&sid=s ", "POST&sid=s {" HI "}");
    peer_answer(post, "ok");
    peer_answer(get, HI);
    expect_goodbye();
}

/* The packets that come about meanwhile wait, and then go out in one. */
static void test_1_3_one_post_at_a_time(void **state)
{
    (void)state;
    open_session(plain, OPEN);
    expect("GET&sid=s ", "POST&sid=s {40}");
    peer_answer(get, "2");
    peer_answer(get, "2x" RS JOINED);
    expect("GET&sid=s GET&sid=s ", "");
    peer_answer(post, "ok");
    expect("", "POST&sid=s {3|3x|" HI "}");
    peer_answer(get, HI);
    expect("GET&sid=s ", ""); /* the goodbye waits, too */
    peer_answer(post, "ok");
    expect("", "POST&sid=s {41|1}");
    peer_expect_none();
    client_close();
}

static void test_1_3_one_get_at_a_time(void **state)
{
    (void)state;
    open_sent();
    peers_advance(1000 * MS);
    expect("", "");
    peer_answer(get, "6");
    expect("GET&sid=s ", "");
    peers_advance(1000 * MS);
    expect("", "");
    peer_expect_none();
    client_close();
}

static void test_1_3_posts_at_most_16_packets(void **state)
{
    static const char sixteen[] = HI "|" HI "|" HI "|" HI "|" HI "|" HI "|" HI "|" HI "|" HI "|" HI
                                     "|" HI "|" HI "|" HI "|" HI "|" HI "|" HI;
    char want[1024];
    (void)state;
    open_joined(deep, OPEN);
    expect("GET&sid=s ", "POST&sid=s {" HI "}");
    peer_answer(post, "ok");
    peer_answer(get, HI);
    snprintf(want, sizeof want, "POST&sid=s {%s}", sixteen);
    expect("GET&sid=s ", want);
    peer_answer(get, "2" RS "2");
    peer_answer(post, "ok"); /* the session's own packets count */
    expect("GET&sid=s ", "POST&sid=s {3|3|" HI "|" HI "|" HI "|" HI "}");
    client_close();
    /* and may be too many for themselves */
    open_session(plain, OPEN);
    expect("GET&sid=s ", "POST&sid=s {40}");
    peer_answer(get, "2" RS "2" RS "2" RS "2" RS "2" RS "2" RS "2" RS "2" RS "2" RS "2" RS "2" RS
                     "2" RS "2" RS "2" RS "2" RS "2" RS "2a" RS "2b");
    peer_answer(post, "ok");
    expect("GET&sid=s ", "POST&sid=s {3|3|3|3|3|3|3|3|3|3|3|3|3|3|3|3}");
    peer_answer(post, "ok");
    expect("", "POST&sid=s {3a|3b}");
    client_close();
}

/* A message with an attachment is two packets, which stay together. */
static void test_1_3_16_packets_of_binary_messages(void **state)
{
    static const char *const words[] = {"roundtrip",
                                        "--depth",
                                        "20",
                                        "--duration",
                                        "60s",
                                        "--warmup",
                                        "0",
                                        "--binary",
                                        "--payload",
                                        "hi",
                                        "http://" HOST "/#polling",
                                        NULL};
    unsigned packets = 1;
    (void)state;
    open_joined(words, OPEN);
    peer_expect(post, "POST&sid=s {" HEADER "|baGk=}");
    peer_answer(get, "2" RS HEADER RS "baGk=");
    peer_answer(post, "ok");
    for (size_t i = 0; i < post->text.len; i++)
        packets += post->log[i] == '|';
    assert_int_equal(packets, 15); /* 3, and seven messages */
    assert_memory_equal(post->log, "POST&sid=s {3|451-", 18);
    client_close();
}

static void test_1_3_posts_stay_below_maxpayload(void **state)
{
    static const struct {
        const char *open, *want;
    } cases[] = {
        {OPEN_OF("s", "", "\"pingInterval\":60000,\"pingTimeout\":40000,\"maxPayload\":55"),
         "POST&sid=s {" HI "|" HI "}"},
        {OPEN_OF("s", "", "\"pingInterval\":60000,\"pingTimeout\":40000,\"maxPayload\":56"),
         "POST&sid=s {" HI "|" HI "|" HI "}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_joined(deep, cases[i].open);
        peer_answer(post, "ok");
        peer_expect(post, "POST&sid=s {" HI "}");
        peer_answer(get, HI);
        peer_expect(post, cases[i].want);
        client_close();
    }
}

static void test_1_3_a_message_above_maxpayload_is_not_sent(void **state)
{
    (void)state;
    open_joined(plain,
                OPEN_OF("s", "", "\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":17"));
    expect("", "POST&sid=s {41|1}");
    peer_answer(post, "ok");
    client_expect_failure(STATUS_TOO_BIG, PHASE_FIRST_ECHO, "the server's maxPayload is 17 bytes");
    client_close();
}

/* The head gives the length of a body that does not fit into the output at once. */
static void test_1_3_a_message_of_maxpayload_is_sent(void **state)
{
    (void)state;
    open_joined(plain,
                OPEN_OF("s", "", "\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":18"));
    expect("GET&sid=s ", "POST&sid=s {" HI "}");
    client_close();
}

static void test_1_3_a_long_post_in_pieces(void **state)
{
    static const char *const words[] = {"connect", "--clients", "1",   "--size",
                                        "300000",  "--match",   "any", "http://" HOST "/#polling",
                                        NULL};
    (void)state;
    open_session(words, OPEN);
    expect("GET&sid=s ", "POST&sid=s {40}");
    peer_answer(post, "ok");
    post->deaf = true;
    peer_answer(get, JOINED);
    expect("GET&sid=s ", "");
    post->deaf = false;
    peers_settle();
    peer_expect(post, "POST&sid=s {300016 bytes}"); /* 42["message","..."] */
    peer_answer(post, "ok");
    peer_answer(get, HI);
    expect_goodbye();
    /* answered before it was all sent */
    open_session(words, OPEN);
    peer_answer(post, "ok");
    post->deaf = true;
    peer_answer(get, JOINED);
    peer_answer(post, "ok");
    client_expect_failure(STATUS_HTTP_BAD, PHASE_FIRST_ECHO, "answered before it was all sent");
    client_close();
}

/* Clients judge by status only. */
static void test_1_3_the_body_of_a_posts_answer_does_not_matter(void **state)
{
    static const char *const bodies[] = {"OK", "", "1", "9", "ok\x1e"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        open_session(plain, OPEN);
        expect("GET&sid=s ", "POST&sid=s {40}");
        peer_answer(post, bodies[i]);
        peer_answer(get, JOINED);
        expect("GET&sid=s ", "POST&sid=s {" HI "}");
        client_close();
    }
}

static void test_1_3_empty_segments(void **state)
{
    static const char *const bodies[] = {"", RS, JOINED RS, RS JOINED, JOINED RS RS "6"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        open_session(plain, OPEN);
        expect("GET&sid=s ", "POST&sid=s {40}");
        peer_answer(get, bodies[i]);
        expect("$", "$");
        client_expect_failure(STATUS_EIO_PACKET,
                              i < 2 || i == 3 ? PHASE_SIO_CONNECT : PHASE_FIRST_ECHO, "");
        client_close();
    }
}

/* A server that keeps no connection gets one for each request. */
static void test_1_3_connections_that_are_not_kept(void **state)
{
    (void)state;
    open_session(plain, OPEN);
    expect("GET&sid=s ", "POST&sid=s {40}");
    peer_bytes(post, SPAN("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"));
    peer_expect(post, "$");
    peer_expect_none();
    peer_bytes(get, SPAN("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n2" RS JOINED));
    port_shutdown(get->socket); /* whose end is the body's */
    peers_settle();
    peer_expect(get, "$");
    post = peer_next();
    get = peer_next();
    expect("GET&sid=s ", "POST&sid=s {3|" HI "}");
    client_close();
}

static void test_1_3_a_server_may_close_between_requests(void **state)
{
    (void)state;
    open_session(plain, OPEN);
    expect("GET&sid=s ", "POST&sid=s {40}");
    peer_answer(post, "ok");
    peer_hang_up(post);
    peer_expect_none();
    peer_answer(get, JOINED);
    peer_expect(get, "GET&sid=s ");
    post = peer_next();
    peer_expect(post, "POST&sid=s {" HI "}");
    peer_answer(get, HI);
    peer_answer(post, "ok");
    expect_goodbye();
}

static void test_1_3_a_request_that_is_cut_off(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        open_session(plain, OPEN);
        if (i == 2)
            peer_bytes(get, SPAN("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n40{"));
        peer_hang_up(i == 0 ? post : get);
        client_expect_failure(STATUS_CLOSED, PHASE_SIO_CONNECT, "");
        client_close();
    }
}

static void test_1_3_two_users_have_connections_and_sids_of_their_own(void **state)
{
    static const char *const words[] = {"roundtrip", "--clients", "2", "--duration",
                                        "60s",       "--warmup",  "0", "http://" HOST "/#polling",
                                        NULL};
    struct peer *gets[2], *posts[2];
    (void)state;
    client_open(words);
    gets[0] = peer_next();
    gets[1] = peer_next();
    peer_answer(gets[1], OPEN_OF("b", "", "\"pingInterval\":60000,\"pingTimeout\":40000"));
    posts[1] = peer_next();
    peer_answer(gets[0], OPEN_OF("a", "", "\"pingInterval\":60000,\"pingTimeout\":40000"));
    posts[0] = peer_next();
    peer_expect(gets[0], "GET GET&sid=a ");
    peer_expect(gets[1], "GET GET&sid=b ");
    peer_expect(posts[0], "POST&sid=a {40}");
    peer_expect(posts[1], "POST&sid=b {40}");
    peer_answer(gets[0], JOINED RS "2");
    peer_answer(posts[0], "ok");
    peer_expect(posts[0], "POST&sid=a {3|" HI "}");
    peer_hang_up(gets[1]); /* of which the other one knows nothing */
    peer_expect(posts[1], "$");
    peer_answer(gets[0], HI);
    peer_answer(posts[0], "ok");
    peer_expect(posts[0], "POST&sid=a {" HI "}"); /* measured by now */
    client_close();
    assert_int_equal(trial.failed, 1);
    assert_int_equal(trial.failures.list[0].status, STATUS_CLOSED);
}

/* ---- 1.1 and 2.2 Binary ------------------------------------------------------------------ */

static void open_binary(void)
{
    open_joined(binary, OPEN);
    expect("GET&sid=s ", "POST&sid=s {" HEADER "|baGk=}"); /* not b4 */
    peer_answer(post, "ok");
}

static void test_2_2_header_and_attachment_in_one_poll(void **state)
{
    (void)state;
    open_binary();
    peer_answer(get, HEADER RS "baGk=");
    expect_goodbye();
}

static void test_2_2_header_and_attachment_in_several_polls(void **state)
{
    (void)state;
    open_binary();
    peer_answer(get, HEADER);
    expect("GET&sid=s ", "");
    peer_answer(get, "2" RS "6"); /* Engine.IO's packets may come between */
    expect("GET&sid=s ", "POST&sid=s {3}");
    peer_answer(post, "ok");
    peer_answer(get, "baGk=");
    expect_goodbye();
}

static void test_2_2_several_packets_with_attachments(void **state)
{
    (void)state;
    open_binary();
    peer_answer(get, "452-[\"other\",{\"_placeholder\":true,\"num\":1}]" RS "bAAAA" RS "b");
    expect("GET&sid=s ", "");
    peer_answer(get, "451-[\"other\",1]" RS "bAAAA" RS HEADER RS "baGk=");
    assert_int_equal(trial.tally.ignored, 2);
    assert_int_equal(trial.tally.unexpected, 0);
    assert_int_equal(trial.tally.answered, 1);
    expect("GET&sid=s ", "POST&sid=s {41|1}");
    client_close();
}

static void test_1_1_base64_without_padding_or_with_rubbish(void **state)
{
    static const char *const bodies[] = {"b!!!!", "bA", "baGk= ", "b4aGk="};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        char body[128];
        open_binary();
        snprintf(body, sizeof body, HEADER RS "%s", bodies[i]);
        peer_answer(get, body);
        expect("$", "$");
        client_expect_failure(STATUS_EIO_PACKET, PHASE_FIRST_ECHO, "");
        client_close();
    }
}

static void test_2_2_attachments_out_of_place(void **state)
{
    static const char *const bodies[] = {
        "baGk=", HEADER RS "42[\"a\"]", HEADER RS HEADER, HEADER RS "41",
        "451-[\"message\",{\"_placeholder\":true,\"num\":1}]" RS "bAAAA"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        open_binary();
        peer_answer(get, bodies[i]);
        expect("$", "$");
        client_expect_failure(STATUS_SIO_ATTACHMENT, PHASE_FIRST_ECHO, "");
        client_close();
    }
}

/* ---- 1.5 Heartbeat ----------------------------------------------------------------------- */

static void test_1_5_a_ping_is_answered_by_a_post_at_once(void **state)
{
    (void)state;
    open_sent();
    peer_answer(get, "2");
    expect("GET&sid=s ", "POST&sid=s {3}");
    peer_answer(post, "ok");
    peer_answer(get, "2data"); /* echoed */
    expect("GET&sid=s ", "POST&sid=s {3data}");
    assert_int_equal(trial.tally.heartbeats, 2);
    client_close();
}

/* Pongs that find no POST wait; not without end. */
static void test_1_5_more_pings_than_pongs_fit(void **state)
{
    char body[2048];
    (void)state;
    for (size_t pings = 500; pings <= 600; pings += 100) {
        open_session(plain, OPEN);
        expect("GET&sid=s ", "POST&sid=s {40}");
        memset(body, 0, sizeof body);
        for (size_t i = 0; i < pings; i++)
            strcat(body, i == 0 ? "2" : RS "2");
        peer_answer(get, body);
        if (pings == 500)
            assert_int_equal(trial.tally.heartbeats, 500);
        else
            client_expect_failure(STATUS_QUEUE_FULL, PHASE_SIO_CONNECT, "");
        client_close();
    }
}

static void test_1_5_no_ping_in_interval_and_timeout(void **state)
{
    (void)state;
    open_joined(plain, QUICK);
    peers_advance(400 * MS);
    peer_answer(post, "ok");
    peer_answer(get, "6" RS "42[\"other\"]"); /* only a ping counts */
    peers_advance(100 * MS - 1);
    expect("GET&sid=s GET&sid=s ", "POST&sid=s {" HI "}");
    assert_false(run.course.over);
    peers_advance(1);
    expect("$", "$");
    client_expect_failure(STATUS_PING_TIMEOUT, PHASE_FIRST_ECHO, "");
    client_close();
}

static void test_1_5_each_ping_begins_it_anew(void **state)
{
    (void)state;
    open_joined(plain, QUICK);
    for (int i = 0; i < 5; i++) {
        peers_advance(500 * MS - 1);
        assert_false(run.course.over);
        peer_answer(post, "ok");
        peer_answer(get, "2");
        post->text.len = get->text.len = 0;
    }
    peers_advance(500 * MS - 1);
    expect("", "");
    peers_advance(1);
    expect("$", "$");
    client_expect_failure(STATUS_PING_TIMEOUT, PHASE_FIRST_ECHO, "");
    client_close();
}

/* Whichever connection is there, none of them is its owner. */
static void test_1_5_the_deadline_outlives_connections(void **state)
{
    (void)state;
    open_session(plain, QUICK);
    peer_bytes(post, SPAN("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"));
    peers_advance(250 * MS);
    peer_bytes(get, SPAN("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n6"));
    peer_expect(get, "GET&sid=s $");
    get = peer_next();
    peer_expect(get, "GET&sid=s ");
    peers_advance(250 * MS - 1);
    peer_expect(get, "");
    peers_advance(1);
    peer_expect(get, "$");
    client_expect_failure(STATUS_PING_TIMEOUT, PHASE_SIO_CONNECT, "");
    client_close();
}

/* ---- 1.7 Closing ------------------------------------------------------------------------- */

static void test_1_7_the_server_closes(void **state)
{
    static const char *const bodies[] = {"1", "6" RS "1", "42[\"other\"]" RS "1", "1" RS HI,
                                         "1" RS "9"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        open_sent();
        peer_answer(get, bodies[i]);
        expect("$", "$"); /* no word more */
        client_expect_failure(STATUS_EIO_CLOSED, PHASE_FIRST_ECHO, "");
        assert_int_equal(trial.tally.answered, 0);
        client_close();
    }
}

/* A pending GET is released; whatever it brings, or whenever. */
static void test_1_7_the_client_closes(void **state)
{
    static const char *const bodies[] = {"6", "1", "", "9", HI};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof bodies / sizeof bodies[0]; i++) {
        open_sent();
        peer_answer(get, HI);
        expect("GET&sid=s ", "POST&sid=s {41|1}");
        if (i % 2 == 0)
            peer_answer(post, "ok");
        peers_advance(3 * MS);
        peer_answer(get, bodies[i / 2]);
        if (i % 2 != 0) {
            expect("", ""); /* no poll follows */
            peer_answer(post, "ok");
        }
        expect("$", "$");
        client_expect_done();
        assert_int_equal(trial.phases[PHASE_CLOSE].values.max, 3 * MS);
        client_close();
    }
    open_sent();
    peer_answer(get, HI);
    peer_answer(post, "ok");
    peer_respond(get, 400, "{\"code\":1,\"message\":\"Session ID unknown\"}");
    client_expect_done();
    client_close();
}

/* python-engineio forgets it. */
static void test_1_7_a_poll_that_is_not_released(void **state)
{
    (void)state;
    open_sent();
    peer_answer(get, HI);
    expect("GET&sid=s ", "POST&sid=s {41|1}");
    peers_advance(7 * MS);
    peer_answer(post, "ok");
    peers_advance(50 * MS - 1);
    expect("", "");
    peers_advance(1);
    expect("$", "$");
    client_expect_done();
    assert_int_equal(trial.phases[PHASE_CLOSE].values.max, 7 * MS);
    client_close();
}

static void test_1_7_a_goodbye_that_is_not_answered(void **state)
{
    (void)state;
    open_joined(hasty, OPEN);
    peer_answer(post, "ok");
    peer_answer(get, HI);
    peers_advance(100 * MS - 1);
    assert_false(run.course.over);
    peers_advance(1);
    client_expect_failure(STATUS_TIMEOUT, PHASE_CLOSE, "no answer within 0.1 s");
    client_close();
    open_sent();
    peer_answer(get, HI);
    peer_respond(post, 400, "");
    client_expect_failure(STATUS_HTTP_STATUS, PHASE_CLOSE, "HTTP 400");
    client_close();
}

/* ---- 1.8 HTTP errors --------------------------------------------------------------------- */

static void test_1_8_any_other_status(void **state)
{
    static const struct {
        int code;
        const char *body, *want;
    } cases[] = {
        {400, "{\"code\":1,\"message\":\"Session ID unknown\"}", "HTTP 400: Session ID unknown"},
        {400, "\"Invalid session\"", "HTTP 400: Invalid session"}, /* python-engineio's */
        {403, "{\"code\":4,\"message\":\"no\"}", "HTTP 403: no"},
        {413, "", "HTTP 413"},
        {500, "<html>", "HTTP 500"},
        {404, "{\"message\":1}", "HTTP 404: {\"message\":1}"},
        {400, "<!doctype html>\n<title>400 Bad\x1b[31m Request</title>\n<p>no",
         "HTTP 400: 400 Bad?[31m Request"},
        {201, "ok", "HTTP 201"},
        {302, "2", "HTTP 302"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        client_open(plain);
        get = peer_next();
        peer_respond(get, cases[i].code, cases[i].body);
        peer_expect(get, "GET $");
        client_expect_failure(STATUS_HTTP_STATUS, PHASE_EIO_OPEN, cases[i].want);
        client_close();
        for (int posted = 0; posted < 2; posted++) {
            open_session(plain, OPEN);
            expect("GET&sid=s ", "POST&sid=s {40}");
            peer_respond(posted ? post : get, cases[i].code, cases[i].body);
            expect("$", "$");
            client_expect_failure(STATUS_HTTP_STATUS, PHASE_SIO_CONNECT, cases[i].want);
            client_close();
        }
    }
}

static void test_1_8_no_http(void **state)
{
    static const struct {
        const char *bytes;
        int status;
    } cases[] = {
        {"SSH-2.0-x\r\n", STATUS_HTTP_BAD},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n", STATUS_HTTP_BAD},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", STATUS_TOO_BIG},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", STATUS_HTTP_BAD},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        open_session(plain, OPEN);
        expect("GET&sid=s ", "POST&sid=s {40}");
        peer_bytes(i % 2 == 0 ? get : post, span_text(cases[i / 2].bytes));
        expect("$", "$");
        client_expect_failure(cases[i / 2].status, PHASE_SIO_CONNECT, "");
        client_close();
    }
}

/* ---- 2 Socket.IO ------------------------------------------------------------------------- */

static void test_2_3_nothing_is_emitted_before_connect_is_answered(void **state)
{
    (void)state;
    open_session(plain, OPEN);
    expect("GET&sid=s ", "POST&sid=s {40}");
    peer_answer(post, "ok");
    peer_answer(get, "6");
    expect("GET&sid=s ", "");
    peer_answer(get, "42[\"early\"]"); /* as python-socketio does it */
    expect("GET&sid=s ", "");
    peer_answer(get, JOINED);
    expect("GET&sid=s ", "POST&sid=s {" HI "}");
    assert_int_equal(trial.tally.ignored, 1);
    assert_int_equal(trial.tally.unexpected, 0);
    client_close();
}

static void test_2_3_namespace_and_auth(void **state)
{
    static const char *const words[] = {
        "connect", "--clients", "1", "--auth", "{\"a\":1}", "http://" HOST "/n#polling", NULL};
    (void)state;
    open_session(words, OPEN);
    expect("GET&sid=s ", "POST&sid=s {40/n,{\"a\":1}}");
    peer_answer(post, "ok");
    peer_answer(get, "40/n,{\"sid\":\"x\"}");
    expect("GET&sid=s ", "POST&sid=s {42/n,[\"message\",\"hi\"]}");
    peer_answer(post, "ok");
    peer_answer(get, "42/n,[\"message\",\"hi\"]");
    expect("GET&sid=s ", "POST&sid=s {41/n,|1}");
    client_close();
}

static void test_2_3_refused(void **state)
{
    static const char *const answers[] = {"{\"message\":\"no\"}", "\"Unable to connect\""};
    char body[64];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        open_session(plain, OPEN);
        expect("GET&sid=s ", "POST&sid=s {40}");
        snprintf(body, sizeof body, "44%s", answers[i]);
        peer_answer(get, body);
        expect("", "");
        peer_answer(post, "ok");
        expect("", "POST&sid=s {1}"); /* nothing was joined */
        peer_answer(post, "ok");
        expect("$", "$");
        client_expect_failure(STATUS_SIO_CONNECT_ERROR, PHASE_SIO_CONNECT, answers[i]);
        client_close();
    }
}

/* Messages wait for the POST under way; what answers them before is no reply. The question stays.
 */
static void test_nothing_answers_what_is_not_posted(void **state)
{
    static const char *const words[] = {
        "roundtrip", "--depth", "2", "--duration", "1s", "http://" HOST "/#polling", NULL};
    (void)state;
    open_joined(words, OPEN);
    expect("GET&sid=s ", "POST&sid=s {" HI "}");
    peer_answer(get, HI); /* the first echo; its POST is not answered yet */
    expect("GET&sid=s ", "");
    assert_int_equal(trial.tally.sent, 3);
    peer_answer(get, HI RS HI);
    expect("GET&sid=s ", "");
    assert_int_equal(trial.tally.unexpected, 2);
    assert_int_equal(trial.tally.answered, 1);
    peer_answer(post, "ok");
    expect("", "POST&sid=s {" HI "|" HI "}");
    scripted_clock_advance(MS);
    peer_answer(get, HI RS HI);
    assert_int_equal(trial.tally.answered, 3);
    assert_int_equal(trial.tally.unexpected, 2);
    client_close();
}

static void test_2_4_acks(void **state)
{
    static const char *const words[] = {
        "connect", "--clients", "1", "--ack", "http://" HOST "/#polling", NULL};
    (void)state;
    open_joined(words, OPEN);
    expect("GET&sid=s ", "POST&sid=s {420[\"message\",\"hi\"]}");
    peer_answer(post, "ok");
    peer_answer(get, "431[\"hi\"]" RS HI); /* unknown, and no ack */
    expect("GET&sid=s ", "");
    assert_int_equal(trial.tally.unexpected, 1);
    assert_int_equal(trial.tally.ignored, 1);
    peer_answer(get, "430[\"hi\"]");
    expect("GET&sid=s ", "POST&sid=s {41|1}");
    client_close();
    assert_int_equal(trial.tally.answered, 1);
}

static void test_2_5_thrown_out(void **state)
{
    (void)state;
    open_sent();
    peer_answer(get, "41");
    expect("", "POST&sid=s {1}");
    peer_answer(post, "ok");
    expect("$", "$");
    client_expect_failure(STATUS_SIO_DISCONNECT, PHASE_FIRST_ECHO, "");
    client_close();
}

/* What follows it in the same body does not matter, nor does what was to be said. */
static void test_2_5_thrown_out_before_the_message_went_out(void **state)
{
    static const char *const bodies[] = {"41", "41" RS "9", "41" RS "42[\"other\"]"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        open_session(plain, OPEN);
        expect("GET&sid=s ", "POST&sid=s {40}");
        peer_answer(get, JOINED);
        peer_answer(get, bodies[i]);
        expect("GET&sid=s ", "");
        peer_answer(post, "ok");
        expect("", "POST&sid=s {1}");
        peer_answer(post, "ok");
        expect("$", "$");
        client_expect_failure(STATUS_SIO_DISCONNECT, PHASE_FIRST_ECHO, "");
        client_close();
    }
}

static void test_2_6_invalid_input(void **state)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        {"9", STATUS_EIO_PACKET},         {"4", STATUS_SIO_PACKET},
        {"47", STATUS_SIO_PACKET},        {"42{}", STATUS_SIO_PACKET},
        {"42[\"a\"", STATUS_JSON_SYNTAX}, {"42/x,[\"a\"]", STATUS_SIO_NAMESPACE},
        {"42[\"\xff\"]", STATUS_UTF8},    {"41/x", STATUS_SIO_NAMESPACE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_sent();
        peer_answer(get, cases[i].body);
        expect("$", "$");
        client_expect_failure(cases[i].status, PHASE_FIRST_ECHO, "");
        client_close();
    }
    open_session(plain, OPEN);
    peer_answer(get, "40"); /* an older revision */
    client_expect_failure(STATUS_EIO_VERSION, PHASE_SIO_CONNECT, "");
    client_close();
}

/* 1.1: types that a client does not get are ignored. */
static void test_1_1_packets_that_are_ignored(void **state)
{
    (void)state;
    open_sent();
    peer_answer(get, "6" RS "3" RS "3probe" RS "5" RS "0" RS JOINED);
    expect("GET&sid=s ", "");
    peer_answer(get, HI);
    expect_goodbye();
}

/* ---- 2.7 Timeouts ------------------------------------------------------------------------ */

static void expect_timeout(enum phase phase)
{
    peers_advance(100 * MS - 1);
    assert_false(run.course.over);
    peers_advance(1);
    bool echo = phase == PHASE_FIRST_ECHO;
    client_expect_failure(STATUS_TIMEOUT, phase,
                          echo ? "no reply within 0.1 s" : "no answer within 0.1 s");
    client_close();
}

static void test_2_7_timeouts_to_the_nanosecond(void **state)
{
    (void)state;
    client_open(hasty);
    expect_timeout(PHASE_EIO_OPEN);
    open_session(hasty, OPEN);
    peer_answer(post, "ok");
    expect_timeout(PHASE_SIO_CONNECT);
    open_session(hasty, OPEN); /* of all of it until ready, whatever happens */
    peers_advance(50 * MS);
    peer_answer(get, "2");
    peers_advance(50 * MS - 1);
    assert_false(run.course.over);
    peers_advance(1);
    client_expect_failure(STATUS_TIMEOUT, PHASE_SIO_CONNECT, "no answer within 0.1 s");
    client_close();
    open_session(hasty, OPEN);
    peers_advance(50 * MS);
    peer_answer(post, "ok");
    peer_answer(get, JOINED);
    expect_timeout(PHASE_FIRST_ECHO); /* of the reply: its own */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_1_2_the_requests_to_the_byte),
        cmocka_unit_test(test_1_2_no_sid_in_the_handshake),
        cmocka_unit_test(test_1_2_an_odd_sid_is_percent_encoded),
        cmocka_unit_test(test_1_2_the_targets_own_query_is_kept),
        cmocka_unit_test(test_1_2_open_packets),
        cmocka_unit_test(test_1_2_packets_behind_the_open_packet),
        cmocka_unit_test(test_1_3_the_whole_way),
        cmocka_unit_test(test_1_3_the_whole_way_byte_by_byte),
        cmocka_unit_test(test_1_3_one_post_at_a_time),
        cmocka_unit_test(test_1_3_one_get_at_a_time),
        cmocka_unit_test(test_1_3_posts_at_most_16_packets),
        cmocka_unit_test(test_1_3_16_packets_of_binary_messages),
        cmocka_unit_test(test_1_3_posts_stay_below_maxpayload),
        cmocka_unit_test(test_1_3_a_message_above_maxpayload_is_not_sent),
        cmocka_unit_test(test_1_3_a_message_of_maxpayload_is_sent),
        cmocka_unit_test(test_1_3_a_long_post_in_pieces),
        cmocka_unit_test(test_1_3_the_body_of_a_posts_answer_does_not_matter),
        cmocka_unit_test(test_1_3_empty_segments),
        cmocka_unit_test(test_1_3_connections_that_are_not_kept),
        cmocka_unit_test(test_1_3_a_server_may_close_between_requests),
        cmocka_unit_test(test_1_3_a_request_that_is_cut_off),
        cmocka_unit_test(test_1_3_two_users_have_connections_and_sids_of_their_own),
        cmocka_unit_test(test_2_2_header_and_attachment_in_one_poll),
        cmocka_unit_test(test_2_2_header_and_attachment_in_several_polls),
        cmocka_unit_test(test_2_2_several_packets_with_attachments),
        cmocka_unit_test(test_1_1_base64_without_padding_or_with_rubbish),
        cmocka_unit_test(test_2_2_attachments_out_of_place),
        cmocka_unit_test(test_1_5_a_ping_is_answered_by_a_post_at_once),
        cmocka_unit_test(test_1_5_more_pings_than_pongs_fit),
        cmocka_unit_test(test_1_5_no_ping_in_interval_and_timeout),
        cmocka_unit_test(test_1_5_each_ping_begins_it_anew),
        cmocka_unit_test(test_1_5_the_deadline_outlives_connections),
        cmocka_unit_test(test_1_7_the_server_closes),
        cmocka_unit_test(test_1_7_the_client_closes),
        cmocka_unit_test(test_1_7_a_poll_that_is_not_released),
        cmocka_unit_test(test_1_7_a_goodbye_that_is_not_answered),
        cmocka_unit_test(test_1_8_any_other_status),
        cmocka_unit_test(test_1_8_no_http),
        cmocka_unit_test(test_2_3_nothing_is_emitted_before_connect_is_answered),
        cmocka_unit_test(test_2_3_namespace_and_auth),
        cmocka_unit_test(test_2_3_refused),
        cmocka_unit_test(test_nothing_answers_what_is_not_posted),
        cmocka_unit_test(test_2_4_acks),
        cmocka_unit_test(test_2_5_thrown_out),
        cmocka_unit_test(test_2_5_thrown_out_before_the_message_went_out),
        cmocka_unit_test(test_2_6_invalid_input),
        cmocka_unit_test(test_1_1_packets_that_are_ignored),
        cmocka_unit_test(test_2_7_timeouts_to_the_nanosecond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
