/* The client by long polling and through the upgrade, over a network in memory: what it says and in
 * which order, by the rows of PROTOCOLS.md. A test is a list of steps of the server's, which acts
 * between the client's turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../port/scripted.h"
#include "base/status.h"
#include "client/run.h"
#include "client/user.h"
#include "codec/http.h"
#include "codec/ws.h"
#include "conn/polling.h"

#define MS         UINT64_C(1000000)
#define LINES      4
#define TURNS_MOST 200 /* without anything being heard */
#define STILL      10  /* turns in which nothing must be heard */

#define ASKED   "GET polling&sid=abc"
#define POSTED  "POST polling&sid=abc"
#define MESSAGE "42[\"message\",\"hi\"]"
#define JOINED  "40{\"sid\":\"x\"}"
#define OPEN_OF(upgrades, payload)                                                                 \
    "0{\"sid\":\"abc\",\"upgrades\":[" upgrades "],\"pingInterval\":300,\"pingTimeout\":200,"      \
    "\"maxPayload\":" payload "}"
#define OPEN OPEN_OF("\"websocket\"", "1000000")

enum step_kind {
    END,     /* all-zero: of the list */
    HEAR,    /* exactly this, on this connection */
    SILENCE, /* nothing, on any */
    ANSWER,  /* 200 with this body */
    SAY,     /* these bytes */
    UPGRADE, /* 101 */
    FRAME,   /* a text */
    WIND,    /* ms */
    HANG_UP,
};

struct step {
    enum step_kind kind;
    unsigned line; /* connections are counted as they come; WIND: ms */
    const char *text;
};

/* The server's end of a connection; what it heard: requests, frames. */
static struct line {
    port_socket socket;
    bool upgraded;
    struct websocket machine;
    char key[WS_KEY_LENGTH + 1];
    uint8_t in[8192];
    size_t in_len;
    char log[8192];
    struct buf heard; /* over log */
} lines[LINES];
static unsigned line_count;

static const struct step *step;
static unsigned still; /* turns that this step has taken */
static port_socket listener;
static struct client_options options;
static struct target target;
static struct destination destination;
static struct environment environment;
static struct run run;
static struct trial trial;
static uint8_t memory[4096];
static unsigned wanted, replies; /* messages */

/* ---- Hearing ----------------------------------------------------------------------------- */

static void request_note(struct line *l, const struct http_head *head, struct span body)
{
    struct span prefix = SPAN("/socket.io/?EIO=4&transport=");
    struct span asked = head->target;
    if (span_starts(asked, prefix))
        asked = span_after(asked, prefix.len);
    buf_put_span(&l->heard, head->method);
    buf_put_byte(&l->heard, ' ');
    buf_put_span(&l->heard, asked);
    if (!span_equal_text(head->method, "POST"))
        return;
    buf_put_byte(&l->heard, '{');
    for (size_t i = 0; i < body.len; i++)
        buf_put_byte(&l->heard, body.ptr[i] == 0x1e ? '|' : body.ptr[i]);
    buf_put_byte(&l->heard, '}');
}

static size_t request_read(struct line *l)
{
    struct http_head head;
    uint64_t length;
    int used = http_request_parse(span_of(l->in, l->in_len), &head);
    assert_true(used >= 0);
    if (used == 0)
        return 0;
    http_content_length(&head, &length);
    if (l->in_len < (size_t)used + length)
        return 0;
    span_copy_text(http_header_find(&head, "sec-websocket-key"), l->key, sizeof l->key);
    request_note(l, &head, span_of(l->in + used, (size_t)length));
    return (size_t)used + (size_t)length;
}

static size_t frame_read(struct line *l)
{
    struct websocket_event e;
    int used = websocket_feed(&l->machine, l->in, l->in_len, &e);
    assert_true(used > 0);
    if (e.kind == WEBSOCKET_DATA) {
        buf_put_text(&l->heard, e.opcode == WS_TEXT ? "T{" : "B{");
        buf_put(&l->heard, e.ptr, e.len);
        buf_put_byte(&l->heard, '}');
    } else if (e.kind == WEBSOCKET_CLOSE) {
        buf_put_text(&l->heard, "<close ");
        buf_put_u64(&l->heard, e.code);
        buf_put_byte(&l->heard, '>');
    }
    return (size_t)used;
}

static void line_listen(struct line *l)
{
    if (l->socket == PORT_NO_SOCKET)
        return;
    int got = port_receive(l->socket, l->in + l->in_len, sizeof l->in - l->in_len);
    if (got < 0) {
        port_close(l->socket);
        l->socket = PORT_NO_SOCKET;
        buf_put_byte(&l->heard, '$');
        return;
    }
    l->in_len += (size_t)got;
    for (size_t used = 1; l->in_len > 0 && used > 0;) {
        used = l->upgraded ? frame_read(l) : request_read(l);
        l->in_len -= used;
        memmove(l->in, l->in + used, l->in_len);
    }
}

static void listen_all(void)
{
    port_socket fresh;
    while (line_count < LINES && port_accept(listener, &fresh, NULL) > 0) {
        struct line *l = &lines[line_count++];
        memset(l, 0, sizeof *l);
        l->socket = fresh;
        l->heard = buf_over(l->log, sizeof l->log - 1);
    }
    for (unsigned i = 0; i < line_count; i++)
        line_listen(&lines[i]);
}

/* ---- Acting ------------------------------------------------------------------------------ */

static void say(struct line *l, struct span bytes)
{
    assert_int_equal(port_send(l->socket, &bytes, 1), bytes.len);
}

static void say_built(struct line *l, const char *head, const char *more, const char *body)
{
    char bytes[2048];
    int len = snprintf(bytes, sizeof bytes, "%s%s\r\n\r\n%s", head, more, body);
    assert_in_range(len, 0, sizeof bytes - 1);
    say(l, span_of(bytes, (size_t)len));
}

static void say_upgraded(struct line *l)
{
    char accept[WS_ACCEPT_LENGTH + 1];
    ws_accept_make(span_text(l->key), accept);
    say_built(l,
              "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: ",
              accept, "");
    l->upgraded = true;
}

static void say_frame(struct line *l, const char *text)
{
    uint8_t bytes[512];
    struct buf b = buf_over(bytes, sizeof bytes);
    assert_int_equal(ws_frame_put(&b, true, WS_TEXT, span_text(text), NULL), STATUS_OK);
    say(l, buf_span(&b));
}

/* True when the step is done. */
static bool hear(struct line *l, const char *want)
{
    l->log[l->heard.len] = '\0';
    if (strncmp(l->log, want, l->heard.len) != 0 || still > TURNS_MOST)
        fail_msg("connection %u: %s, not %s", (unsigned)(l - lines), l->log, want);
    if (strcmp(l->log, want) != 0)
        return false;
    l->heard.len = 0;
    return true;
}

static bool silent(void)
{
    for (unsigned i = 0; i < line_count; i++) {
        lines[i].log[lines[i].heard.len] = '\0';
        assert_string_equal(lines[i].log, "");
    }
    return still >= STILL;
}

static bool step_done(const struct step *s)
{
    struct line *l = &lines[s->line % LINES];
    char length[24];
    switch (s->kind) {
    case END:
        if (still > TURNS_MOST)
            fail_msg("the client does not end");
        return false;
    case HEAR:
        return hear(l, s->text);
    case SILENCE:
        return silent();
    case ANSWER:
        snprintf(length, sizeof length, "%zu", strlen(s->text));
        say_built(l, "HTTP/1.1 200 OK\r\nContent-Length: ", length, s->text);
        return true;
    case SAY:
        say(l, span_text(s->text));
        return true;
    case UPGRADE:
        say_upgraded(l);
        return true;
    case FRAME:
        say_frame(l, s->text);
        return true;
    case WIND:
        scripted_clock_advance(s->line * MS);
        return true;
    case HANG_UP:
        port_close(l->socket);
        l->socket = PORT_NO_SOCKET;
        return true;
    }
    return false;
}

/* One step at most, so that the client acts in between. */
static void act(struct run *r, uint64_t now)
{
    (void)r;
    (void)now;
    listen_all();
    still++;
    if (step_done(step)) {
        step++;
        still = 0;
    }
}

/* ---- The driver: `wanted` messages at once, then it leaves ------------------------------- */

static void begin(struct run *r)
{
    run_fill(r, 1, 1, 1);
}

static void ready(struct run *r, struct user *u)
{
    while (u->sent < wanted && user_can_send(r, u))
        user_send(r, u);
}

static void reply(struct run *r, struct user *u, uint64_t latency_ns)
{
    (void)latency_ns;
    if (++replies == wanted)
        user_close(r, u);
}

static void gone(struct run *r, struct user *u)
{
    (void)u;
    r->over = true;
}

static uint64_t at_once(const struct run *r)
{
    (void)r;
    return 0;
}

static const struct driver driver = {
    .start = begin, .ready = ready, .reply = reply, .gone = gone, .due = at_once, .tick = act};

/* ---- Start and end ----------------------------------------------------------------------- */

static void client_open(const char *transport)
{
    char error[OPTION_ERROR_BYTES];
    static char url[64];
    char *argv[] = {(char[]){"wsio-client"},
                    (char[]){"roundtrip"},
                    (char[]){"--depth"},
                    (char[]){"64"},
                    url,
                    NULL};
    struct port_address any, bound;
    struct run_size size = {1, 3, 64, false, 1 << 20};
    scripted_reset();
    assert_int_equal(port_resolve("127.0.0.1", 0, &any, 1), 1);
    assert_int_equal(port_listen(&any, 8, &listener, &bound), STATUS_OK);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/%s", (unsigned)port_address_port(&bound),
             transport);
    memset(&options, 0, sizeof options);
    memset(&run, 0, sizeof run);
    memset(&destination, 0, sizeof destination);
    run.environment = &environment;
    if (client_options_parse(&options, 5, argv, error) < 0)
        fail_msg("%s", error);
    assert_int_equal(target_parse(&target, url, error), STATUS_OK);
    assert_true(destination_memory(&options) <= sizeof memory);
    assert_int_equal(destination_make(&destination, &target, &options, memory), STATUS_OK);
    assert_int_equal(destination_resolve(&destination), 1);
    size.user_bytes = 2 * pool_blocks(destination_body_bytes(&options)) +
                      pool_blocks(POLLING_PARTS_BYTES(destination_message_bytes(&options)));
    size.user_bytes *= POOL_BLOCK_BYTES;
    assert_int_equal(run_open(&run, &options, port_poller_find(NULL), &size), STATUS_OK);
}

/* Runs the steps. The client's failure, or STATUS_OK: then all messages came back. */
static void expect_run(const char *transport, unsigned messages, const struct step *steps,
                       int status, const char *detail)
{
    struct plan plan = {1, 1, 0, 64, 0, 0, 0};
    client_open(transport);
    memset(lines, 0, sizeof lines);
    step = steps;
    still = line_count = replies = 0;
    wanted = messages;
    run_trial(&run, &destination, &driver, SCENARIO_ROUNDTRIP, &plan, &trial);
    for (int i = 0; i < 3; i++) /* what it still said */
        act(&run, 0);
    assert_int_equal(step->kind, END);
    assert_int_equal(failures_count(&trial.failures), status < 0);
    if (status < 0) {
        assert_int_equal(trial.failures.list[0].status, status);
        assert_string_equal(trial.failures.list[0].text, detail);
    } else {
        assert_int_equal(replies, messages);
    }
    for (unsigned i = 0; i < line_count; i++)
        if (lines[i].socket != PORT_NO_SOCKET)
            port_close(lines[i].socket);
    run_close(&run);
    port_close(listener);
    assert_int_equal(scripted_sockets_open(), 0);
}

#define OPENED_BY(packet)                                                                          \
    {HEAR, 0, "GET polling"}, {ANSWER, 0, packet}, {HEAR, 1, POSTED "{40}"},                       \
    {                                                                                              \
        HEAR, 0, ASKED                                                                             \
    }
#define JOINED_BY_POLLING                                                                          \
    {ANSWER, 1, "ok"},                                                                             \
    {                                                                                              \
        ANSWER, 0, JOINED                                                                          \
    }
#define ASKS_AND_POSTS(body)                                                                       \
    {HEAR, 1, POSTED "{" body "}"},                                                                \
    {                                                                                              \
        HEAR, 0, ASKED                                                                             \
    }
#define LEAVES                                                                                     \
    {HEAR, 1, POSTED "{41|1}"}, {HEAR, 0, ASKED}, {ANSWER, 1, "ok"},                               \
    {                                                                                              \
        ANSWER, 0, "6"                                                                             \
    }
#define PROBED                                                                                     \
    {HEAR, 2, "GET websocket&sid=abc"}, {UPGRADE, 2, NULL},                                        \
    {                                                                                              \
        HEAR, 2, "T{2probe}"                                                                       \
    }
#define LEAVES_THERE                                                                               \
    {HEAR, 2, "T{41}<close 1000>"}, {SAY, 2, "\x88\x02\x03\xe8"},                                  \
    {                                                                                              \
        HANG_UP, 2, NULL                                                                           \
    }

/* ---- 5 (a), 1.6 The upgrade -------------------------------------------------------------- */

/* What socket.io-client says, in its order. Nothing is said on the WebSocket before `5`, which
 * waits for the poll that is under way; no other poll is begun. A noop there means nothing. */
static void test_5_a_client_upgrades(void **state)
{
    static const struct step steps[] = {OPENED_BY(OPEN),      PROBED,
                                        {SILENCE, 0, NULL}, /* nothing before `40{sid}` */
                                        JOINED_BY_POLLING,    ASKS_AND_POSTS(MESSAGE),
                                        {FRAME, 2, "6"},      {SILENCE, 0, NULL},
                                        {FRAME, 2, "3probe"}, {SILENCE, 0, NULL},
                                        {ANSWER, 1, "ok"},    {SILENCE, 0, NULL},
                                        {ANSWER, 0, "6"},     {HEAR, 2, "T{5}"},
                                        {FRAME, 2, "6"},      {FRAME, 2, MESSAGE},
                                        LEAVES_THERE,         {HEAR, 0, "$"},
                                        {HEAR, 1, "$"},       {END, 0, NULL}};
    (void)state;
    expect_run("#upgrade", 1, steps, STATUS_OK, NULL);
}

/* Likewise for a POST; and the pong that fell due meanwhile goes out behind `5`. */
static void test_1_6_3_client_waits_for_its_post(void **state)
{
    static const struct step steps[] = {OPENED_BY(OPEN),
                                        PROBED,
                                        JOINED_BY_POLLING,
                                        ASKS_AND_POSTS(MESSAGE),
                                        {FRAME, 2, "3probe"},
                                        {SILENCE, 0, NULL},
                                        {ANSWER, 0,
                                         MESSAGE "\x1e"
                                                 "2"},
                                        {SILENCE, 0, NULL},
                                        {ANSWER, 1, "ok"},
                                        {HEAR, 2, "T{5}T{3}T{41}<close 1000>"},
                                        {SAY, 2, "\x88\x02\x03\xe8"},
                                        {HANG_UP, 2, NULL},
                                        {HEAR, 0, "$"},
                                        {HEAR, 1, "$"},
                                        {END, 0, NULL}};
    (void)state;
    expect_run("#upgrade", 1, steps, STATUS_OK, NULL);
}

static void test_1_6_client_gets_another_answer_to_its_probe(void **state)
{
    static const char *const answers[] = {"3",      "3prob", "3probes",
                                          "2probe", "4",     "40{\"sid\":\"x\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct step steps[] = {OPENED_BY(OPEN), PROBED,         {FRAME, 2, answers[i]},
                                     {HEAR, 0, "$"},  {HEAR, 1, "$"}, {HEAR, 2, "$"},
                                     {END, 0, NULL}};
        expect_run("#upgrade", 1, steps, STATUS_EIO_PACKET, "not 3probe");
    }
}

static void test_1_6_1_client_upgrades_where_that_is_offered(void **state)
{
    static const struct step steps[] = {{HEAR, 0, "GET polling"},
                                        {ANSWER, 0, OPEN_OF("", "1000")},
                                        {HEAR, 0, ASKED "$"},
                                        {END, 0, NULL}};
    (void)state;
    expect_run("#upgrade", 1, steps, STATUS_UNSUPPORTED, "\"upgrades\" lacks \"websocket\"");
}

/* On any transport, at any time. */
static void test_1_6_8_client_ignores_noops(void **state)
{
    static const struct step steps[] = {OPENED_BY(OPEN),
                                        PROBED,
                                        {ANSWER, 0, "6"},
                                        {HEAR, 0, ASKED},
                                        {FRAME, 2, "6"},
                                        JOINED_BY_POLLING,
                                        ASKS_AND_POSTS(MESSAGE),
                                        {ANSWER, 0,
                                         "6\x1e"
                                         "6"},
                                        {HEAR, 0, ASKED},
                                        {ANSWER, 1, "ok"},
                                        {FRAME, 2, "3probe"},
                                        {FRAME, 2, "6"},
                                        {SILENCE, 0, NULL},
                                        {ANSWER, 0, "6\x1e" MESSAGE},
                                        {HEAR, 2, "T{5}T{41}<close 1000>"},
                                        {FRAME, 2, "6"},
                                        {SAY, 2, "\x88\x02\x03\xe8"},
                                        {HANG_UP, 2, NULL},
                                        {HEAR, 0, "$"},
                                        {END, 0, NULL}};
    (void)state;
    expect_run("#upgrade", 1, steps, STATUS_OK, NULL);
}

/* ---- 1.3, 1.5, 1.7, 2.7, 4 Polling ------------------------------------------------------- */

/* Clients judge by the status: what a POST is answered with is not looked at. */
static void test_1_3_client_looks_at_the_status_only(void **state)
{
    static const char *const bodies[] = {"ok", "OK", "", "1", "42[\"message\",\"no\"]"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        const struct step steps[] = {OPENED_BY(OPEN),      {ANSWER, 1, bodies[i]},
                                     {ANSWER, 0, JOINED},  ASKS_AND_POSTS(MESSAGE),
                                     {ANSWER, 0, MESSAGE}, {ANSWER, 1, bodies[i]},
                                     {HEAR, 0, ASKED},     {HEAR, 1, POSTED "{41|1}"},
                                     {ANSWER, 1, "ok"},    {ANSWER, 0, "6"},
                                     {HEAR, 0, "$"},       {END, 0, NULL}};
        expect_run("#polling", 1, steps, STATUS_OK, NULL);
    }
}

#define BAD(body)                                                                                  \
    "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: " body

static void test_2_7_client_fails_for_any_other_status(void **state)
{
    static const char unknown[] = BAD("41\r\n\r\n{\"code\":1,\"message\":\"Session ID unknown\"}");
    static const char python[] = BAD("17\r\n\r\n\"Invalid session\"");
    static const struct step opening[] = {
        {HEAR, 0, "GET polling"}, {SAY, 0, unknown}, {HEAR, 0, "$"}, {END, 0, NULL}};
    static const struct step poll[] = {
        OPENED_BY(OPEN), {SAY, 0, python}, {HEAR, 0, "$"}, {HEAR, 1, "$"}, {END, 0, NULL}};
    static const struct step post[] = {OPENED_BY(OPEN),
                                       {SAY, 1, "HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n"},
                                       {HEAR, 0, "$"},
                                       {HEAR, 1, "$"},
                                       {END, 0, NULL}};
    static const struct step created[] = {OPENED_BY(OPEN),
                                          {SAY, 1, "HTTP/1.1 201 X\r\nContent-Length: 2\r\n\r\nok"},
                                          {HEAR, 0, "$"},
                                          {HEAR, 1, "$"},
                                          {END, 0, NULL}};
    (void)state;
    expect_run("#polling", 1, opening, STATUS_HTTP_STATUS, "HTTP 400: Session ID unknown");
    expect_run("#polling", 1, poll, STATUS_HTTP_STATUS, "HTTP 400: Invalid session");
    expect_run("#polling", 1, post, STATUS_HTTP_STATUS, "HTTP 413");
    expect_run("#polling", 1, created, STATUS_HTTP_STATUS, "HTTP 201");
}

#define FOUR  MESSAGE "|" MESSAGE "|" MESSAGE "|" MESSAGE
#define FOURS MESSAGE "\x1e" MESSAGE "\x1e" MESSAGE "\x1e" MESSAGE

/* python-engineio takes no more, and says nothing when it drops them. */
static void test_4_client_posts_at_most_16_packets(void **state)
{
    static const struct step steps[] = {
        OPENED_BY(OPEN),
        JOINED_BY_POLLING,
        ASKS_AND_POSTS(FOUR "|" FOUR "|" FOUR "|" FOUR),
        {ANSWER, 1, "ok"},
        {HEAR, 1, POSTED "{" FOUR "|" FOUR "|" FOUR "|" FOUR "}"},
        {ANSWER, 0, "2"},
        {HEAR, 0, ASKED},
        {ANSWER, 1, "ok"},
        {HEAR, 1, POSTED "{3|" MESSAGE "}"}, /* one that waited, and the last */
        {ANSWER, 1, "ok"},
        {ANSWER, 0,
         FOURS "\x1e" FOURS "\x1e" FOURS "\x1e" FOURS "\x1e" FOURS "\x1e" FOURS "\x1e" FOURS
               "\x1e" FOURS "\x1e" MESSAGE}, /* it takes more itself */
        LEAVES,
        {HEAR, 0, "$"},
        {END, 0, NULL}};
    (void)state;
    expect_run("#polling", 33, steps, STATUS_OK, NULL);
}

/* Payloads are split before they exceed maxPayload: a message has 18 bytes, three have 56. */
static void test_2_7_client_posts_at_most_max_payload(void **state)
{
    static const char *const limits[] = {OPEN_OF("", "55"), OPEN_OF("", "56")};
    static const char *const posts[][2] = {
        {POSTED "{" MESSAGE "|" MESSAGE "}", NULL},
        {POSTED "{" MESSAGE "|" MESSAGE "|" MESSAGE "}", POSTED "{" MESSAGE "}"}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *second = posts[i][1] != NULL ? posts[i][1] : posts[i][0];
        const struct step steps[] = {
            OPENED_BY(limits[i]), JOINED_BY_POLLING,  {HEAR, 1, posts[i][0]},
            {HEAR, 0, ASKED},     {ANSWER, 1, "ok"},  {HEAR, 1, second},
            {ANSWER, 1, "ok"},    {ANSWER, 0, FOURS}, LEAVES,
            {HEAR, 0, "$"},       {END, 0, NULL}};
        expect_run("#polling", 4, steps, STATUS_OK, NULL);
    }
}

/* pingInterval and pingTimeout after the last ping, and nothing else puts that off. */
static void test_1_5_client_misses_its_pings(void **state)
{
    static const struct step steps[] = {
        OPENED_BY(OPEN),     {WIND, 400, NULL}, {ANSWER, 1, "ok"},   {ANSWER, 0, "2"},
        ASKS_AND_POSTS("3"), {ANSWER, 1, "ok"}, {ANSWER, 0, JOINED}, ASKS_AND_POSTS(MESSAGE),
        {WIND, 499, NULL},   {ANSWER, 0, "6"},  {HEAR, 0, ASKED},    {SILENCE, 0, NULL},
        {WIND, 1, NULL},     {HEAR, 0, "$"},    {HEAR, 1, "$"},      {END, 0, NULL}};
    (void)state;
    expect_run("#polling", 1, steps, STATUS_PING_TIMEOUT, "");
}

/* `1` is the end, whatever comes with it. */
static void test_1_7_client_is_told_the_end(void **state)
{
    static const struct step steps[] = {OPENED_BY(OPEN),
                                        JOINED_BY_POLLING,
                                        ASKS_AND_POSTS(MESSAGE),
                                        {ANSWER, 0,
                                         "6\x1e"
                                         "1\x1e" MESSAGE},
                                        {HEAR, 0, "$"},
                                        {HEAR, 1, "$"},
                                        {END, 0, NULL}};
    (void)state;
    expect_run("#polling", 1, steps, STATUS_EIO_CLOSED, "");
}

/* `41` and `1` in one POST; the poll is waited for, and what it says means nothing. */
static void test_1_7_client_leaves(void **state)
{
    static const struct step ends[] = {{ANSWER, 0, "6"},
                                       {ANSWER, 0, "1"},
                                       {ANSWER, 0, "x"},
                                       {SAY, 0, BAD("17\r\n\r\n\"Invalid session\"")}};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const struct step steps[] = {
            OPENED_BY(OPEN),   JOINED_BY_POLLING,    ASKS_AND_POSTS(MESSAGE),
            {ANSWER, 1, "ok"}, {ANSWER, 0, MESSAGE}, {HEAR, 1, POSTED "{41|1}"},
            {HEAR, 0, ASKED},  {ANSWER, 1, "ok"},    {SILENCE, 0, NULL},
            ends[i],           {HEAR, 0, "$"},       {HEAR, 1, "$"},
            {END, 0, NULL}};
        expect_run("#polling", 1, steps, STATUS_OK, NULL);
    }
}

/* python-engineio forgets that poll: it is waited for, but not without end. */
static void test_4_client_leaves_a_server_in_python(void **state)
{
    static const struct step steps[] = {
        OPENED_BY(OPEN),   JOINED_BY_POLLING,    ASKS_AND_POSTS(MESSAGE),
        {ANSWER, 1, "OK"}, {ANSWER, 0, MESSAGE}, {HEAR, 1, POSTED "{41|1}"},
        {HEAR, 0, ASKED},  {ANSWER, 1, "OK"},    {SILENCE, 0, NULL},
        {WIND, 49, NULL},  {SILENCE, 0, NULL},   {WIND, 1, NULL},
        {HEAR, 0, "$"},    {HEAR, 1, "$"},       {END, 0, NULL}};
    (void)state;
    expect_run("#polling", 1, steps, STATUS_OK, NULL);
}

/* Werkzeug answers in chunks, in several segments. */
static void test_4_client_takes_chunked_answers(void **state)
{
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    static const struct step steps[] = {OPENED_BY(OPEN),
                                        {SAY, 1, CHUNKED "2\r\nOK\r\n0\r\n\r\n"},
                                        {SAY, 0, CHUNKED "5\r\n40{\"s\r\n"},
                                        {SILENCE, 0, NULL},
                                        {SAY, 0, "8;x=y\r\nid\":\"x\"}\r\n0\r\n\r\n"},
                                        ASKS_AND_POSTS(MESSAGE),
                                        {ANSWER, 1, "OK"},
                                        {ANSWER, 0, MESSAGE},
                                        LEAVES,
                                        {HEAR, 0, "$"},
                                        {END, 0, NULL}};
    (void)state;
    expect_run("#polling", 1, steps, STATUS_OK, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_5_a_client_upgrades),
        cmocka_unit_test(test_1_6_3_client_waits_for_its_post),
        cmocka_unit_test(test_1_6_client_gets_another_answer_to_its_probe),
        cmocka_unit_test(test_1_6_1_client_upgrades_where_that_is_offered),
        cmocka_unit_test(test_1_6_8_client_ignores_noops),
        cmocka_unit_test(test_1_3_client_looks_at_the_status_only),
        cmocka_unit_test(test_2_7_client_fails_for_any_other_status),
        cmocka_unit_test(test_4_client_posts_at_most_16_packets),
        cmocka_unit_test(test_2_7_client_posts_at_most_max_payload),
        cmocka_unit_test(test_1_5_client_misses_its_pings),
        cmocka_unit_test(test_1_7_client_is_told_the_end),
        cmocka_unit_test(test_1_7_client_leaves),
        cmocka_unit_test(test_4_client_leaves_a_server_in_python),
        cmocka_unit_test(test_4_client_takes_chunked_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
