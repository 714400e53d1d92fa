/* Proves that callers that do anything at any time, valid or not, cause no crash, no hang and no
 * leak. The network cuts all I/O into pieces and the clock runs; callers that behave are served.
 * Each run takes the same steps. */
#include "stage.h"

#include "base/random.h"
#include "conn/session_sid.h"
#include "server/server_session.h"

#ifndef STEPS
#define STEPS 12000
#endif
#define WILD 10 /* callers */
#define SIDS 6

static struct random dice;
static char sids[SIDS][EIO_SID_MAX];
static struct wild {
    struct caller *c;
    bool web;                /* it has asked for a WebSocket */
    char asked[EIO_SID_MAX]; /* for this session */
    unsigned frames;
} wilds[WILD];

static uint32_t roll(uint32_t sides)
{
    uint8_t b[4];
    random_bytes(&dice, b, sizeof b);
    return ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]) % sides;
}

static const char *any_sid(void)
{
    return sids[roll(SIDS)];
}

/* The counts of each queue are true, and no two sessions own the same slot. */
static void expect_sound(void)
{
    for (uint32_t i = 0; i < options.max_clients; i++) {
        const struct server_session *g = &server.sessions[i];
        size_t bytes = 0;
        for (const struct lease *l = g->queue; l != NULL; l = l->next)
            bytes += l->len - l->off;
        assert_int_equal(g->queue_bytes, bytes);
        assert_true(g->used || (g->queue == NULL && g->parts_lease == NULL));
        if (!g->used)
            continue;
        const uint32_t slots[] = {g->websocket, g->get, g->post, g->probe};
        for (size_t k = 0; k < 4; k++) {
            if (slots[k] == LOOP_NO_SLOT)
                continue;
            assert_non_null(loop_slot_at(&server.loop, slots[k]));
            assert_int_equal(server.peers[slots[k]].session, i + 1);
        }
        assert_true(g->get == LOOP_NO_SLOT || g->get != g->post);
    }
    for (uint32_t i = 0; i < options.max_clients; i++) {
        const struct loop_slot *s = &server.loop.slots[i];
        const struct session *session = s->socket != PORT_NO_SOCKET ? s->conn.session : NULL;
        assert_true(session == NULL || server.peers[i].session > 0);
    }
}

/* What a client in its right mind would say there. */
static const char *sane_packets(const char *sid)
{
    static const char *const said[] = {"42[\"a\"]",
                                       "427[\"a\",{\"b\":[1,2]}]",
                                       "3",
                                       "42[\"a\"]\x1e"
                                       "3",
                                       "42[\"a\"]\x1e"
                                       "42[\"b\"]\x1e"
                                       "42[\"c\"]",
                                       "451-[\"a\",{\"_placeholder\":true,\"num\":0}]\x1e"
                                       "bAQID"};
    uint32_t number = session_sid_number(sid);
    bool joined = number < options.max_clients && server.sessions[number].protocol.joined != 0;
    return joined ? said[roll(sizeof said / sizeof said[0])] : "40";
}

static const char *any_packets(const char *sid)
{
    static const char *const bodies[] = {
        "40",
        "40{}",
        "41",
        "40/custom",
        "40/x",
        "42[\"a\"]",
        "427[\"a\",{\"b\":[1,2]}]",
        "3",
        "2",
        "1",
        "6",
        "5",
        "",
        "\x1e",
        "42[\"a\"]\x1e"
        "42[\"b\"]\x1e"
        "42[\"c\"]",
        "49",
        "43[]",
        "4\xff",
        "451-[\"a\",{\"_placeholder\":true,\"num\":0}]",
        "bAQID",
        "b!",
        "451-[\"a\",{\"_placeholder\":true,\"num\":0}]\x1e"
        "bAQID",
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]\x1e"
        "42[\"a\"]",
    };
    static char large[3000];
    if (roll(12) > 0)
        return sane_packets(sid);
    if (roll(4) > 0)
        return bodies[roll(sizeof bodies / sizeof bodies[0])];
    size_t len = 100 + roll(2600);
    memset(large, 'y', len);
    memcpy(large, "42[\"", 4);
    strcpy(large + len, "\"]");
    return large;
}

static void send_some(struct wild *w, const uint8_t *bytes, size_t len)
{
    struct span s = span_of(bytes, len);
    for (int i = 0; i < 40 && s.len > 0 && w->c->socket != PORT_NO_SOCKET; i++) {
        int sent = port_send(w->c->socket, &s, 1);
        if (sent < 0)
            return;
        s = span_after(s, (size_t)sent);
        if (roll(3) == 0)
            stage_turn();
    }
}

static void send_request(struct wild *w)
{
    static const char *const methods[] = {"GET", "POST", "DELETE", "PUT", "OPTIONS"};
    const char *sid = any_sid();
    const char *packets = any_packets(sid);
    bool chunks = roll(4) == 0;
    bool post = roll(2) == 0;
    const char *method = roll(30) == 0 ? methods[roll(5)] : post ? "POST" : "GET";
    const char *close = roll(8) == 0 ? "Connection: close\r\n" : "";
    size_t len = strlen(packets);
    const char *all;
    if (!post)
        all = text("%s " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n%s\r\n", method, sid, close);
    else if (chunks)
        all = text("%s " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n%sTransfer-Encoding: "
                   "chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
                   method, sid, close, len, packets);
    else
        all = text("%s " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n%s",
                   method, sid, close, len + (roll(20) == 0), packets);
    size_t most = strlen(all);
    send_some(w, (const uint8_t *)all, roll(12) == 0 ? roll((uint32_t)most) : most);
}

static void send_frame(struct wild *w)
{
    static const uint8_t key[4] = {9, 8, 7, 6};
    static uint8_t bytes[8192];
    struct buf b = buf_over(bytes, sizeof bytes);
    static const char *const upgrade[] = {"2probe", "5"};
    uint8_t opcode = roll(12) == 0 ? WS_BINARY : roll(20) == 0 ? WS_PING : WS_TEXT;
    if (roll(60) == 0)
        opcode = WS_CLOSE;
    const char *payload = w->frames++ < 2 ? upgrade[w->frames - 1] : any_packets(w->asked);
    struct span body = opcode == WS_CLOSE ? span_of(NULL, 0) : span_text(payload);
    body.len = ws_is_control(opcode) && body.len > 100 ? 100 : body.len;
    ws_frame_put(&b, roll(30) != 0, opcode, body, key);
    send_some(w, bytes, roll(20) == 0 ? roll((uint32_t)b.len) : b.len);
}

static void begin(struct wild *w)
{
    if (roll(3) == 0) {
        w->web = true;
        strcpy(w->asked, roll(4) == 0 ? "" : any_sid());
        w->frames = w->asked[0] == '\0' ? 2 : 0;
        const char *all =
            text("GET " WEB_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n" WEB_FIELDS "\r\n", w->asked);
        send_some(w, (const uint8_t *)all, strlen(all));
    } else {
        static const char open[] = "GET " POLL_PATH " HTTP/1.1\r\nHost: a\r\n\r\n";
        send_some(w, (const uint8_t *)open, sizeof open - 1);
    }
}

static void step(struct wild *w)
{
    if (w->c->socket == PORT_NO_SOCKET || w->c->ended) {
        caller_renew(w->c);
        w->web = false;
    }
    switch (roll(24)) {
    case 0:
        begin(w);
        break;
    case 1:
        if (roll(3) == 0)
            caller_drop(w->c);
        break;
    case 2:
        if (roll(6) == 0 && w->c->socket != PORT_NO_SOCKET)
            port_shutdown(w->c->socket);
        break;
    case 3:
        w->c->deaf = roll(4) == 0;
        break;
    case 4:
        scripted_clock_advance(roll(100) == 0 ? 31000 * MS : roll(60) * MS);
        break;
    case 5:
        scripted_cut_set(roll(3) == 0 ? 0 : 1 + roll(200));
        scripted_capacity_set(roll(4) == 0 ? 1 + roll(4000) : SCRIPTED_CAPACITY);
        break;
    default:
        if (w->web)
            send_frame(w);
        else
            send_request(w);
    }
}

static void sids_note(struct wild *w)
{
    if (w->c->sid[0] == '\0')
        return;
    strcpy(sids[roll(SIDS)], w->c->sid);
    if (w->web)
        strcpy(w->asked, w->c->sid);
    w->c->sid[0] = '\0';
}

static void run(uint8_t number)
{
    static const char *const args[] = {"--ping-interval",
                                       "300",
                                       "--ping-timeout",
                                       "200",
                                       "--connect-timeout",
                                       "1000",
                                       "--max-message",
                                       "2000",
                                       "--namespace",
                                       "/custom",
                                       NULL};
    uint8_t seed[RANDOM_SEED_BYTES] = {number};
    random_seed(&dice, seed);
    stage_open(args);
    for (size_t i = 0; i < SIDS; i++)
        strcpy(sids[i], "nobody");
    for (size_t i = 0; i < WILD; i++)
        wilds[i] = (struct wild){.c = caller_new()};
    for (int i = 0; i < STEPS; i++) {
        struct wild *w = &wilds[roll(WILD)];
        step(w);
        stage_turn();
        sids_note(w);
        w->c->text.len = 0;
        expect_sound();
    }
    scripted_cut_set(0);
    scripted_capacity_set(SCRIPTED_CAPACITY);
    /* After all that, a caller that behaves is served. */
    for (size_t i = 0; i < WILD; i++)
        caller_drop(wilds[i].c);
    settle();
    struct caller *c = caller_new();
    say_open(c);
    say_post(c, c->sid,
             "40\x1e"
             "42[\"a\"]");
    expect_heard(c, "200 {ok}");
    say_get(c, c->sid);
    expect_heard(c, "200 {40!|42[\"a\"]}");
    stage_close();
}

static void test_first_seed(void **state)
{
    (void)state;
    run(1);
    fprintf(
        stderr,
        "S %llu M %llu H %llu f: eio %llu ping %llu ws-seq %llu lost %llu connect %llu queue %llu "
        "nsp %llu att %llu\n",
        (unsigned long long)server.stats.socketio_sessions,
        (unsigned long long)server.stats.socketio_messages,
        (unsigned long long)server.stats.heartbeats, (unsigned long long)server.stats.faults[90],
        (unsigned long long)server.stats.faults[94], (unsigned long long)server.stats.faults[65],
        (unsigned long long)server.stats.lost, (unsigned long long)server.stats.faults[105],
        (unsigned long long)server.stats.faults[106], (unsigned long long)server.stats.faults[102],
        (unsigned long long)server.stats.faults[101]);
    /* The run went through what it is for. */
    assert_true(server.stats.socketio_sessions > 200 && server.stats.socketio_messages > 300);
    assert_true(server.stats.faults[-STATUS_EIO_PACKET] > 10);
}

static void test_second_seed(void **state)
{
    (void)state;
    run(2);
}

static void test_third_seed(void **state)
{
    (void)state;
    run(3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_seed),
        cmocka_unit_test(test_second_seed),
        cmocka_unit_test(test_third_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
