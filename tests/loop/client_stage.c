#include "client_stage.h"

#include "codec/eio.h"
#include "codec/http.h"
#include "conn/handshake.h"
#include "conn/polling.h"

#define PEERS      32
#define WORDS_MAX  24
#define TURNS_MAX  100000
#define BODY_NOTED 2048 /* bytes from which on only their number is */

struct run run;
struct trial trial;
static struct client_options options;
static struct destination destination;
static struct environment environment;
static bool playing; /* there is a client of client_open() */
static port_socket listener;
static struct peer peers[PEERS];
static size_t peer_count; /* connections so far */
static size_t peer_taken; /* those that the test knows */

/* ---- Hearing ----------------------------------------------------------------------------- */

static void note_body(struct peer *p, struct span body)
{
    buf_put_byte(&p->text, '{');
    for (size_t i = 0; i < body.len && body.len < BODY_NOTED; i++)
        buf_put_byte(&p->text, body.ptr[i] == EIO_SEPARATOR ? '|' : body.ptr[i]);
    if (body.len >= BODY_NOTED) {
        buf_put_u64(&p->text, body.len);
        buf_put_text(&p->text, " bytes");
    }
    buf_put_byte(&p->text, '}');
}

/* The target behind the path and what every request asks for; the whole of any other. */
static struct span target_rest(const struct http_head *head, struct span base)
{
    return span_starts(head->target, base) ? span_after(head->target, base.len) : head->target;
}

static void handshake_note(struct peer *p, const struct http_head *head)
{
    assert_int_equal(handshake_check(head), 101);
    p->welcome = buf_over(p->welcome_bytes, sizeof p->welcome_bytes);
    assert_int_equal(handshake_accept_put(&p->welcome, head, span_of(NULL, 0)), STATUS_OK);
    buf_put_text(&p->text, "WS");
    buf_put_span(&p->text, target_rest(head, SPAN(WEB_PATH)));
    buf_put_byte(&p->text, ' ');
}

/* Bytes used: a whole request. */
static size_t read_request(struct peer *p)
{
    struct http_head head;
    uint64_t length;
    int used = http_request_parse(span_of(p->in, p->in_len), &head);
    assert_true(used >= 0);
    if (used == 0)
        return 0;
    bool post = span_equal_text(head.method, "POST");
    assert_int_equal(http_content_length(&head, &length), post);
    if (p->in_len < (size_t)used + length)
        return 0;
    assert_true((size_t)used < sizeof p->head);
    memcpy(p->head, p->in, (size_t)used);
    p->head[used] = '\0';
    if (handshake_wanted(&head)) {
        handshake_note(p, &head);
        return (size_t)used;
    }
    buf_put_span(&p->text, head.method);
    buf_put_span(&p->text, target_rest(&head, SPAN(POLL_PATH)));
    buf_put_byte(&p->text, ' ');
    if (post)
        note_body(p, span_of(p->in + used, (size_t)length));
    return (size_t)used + (size_t)length;
}

static void note_frame(struct peer *p, const struct websocket_event *e)
{
    switch (e->kind) {
    case WEBSOCKET_DATA:
        if (e->message_first)
            buf_put_text(&p->text, e->opcode == WS_TEXT ? "T{" : "B{");
        buf_put(&p->text, e->ptr, e->len);
        if (e->message_last)
            buf_put_byte(&p->text, '}');
        break;
    case WEBSOCKET_CLOSE:
        buf_put_text(&p->text, "<close ");
        buf_put_u64(&p->text, e->code == 1005 ? 0 : e->code);
        buf_put_byte(&p->text, '>');
        break;
    case WEBSOCKET_PING:
    case WEBSOCKET_PONG:
        buf_put_text(&p->text, "<pong>");
        break;
    case WEBSOCKET_NOTHING:
        break;
    }
}

static void read_input(struct peer *p)
{
    struct websocket_event event;
    size_t used = 1;
    while (p->in_len > 0 && used > 0) {
        if (p->upgraded) {
            int got = websocket_feed(&p->machine, p->in, p->in_len, &event);
            assert_true(got > 0);
            note_frame(p, &event);
            used = (size_t)got;
        } else {
            used = read_request(p);
        }
        p->in_len -= used;
        memmove(p->in, p->in + used, p->in_len);
    }
}

static bool listen_once(struct peer *p)
{
    if (p->socket == PORT_NO_SOCKET || p->ended || p->deaf)
        return false;
    int got = port_receive(p->socket, p->in + p->in_len, sizeof p->in - p->in_len);
    if (got > 0) {
        p->in_len += (size_t)got;
        read_input(p);
    } else if (got < 0) {
        p->ended = true;
        buf_put_text(&p->text, got == STATUS_CLOSED ? "$" : "!");
    }
    return got != 0;
}

static bool accept_once(void)
{
    port_socket socket;
    if (port_accept(listener, &socket, NULL) == 0)
        return false;
    assert_true(peer_count < PEERS);
    struct peer *p = &peers[peer_count++];
    memset(p, 0, sizeof *p);
    p->socket = socket;
    p->text = buf_over(p->log, sizeof p->log - 1);
    return true;
}

/* ---- Acting ------------------------------------------------------------------------------ */

bool peers_turn(void)
{
    bool moved = accept_once();
    for (size_t i = 0; i < peer_count; i++)
        moved |= listen_once(&peers[i]);
    return moved;
}

static bool client_turn(void)
{
    const struct loop_counters *n = &run.loop.counters;
    if (!playing || run.course.over)
        return false;
    uint64_t before = n->bytes_in + n->bytes_out + run.loop.used;
    run_step(&run);
    assert_int_equal(run.loop.out.len, 0);
    assert_null(run.loop.owner);
    return n->bytes_in + n->bytes_out + run.loop.used != before;
}

void peers_settle(void)
{
    unsigned still = 0;
    for (int i = 0; still < 3; i++) {
        assert_true(i < TURNS_MAX && "no end to it");
        bool moved = peers_turn();
        moved |= client_turn();
        still = moved ? 0 : still + 1;
    }
}

#define STEP (LOOP_LOOK_NS / 2) /* longer ones would be pauses of the client */

void peers_advance(uint64_t ns)
{
    for (; ns > STEP; ns -= STEP) {
        scripted_clock_advance(STEP);
        peers_settle();
    }
    scripted_clock_advance(ns);
    peers_settle();
}

struct peer *peer_next(void)
{
    assert_true(peer_taken < peer_count && "the client has opened one more");
    return &peers[peer_taken++];
}

void peer_expect_none(void)
{
    assert_int_equal(peer_taken, peer_count);
}

void peer_expect(struct peer *p, const char *want)
{
    p->log[p->text.len] = '\0';
    p->text.len = 0;
    assert_string_equal(p->log, want);
}

void peer_bytes(struct peer *p, struct span bytes)
{
    while (bytes.len > 0) {
        int sent = port_send(p->socket, &bytes, 1);
        assert_true(sent >= 0);
        bytes = span_after(bytes, (size_t)sent);
        peers_settle();
        assert_true(sent > 0 || bytes.len == 0);
    }
}

void peer_respond(struct peer *p, int code, const char *body)
{
    char head[256];
    static char bytes[1 << 18];
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 %d Any\r\nContent-Type: text/plain; charset=UTF-8\r\n"
                          "Content-Length: %zu\r\ncache-control: no-store\r\n\r\n",
                          code, strlen(body));
    assert_in_range(length, 1, sizeof head - 1);
    assert_true(strlen(head) + strlen(body) < sizeof bytes);
    strcpy(bytes, head);
    strcat(bytes, body);
    peer_bytes(p, span_text(bytes));
}

void peer_answer(struct peer *p, const char *body)
{
    peer_respond(p, 200, body);
}

void peer_accept(struct peer *p)
{
    p->upgraded = true;
    peer_bytes(p, buf_span(&p->welcome));
}

void peer_frame(struct peer *p, uint8_t opcode, struct span payload)
{
    static uint8_t bytes[1 << 17];
    struct buf b = buf_over(bytes, sizeof bytes);
    assert_int_equal(ws_frame_put(&b, true, opcode, payload, NULL), STATUS_OK);
    peer_bytes(p, buf_span(&b));
}

void peer_text(struct peer *p, const char *payload)
{
    peer_frame(p, WS_TEXT, span_text(payload));
}

void peer_hang_up(struct peer *p)
{
    port_close(p->socket);
    p->socket = PORT_NO_SOCKET;
    peers_settle();
}

/* ---- Start and end ----------------------------------------------------------------------- */

void peers_open(void)
{
    struct port_address a, bound;
    scripted_reset();
    peer_count = peer_taken = 0;
    playing = false;
    assert_int_equal(port_resolve(HOST, 80, &a, 1), 1);
    assert_int_equal(port_listen(&a, PEERS, &listener, &bound), STATUS_OK);
}

void peers_close(void)
{
    peers_settle();
    for (size_t i = 0; i < peer_count; i++)
        port_close(peers[i].socket);
    port_close(listener);
    assert_int_equal(scripted_sockets_open(), 0);
}

/* The clock is the test's: a wait only looks. */
static int wait_not(void *state, struct port_event *events, size_t cap, uint64_t timeout_ns)
{
    (void)timeout_ns;
    return port_poller_find(NULL)->wait(state, events, cap, 0);
}

const struct client_options *client_parse(const char *const *words)
{
    static char copies[WORDS_MAX][128];
    char error[OPTION_ERROR_BYTES];
    char *argv[WORDS_MAX] = {copies[0]};
    int argc = 1;
    strcpy(copies[0], "wsio-client");
    for (; *words != NULL; words++, argc++) {
        assert_true(argc < WORDS_MAX && strlen(*words) < sizeof copies[0]);
        strcpy(copies[argc], *words);
        argv[argc] = copies[argc];
    }
    if (client_options_parse(&options, argc, argv, error) < 0)
        fail_msg("%s", error);
    if (!options.given.size && options.payload.text == NULL)
        options.payload.text = "hi"; /* of the default size */
    assert_int_equal(options.targets.count, 1);
    return &options;
}

static enum scenario scenario_of(enum client_scenario named)
{
    switch (named) {
    case CLIENT_ROUNDTRIP:
        return SCENARIO_ROUNDTRIP;
    case CLIENT_SEND:
        return SCENARIO_SEND;
    default:
        return SCENARIO_CONNECT;
    }
}

/* What campaign.c takes for one target. */
static struct run_size size_of(const struct plan *plan)
{
    size_t message = destination_message_bytes(&options);
    size_t blocks = 2 * pool_blocks(destination_body_bytes(&options)) +
                    pool_blocks(POLLING_PARTS_BYTES(message));
    uint32_t connections = target_connections(&options.targets.item[0]);
    return (struct run_size){plan->concurrency, connections, plan->depth, false,
                             blocks * POOL_BLOCK_BYTES};
}

void client_open(const char *const *words)
{
    static uint8_t memory[1 << 22];
    static struct port_poller poller;
    peers_open();
    client_parse(words);
    enum scenario scenario = scenario_of(options.scenario);
    struct plan plan = plan_of(&options, scenario, 0);
    struct run_size size = size_of(&plan);
    memset(&run, 0, sizeof run);
    memset(&destination, 0, sizeof destination);
    poller = *port_poller_find(NULL);
    poller.wait = wait_not;
    run.environment = &environment;
    assert_true(destination_memory(&options) <= sizeof memory);
    assert_int_equal(destination_make(&destination, &options.targets.item[0], &options, memory),
                     STATUS_OK);
    assert_int_equal(destination_resolve(&destination), 1);
    assert_int_equal(run_open(&run, &options, &poller, &size), STATUS_OK);
    run_begin(&run, &destination, scenario, &plan, &trial);
    playing = true;
    peers_settle();
}

void client_close(void)
{
    const struct loop *l = &run.loop;
    run_end(&run);
    assert_true(tally_balanced(&trial.tally));
    assert_int_equal(trial.started, trial.ready + trial.failed);
    assert_int_equal(run.course.crowd.open, 0);
    assert_int_equal(run.course.crowd.outstanding, 0);
    assert_int_equal(l->used, 0);
    assert_int_equal(l->pool.free, l->pool.blocks);
    assert_int_equal(l->deadline.count, 0);
    assert_int_equal(l->waiters.first, LOOP_NO_SLOT);
    run_close(&run);
    playing = false;
    peers_close();
}

void client_expect_done(void)
{
    assert_true(run.course.over);
    assert_int_equal(trial.failures.used, 0);
    assert_int_equal(trial.ready, 1);
    assert_int_equal(trial.lost, 0);
    assert_int_equal(trial.phases[PHASE_CLOSE].values.n, 1);
    assert_int_equal(trial.tally.sent, 1);
    assert_int_equal(trial.tally.answered, 1);
    assert_int_equal(trial.tally.unexpected, 0);
}

void client_expect_failure(int status, enum phase phase, const char *detail)
{
    const struct failure *f = &trial.failures.list[0];
    assert_int_equal(trial.failures.used, 1);
    assert_int_equal(f->count, 1);
    assert_string_equal(status_name(f->status), status_name(status));
    assert_string_equal(phase_key(f->phase), phase_key(phase));
    assert_string_equal(f->text, detail);
    assert_true(run.course.over);
}
