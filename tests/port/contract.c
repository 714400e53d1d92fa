/* Proves that a port keeps the contract of port.h, once per poller. The real port and the scripted
 * one must give the same answers, or tests on the scripted one would prove nothing.
 *
 *   contract [POLLER]
 *
 * One thread drives both ends: a test waits for "ready", and watches for a while to see "not
 * ready".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "port.h"

#include "../system/system.h"
#include "each_poller.h"

#define MS      UINT64_C(1000000)
#define SOON    (2000 * MS) /* for what must come */
#define AWHILE  (3 * MS)    /* for what must not come */
#define SOCKETS 64
#define ROWS    16

static const struct port_poller *poller;
static void *state; /* what the tests look at */
static void *aside; /* for sockets that are waited for on the way */
static port_socket listener;
static struct port_address bound;
static uint64_t descriptors_before;

/* The listener's peers: `near` connected, `far` was accepted. */
struct pair {
    port_socket near;
    port_socket far;
};

/* ---- Steps ---------------------------------------------------------------------------------- */

static struct port_address resolve(const char *host, uint16_t port)
{
    struct port_address a;

    assert_int_equal(port_resolve(host, port, &a, 1), 1);
    return a;
}

static void watch(port_socket s, unsigned had, unsigned interest, uint64_t token)
{
    assert_int_equal(poller->set(state, s, had, interest, token), STATUS_OK);
}

/* Exactly one row, and this one. */
static void expect_row_of(void *of, uint64_t token, unsigned ready)
{
    struct port_event rows[ROWS];

    memset(rows, 0xff, sizeof rows);
    assert_int_equal(poller->wait(of, rows, ROWS, SOON), 1);
    assert_int_equal(rows[0].token, token);
    assert_int_equal(rows[0].ready, ready);
}

static void expect_row(uint64_t token, unsigned ready)
{
    expect_row_of(state, token, ready);
}

static void expect_nothing(void)
{
    struct port_event rows[ROWS];

    assert_int_equal(poller->wait(state, rows, ROWS, AWHILE), 0);
}

static void await(port_socket s, unsigned interest)
{
    assert_int_equal(poller->set(aside, s, 0, interest, 99), STATUS_OK);
    expect_row_of(aside, 99, interest);
    assert_int_equal(poller->set(aside, s, interest, 0, 99), STATUS_OK);
}

static struct pair open_pair(void)
{
    struct pair p;

    assert_int_equal(port_connect(&bound, NULL, 0, &p.near), STATUS_OK);
    await(p.near, PORT_WRITE);
    assert_int_equal(port_socket_error(p.near), STATUS_OK);
    await(listener, PORT_READ);
    assert_int_equal(port_accept(listener, &p.far, NULL), 1);
    return p;
}

static void close_pair(struct pair p)
{
    port_close(p.near);
    port_close(p.far);
}

static void send_text(port_socket s, const char *text)
{
    struct span span = span_text(text);

    assert_int_equal(port_send(s, &span, 1), span.len);
}

static void expect_text(port_socket s, const char *text)
{
    char got[64] = "";

    await(s, PORT_READ);
    assert_int_equal(port_receive(s, got, sizeof got - 1), strlen(text));
    assert_string_equal(got, text);
}

static int receive_byte(port_socket s)
{
    char byte;

    return port_receive(s, &byte, 1);
}

/* Only the first call must report a reset; Wine does not report even that one. */
static void expect_reset(port_socket s)
{
    bool told = strcmp(poller->name, "scripted") == 0 || system_tells_resets();

    assert_int_equal(receive_byte(s), told ? STATUS_RESET : STATUS_CLOSED);
}

static bool is_gone(int status)
{
    return status == STATUS_RESET || status == STATUS_CLOSED;
}

static int setup(void **unused)
{
    struct port_address any = resolve("127.0.0.1", 0);

    (void)unused;
    descriptors_before = port_descriptors_open();
    assert_int_equal(poller->open(SOCKETS, &state), STATUS_OK);
    assert_int_equal(poller->open(SOCKETS, &aside), STATUS_OK);
    assert_int_equal(port_listen(&any, 8, &listener, &bound), STATUS_OK);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    port_close(listener);
    poller->close(state);
    poller->close(aside);
    assert_int_equal(port_descriptors_open(), descriptors_before);
    return 0;
}

/* ---- Addresses ------------------------------------------------------------------------------ */

static void addresses_have_texts(void **unused)
{
    char text[PORT_ADDRESS_TEXT];
    struct port_address none = {0};
    struct port_address v4 = resolve("127.0.0.1", 9000);
    struct port_address v6 = resolve("::1", 65535);

    (void)unused;
    port_address_text(&v4, text);
    assert_string_equal(text, "127.0.0.1:9000");
    port_address_text(&v6, text);
    assert_string_equal(text, "[::1]:65535");
    port_address_text(&none, text);
    assert_string_equal(text, "-");
    assert_int_equal(port_address_port(&v4), 9000);
    assert_int_equal(port_address_port(&v6), 65535);
    assert_int_equal(port_address_port(&none), 0);
}

static void addresses_know_loopback(void **unused)
{
    struct port_address none = {0};
    struct port_address near4 = resolve("127.0.0.2", 1);
    struct port_address near6 = resolve("::1", 1);
    struct port_address far = resolve("192.0.2.1", 1);

    (void)unused;
    assert_true(port_address_is_loopback(&near4));
    assert_true(port_address_is_loopback(&near6));
    assert_false(port_address_is_loopback(&far));
    assert_false(port_address_is_loopback(&none));
}

static void localhost_is_loopback(void **unused)
{
    struct port_address found[4];

    (void)unused;
    if (!system_has_localhost()) {
        puts("this machine does not know localhost");
        skip();
    }
    assert_true(port_resolve("localhost", 80, found, 4) >= 1);
    assert_true(port_address_is_loopback(&found[0]));
    assert_int_equal(port_address_port(&found[0]), 80);
}

static void endless_names_are_none(void **unused)
{
    char endless[300]; /* longer than a name may be: no look-up is made */
    struct port_address found[4];

    (void)unused;
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_int_equal(port_resolve(endless, 80, found, 4), STATUS_NO_NAME);
}

/* ---- Listening and connecting --------------------------------------------------------------- */

static void a_free_port_is_taken_and_told(void **unused)
{
    struct port_address any = resolve("127.0.0.1", 0);
    struct port_address second;
    struct port_address local;
    port_socket other;

    (void)unused;
    assert_int_not_equal(port_address_port(&bound), 0);
    assert_int_equal(port_listen(&any, 1, &other, &second), STATUS_OK);
    assert_int_not_equal(port_address_port(&second), port_address_port(&bound));
    assert_int_equal(port_socket_local(other, &local), STATUS_OK);
    assert_int_equal(port_address_port(&local), port_address_port(&second));
    port_close(other);
}

static void a_taken_port_is_in_use(void **unused)
{
    struct port_address where;
    port_socket other = 0;

    (void)unused;
    assert_int_equal(port_listen(&bound, 1, &other, &where), STATUS_IN_USE);
    assert_int_equal(other, PORT_NO_SOCKET);
    port_close(other);
}

static void a_closed_listener_frees_its_port(void **unused)
{
    struct port_address where;
    struct pair p = open_pair();

    (void)unused;
    port_close(p.far); /* the first to close stays in TIME-WAIT, which must not matter */
    await(p.near, PORT_READ);
    port_close(p.near);
    port_close(listener);
    assert_int_equal(port_listen(&bound, 8, &listener, &where), STATUS_OK);
    assert_int_equal(port_address_port(&where), port_address_port(&bound));
}

static void a_foreign_address_is_unavailable(void **unused)
{
    struct port_address foreign = resolve("192.0.2.1", 0);
    struct port_address where;
    port_socket other;

    (void)unused;
    assert_int_equal(port_listen(&foreign, 1, &other, &where), STATUS_UNAVAILABLE);
    assert_int_equal(other, PORT_NO_SOCKET);
}

static void accept_tells_none_from_one(void **unused)
{
    port_socket near;
    port_socket far = 0;
    struct port_address peer;
    struct port_address local;

    (void)unused;
    assert_int_equal(port_accept(listener, &far, &peer), 0);
    assert_int_equal(far, PORT_NO_SOCKET);
    assert_int_equal(port_connect(&bound, NULL, 0, &near), STATUS_OK);
    await(listener, PORT_READ);
    assert_int_equal(port_accept(listener, &far, &peer), 1);
    assert_int_equal(port_socket_local(near, &local), STATUS_OK);
    assert_int_equal(port_address_port(&peer), port_address_port(&local));
    port_close(near);
    port_close(far);
    assert_int_equal(port_accept(listener, &far, &peer), 0);
}

static void a_source_address_is_used(void **unused)
{
    struct port_address source = resolve("127.0.0.2", 0);
    struct port_address peer;
    struct pair p;
    char text[PORT_ADDRESS_TEXT];

    (void)unused;
    assert_int_equal(port_connect(&bound, &source, 0, &p.near), STATUS_OK);
    await(listener, PORT_READ);
    assert_int_equal(port_accept(listener, &p.far, &peer), 1);
    port_address_text(&peer, text);
    assert_memory_equal(text, "127.0.0.2:", 10);
    assert_int_not_equal(port_address_port(&peer), 0);
    close_pair(p);
}

static void a_refusal_is_reported(void **unused)
{
    port_socket s;

    (void)unused;
    port_close(listener);
    listener = PORT_NO_SOCKET;
    int status = port_connect(&bound, NULL, 0, &s);
    if (status != STATUS_OK) {
        assert_int_equal(status, STATUS_REFUSED);
        assert_int_equal(s, PORT_NO_SOCKET);
        return;
    }
    await(s, PORT_WRITE);
    assert_int_equal(port_socket_error(s), STATUS_REFUSED);
    port_close(s);
}

static void a_listener_closed_early_ends_its_queue(void **unused)
{
    port_socket s;

    (void)unused;
    assert_int_equal(port_connect(&bound, NULL, 0, &s), STATUS_OK);
    await(listener, PORT_READ);
    port_close(listener);
    listener = PORT_NO_SOCKET;
    await(s, PORT_READ);
    expect_reset(s);
    port_close(s);
}

static void v6_listeners_leave_v4_alone(void **unused)
{
    struct port_address all;
    struct port_address where;
    port_socket six = PORT_NO_SOCKET;
    port_socket four;

    (void)unused;
    if (port_resolve("::", 0, &all, 1) != 1 || port_listen(&all, 1, &six, &where) != STATUS_OK) {
        puts("no IPv6 here");
        skip();
    }
    struct port_address same = resolve("127.0.0.1", port_address_port(&where));
    assert_int_equal(port_listen(&same, 1, &four, &where), STATUS_OK);
    port_close(six);
    port_close(four);
}

static void test_0_nodelay_and_other_options(void **unused)
{
    struct pair p = open_pair();
    int value = 0;

    (void)unused;
    assert_int_equal(port_socket_get(p.near, PORT_NODELAY, &value), STATUS_OK);
    assert_int_not_equal(value, 0);
    assert_int_equal(port_socket_get(p.far, PORT_NODELAY, &value), STATUS_OK);
    assert_int_not_equal(value, 0);
    assert_int_equal(port_socket_set(p.near, PORT_NODELAY, 0), STATUS_OK);
    assert_int_equal(port_socket_get(p.near, PORT_NODELAY, &value), STATUS_OK);
    assert_int_equal(value, 0);
    assert_int_equal(port_socket_set(p.near, PORT_RECEIVE_BUFFER, 32768), STATUS_OK);
    assert_int_equal(port_socket_set(p.near, PORT_SEND_BUFFER, 16384), STATUS_OK);
    assert_int_equal(port_socket_get(p.near, PORT_RECEIVE_BUFFER, &value), STATUS_OK);
    assert_in_range(value, 32768, 65536);
    assert_int_equal(port_socket_get(p.near, PORT_SEND_BUFFER, &value), STATUS_OK);
    assert_in_range(value, 16384, 32768);
    close_pair(p);
}

static void expect_buffer(port_socket s, enum port_option option, int bytes)
{
    int value = 0;

    assert_int_equal(port_socket_get(s, option, &value), STATUS_OK);
    assert_in_range(value, bytes, 2 * bytes);
}

static void buffers_are_set_before_connecting(void **unused)
{
    struct pair p;

    (void)unused;
    assert_int_equal(port_socket_set(listener, PORT_RECEIVE_BUFFER, 8192), STATUS_OK);
    assert_int_equal(port_connect(&bound, NULL, 16384, &p.near), STATUS_OK);
    await(p.near, PORT_WRITE);
    await(listener, PORT_READ);
    assert_int_equal(port_accept(listener, &p.far, NULL), 1);
    expect_buffer(p.near, PORT_RECEIVE_BUFFER, 16384);
    expect_buffer(p.near, PORT_SEND_BUFFER, 16384);
    expect_buffer(p.far, PORT_RECEIVE_BUFFER, 8192);
    close_pair(p);
}

/* ---- Bytes ---------------------------------------------------------------------------------- */

static void nothing_there_is_not_the_end(void **unused)
{
    struct pair p = open_pair();

    (void)unused;
    assert_int_equal(receive_byte(p.near), 0);
    assert_int_equal(receive_byte(p.far), 0);
    close_pair(p);
}

static void spans_arrive_in_order(void **unused)
{
    struct pair p = open_pair();
    struct span spans[PORT_SEND_SPANS] = {SPAN("one "), {NULL, 0}, SPAN("two "), SPAN("three")};

    (void)unused;
    assert_int_equal(port_send(p.near, spans, 4), 13);
    expect_text(p.far, "one two three");
    send_text(p.far, "back");
    expect_text(p.near, "back");
    close_pair(p);
}

static void half_a_close_leaves_the_other_half(void **unused)
{
    struct pair p = open_pair();

    (void)unused;
    send_text(p.far, "last");
    assert_int_equal(port_shutdown(p.far), STATUS_OK);
    expect_text(p.near, "last");
    for (int i = 0; i < 3; i++) {
        await(p.near, PORT_READ);
        assert_int_equal(receive_byte(p.near), STATUS_CLOSED);
    }
    assert_int_equal(port_send(p.far, &SPAN("x"), 1), STATUS_CLOSED);
    send_text(p.near, "answer");
    expect_text(p.far, "answer");
    assert_int_equal(receive_byte(p.far), 0);
    close_pair(p);
}

static void a_close_with_unread_data_resets(void **unused)
{
    struct pair p = open_pair();

    (void)unused;
    send_text(p.near, "never read");
    await(p.far, PORT_READ);
    port_close(p.far);
    watch(p.near, 0, PORT_READ, 1);
    expect_row(1, PORT_READ);
    watch(p.near, PORT_READ, PORT_WRITE, 2);
    expect_row(2, PORT_WRITE);
    watch(p.near, PORT_WRITE, PORT_READ | PORT_WRITE, 3);
    expect_row(3, PORT_READ | PORT_WRITE);
    expect_reset(p.near);
    assert_true(is_gone(receive_byte(p.near)));
    assert_true(is_gone(port_send(p.near, &SPAN("x"), 1)));
    expect_row(3, PORT_READ | PORT_WRITE); /* still: level-triggered */
    watch(p.near, PORT_READ | PORT_WRITE, 0, 3);
    port_close(p.near);
}

static void sending_to_a_closed_peer_fails_in_the_end(void **unused)
{
    struct pair p = open_pair();
    int sent = 1;

    (void)unused;
    port_close(p.far);
    await(p.near, PORT_READ);
    for (int i = 0; i < 100 && sent > 0; i++)
        sent = port_send(p.near, &SPAN("anybody?"), 1);
    assert_true(is_gone(sent));
    port_close(p.near);
}

static uint8_t pattern_at(uint64_t position)
{
    return (uint8_t)(position * 31 + (position >> 8) * 7 + (position >> 16) * 13);
}

/* Sends until nothing goes any more; returns the new total. */
static uint64_t fill(port_socket s, uint64_t total)
{
    static uint8_t bytes[4096];
    int sent;

    do {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = pattern_at(total + i);
        struct span span = span_of(bytes, sizeof bytes);
        sent = port_send(s, &span, 1);
        assert_true(sent >= 0);
        total += (uint64_t)sent;
    } while (sent > 0);
    return total;
}

/* Reads up to position `to`, checking each byte. */
static void drain(port_socket s, uint64_t from, uint64_t to)
{
    static uint8_t bytes[5000];

    while (from < to) {
        await(s, PORT_READ);
        uint64_t left = to - from;
        int got = port_receive(s, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes);
        assert_true(got > 0);
        for (int i = 0; i < got; i++)
            assert_int_equal(bytes[i], pattern_at(from + (uint64_t)i));
        from += (uint64_t)got;
    }
    assert_int_equal(from, to);
}

static void a_full_socket_waits_for_its_reader(void **unused)
{
    struct pair p = open_pair();
    uint64_t total = fill(p.near, 0);

    (void)unused;
    assert_true(total > 4096);
    watch(p.near, 0, PORT_WRITE, 7);
    /* The kernel may have moved bytes on in the meantime; fill up what became free. */
    for (struct port_event row; poller->wait(state, &row, 1, AWHILE) > 0;)
        total = fill(p.near, total);
    watch(p.near, PORT_WRITE, 0, 7);
    drain(p.far, 0, total / 3);
    uint64_t more = fill(p.near, total);
    drain(p.far, total / 3, more);
    total = more;
    assert_int_equal(receive_byte(p.far), 0);
    watch(p.near, 0, PORT_WRITE, 8);
    expect_row(8, PORT_WRITE);
    watch(p.near, PORT_WRITE, 0, 8);
    drain(p.far, total, fill(p.near, total));
    close_pair(p);
}

/* ---- Waiting -------------------------------------------------------------------------------- */

static void only_the_ready_socket_has_a_row(void **unused)
{
    struct pair p = open_pair();
    struct pair q = open_pair();

    (void)unused;
    watch(p.near, 0, PORT_READ, 1);
    watch(q.near, 0, PORT_READ, UINT64_MAX - 1);
    expect_nothing();
    send_text(q.far, "x");
    expect_row(UINT64_MAX - 1, PORT_READ);
    expect_row(UINT64_MAX - 1, PORT_READ); /* level-triggered: it was not read yet */
    assert_int_equal(receive_byte(q.near), 1);
    expect_nothing();
    watch(p.near, PORT_READ, 0, 1);
    watch(q.near, PORT_READ, 0, 2);
    close_pair(p);
    close_pair(q);
}

static void interest_decides_what_is_reported(void **unused)
{
    struct pair p = open_pair();

    (void)unused;
    send_text(p.far, "x");
    await(p.near, PORT_READ);
    watch(p.near, 0, PORT_WRITE, 1);
    expect_row(1, PORT_WRITE);
    watch(p.near, PORT_WRITE, PORT_READ | PORT_WRITE, 2);
    expect_row(2, PORT_READ | PORT_WRITE);
    watch(p.near, PORT_READ | PORT_WRITE, PORT_READ, 3);
    expect_row(3, PORT_READ);
    watch(p.near, PORT_READ, PORT_READ, 4); /* only another token */
    expect_row(4, PORT_READ);
    watch(p.near, PORT_READ, 0, 4);
    expect_nothing();
    watch(p.near, 0, PORT_READ, 5);
    expect_row(5, PORT_READ);
    watch(p.near, PORT_READ, 0, 5);
    close_pair(p);
}

static void forgotten_sockets_have_no_rows(void **unused)
{
    struct pair p = open_pair();
    struct pair q = open_pair();
    struct port_event rows[ROWS];
    int count = 0;

    (void)unused;
    watch(p.near, 0, PORT_READ, 1);
    watch(q.near, 0, PORT_READ, 2);
    send_text(p.far, "x");
    send_text(q.far, "x");
    for (int i = 0; i < 100 && count < 2; i++)
        count = poller->wait(state, rows, ROWS, SOON);
    assert_int_equal(count, 2);
    /* As if the handler of the first row closed the socket of the second. */
    watch(q.near, PORT_READ, 0, 2);
    close_pair(q);
    expect_row(1, PORT_READ);
    q = open_pair(); /* on a real system with the same numbers */
    expect_row(1, PORT_READ);
    watch(p.near, PORT_READ, 0, 1);
    expect_nothing();
    close_pair(p);
    close_pair(q);
}

static void no_ready_socket_starves(void **unused)
{
    struct pair p[3];
    struct port_event row;
    unsigned seen = 0;

    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        p[i] = open_pair();
        watch(p[i].near, 0, PORT_WRITE, i);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(poller->wait(state, &row, 1, SOON), 1);
        assert_in_range(row.token, 0, 2);
        seen |= 1u << row.token;
    }
    assert_int_equal(seen, 7);
    for (unsigned i = 0; i < 3; i++) {
        watch(p[i].near, PORT_WRITE, 0, i);
        close_pair(p[i]);
    }
}

/* Rows of these pairs, of which each has something to read, in their order. */
static void expect_rows_in_order(unsigned first, unsigned count)
{
    struct port_event rows[ROWS];

    assert_int_equal(poller->wait(state, rows, ROWS, SOON), count);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(rows[i].token, first + i);
}

/* A peer's POST must not be read before the GET that it sent earlier by another connection: sockets
 * that were watched in the order in which they became ready are reported in it. */
static void readiness_is_reported_in_order(void **unused)
{
    struct pair p[4];

    (void)unused;
    for (unsigned i = 0; i < 4; i++) {
        p[i] = open_pair();
        watch(p[i].near, 0, PORT_READ, i);
    }
    send_text(p[1].far, "x");
    expect_row(1, PORT_READ);
    assert_int_equal(receive_byte(p[1].near), 1);
    expect_nothing();
    for (unsigned i = 0; i < 4; i++) {
        send_text(p[i].far, "x");
        await(p[i].near, PORT_READ);
    }
    expect_rows_in_order(0, 4);
    expect_rows_in_order(0, 4);
    watch(p[0].near, PORT_READ, 0, 0);
    expect_rows_in_order(1, 3);
    for (unsigned i = 0; i < 4; i++) {
        watch(p[i].near, i > 0 ? PORT_READ : 0, 0, i);
        close_pair(p[i]);
    }
}

/* Where a round is cut off, the next one goes on behind it. */
static void a_round_cut_off_goes_on(void **unused)
{
    struct pair p[3];
    struct port_event row;

    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        p[i] = open_pair();
        send_text(p[i].far, "x");
        await(p[i].near, PORT_READ);
        watch(p[i].near, 0, PORT_READ, i);
    }
    assert_int_equal(poller->wait(state, &row, 1, SOON), 1);
    assert_int_equal(row.token, 0);
    watch(p[0].near, PORT_READ, 0, 0);
    assert_int_equal(poller->wait(state, &row, 1, SOON), 1);
    assert_int_equal(row.token, 1);
    assert_int_equal(poller->wait(state, &row, 1, SOON), 1);
    assert_int_equal(row.token, 2);
    for (unsigned i = 0; i < 3; i++) {
        watch(p[i].near, i > 0 ? PORT_READ : 0, 0, i);
        close_pair(p[i]);
    }
}

static void those_that_stay_keep_their_tokens(void **unused)
{
    struct pair p[3];

    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        p[i] = open_pair();
        watch(p[i].near, 0, PORT_READ, i);
    }
    watch(p[0].near, PORT_READ, 0, 0);
    send_text(p[2].far, "x");
    expect_row(2, PORT_READ);
    watch(p[2].near, PORT_READ, PORT_READ, 12);
    expect_row(12, PORT_READ);
    watch(p[2].near, PORT_READ, 0, 12);
    send_text(p[1].far, "x");
    expect_row(1, PORT_READ);
    watch(p[1].near, PORT_READ, 0, 1);
    for (unsigned i = 0; i < 3; i++)
        close_pair(p[i]);
}

static void timeouts_are_not_early(void **unused)
{
    static const uint64_t timeouts[] = {0, 1, 1000, 50000, 300000, 999999, 1 * MS, 3 * MS + 1};
    struct pair p = open_pair();
    struct port_event row;

    (void)unused;
    watch(p.near, 0, PORT_READ, 1);
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        uint64_t start = port_clock();
        assert_int_equal(poller->wait(state, &row, 1, timeouts[i]), 0);
        uint64_t took = port_clock() - start;
        assert_in_range(took, timeouts[i], timeouts[i] + 500 * MS);
        start = port_clock();
        port_wait(timeouts[i]);
        took = port_clock() - start;
        assert_in_range(took, timeouts[i], timeouts[i] + 500 * MS);
    }
    watch(p.near, PORT_READ, 0, 1);
    close_pair(p);
}

static void forever_ends_with_an_event(void **unused)
{
    struct pair p = open_pair();
    struct port_event row;

    (void)unused;
    watch(p.near, 0, PORT_READ | PORT_WRITE, 5);
    assert_int_equal(poller->wait(state, &row, 1, PORT_FOREVER), 1);
    assert_int_equal(row.token, 5);
    assert_int_equal(row.ready, PORT_WRITE);
    watch(p.near, PORT_READ | PORT_WRITE, 0, 5);
    close_pair(p);
}

static void limits_are_told(void **unused)
{
    enum { MOST = 5000 };
    static port_socket many[MOST];
    struct port_address any = resolve("127.0.0.1", 0);
    struct port_address where;
    void *big = NULL;
    size_t count = 0;
    int status = STATUS_OK;

    (void)unused;
    if (poller->most() == SIZE_MAX || port_descriptors_raise() < poller->most()) {
        printf("%s is not what limits the sockets here\n", poller->name);
        skip();
    }
    assert_true(poller->most() < MOST);
    assert_int_equal(poller->open(poller->most() + 1, &big), STATUS_LIMIT);
    assert_null(big);
    assert_int_equal(poller->open(poller->most(), &big), STATUS_OK);
    while (status == STATUS_OK && count < MOST) {
        status = port_listen(&any, 1, &many[count], &where);
        if (status != STATUS_OK)
            break;
        status = poller->set(big, many[count++], 0, PORT_READ, 1);
    }
    assert_int_equal(status, STATUS_LIMIT);
    assert_int_equal(poller->wait(big, &(struct port_event){0}, 1, 0), 0);
    poller->close(big);
    for (size_t i = 0; i < count; i++)
        port_close(many[i]);
}

/* What is known of this machine's network is so. */
static void facts_agree_with_the_sockets(void **unused)
{
    struct port_facts facts;
    struct port_address local;
    struct pair p = open_pair();

    (void)unused;
    memset(&facts, 0x5a, sizeof facts);
    port_facts_read(&facts);
    assert_true(facts.cores >= facts.cores_allowed && facts.quota_cores >= 0.0);
    assert_true(facts.governor[0] != '\0' && strlen(facts.governor) < sizeof facts.governor);
    assert_true(facts.backlog_most < 1000000 && facts.ports_waiting < 1000000);
    assert_int_equal(port_socket_local(p.near, &local), STATUS_OK);
    if (facts.ports_last != 0)
        assert_in_range(port_address_port(&local), facts.ports_first, facts.ports_last);
    close_pair(p);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct CMUnitTest tests[] = {
    TEST(addresses_have_texts),
    TEST(addresses_know_loopback),
    TEST(localhost_is_loopback),
    TEST(endless_names_are_none),
    TEST(a_free_port_is_taken_and_told),
    TEST(a_taken_port_is_in_use),
    TEST(a_closed_listener_frees_its_port),
    TEST(a_foreign_address_is_unavailable),
    TEST(accept_tells_none_from_one),
    TEST(a_source_address_is_used),
    TEST(a_refusal_is_reported),
    TEST(a_listener_closed_early_ends_its_queue),
    TEST(v6_listeners_leave_v4_alone),
    TEST(test_0_nodelay_and_other_options),
    TEST(buffers_are_set_before_connecting),
    TEST(nothing_there_is_not_the_end),
    TEST(spans_arrive_in_order),
    TEST(half_a_close_leaves_the_other_half),
    TEST(a_close_with_unread_data_resets),
    TEST(sending_to_a_closed_peer_fails_in_the_end),
    TEST(a_full_socket_waits_for_its_reader),
    TEST(only_the_ready_socket_has_a_row),
    TEST(interest_decides_what_is_reported),
    TEST(forgotten_sockets_have_no_rows),
    TEST(no_ready_socket_starves),
    TEST(readiness_is_reported_in_order),
    TEST(a_round_cut_off_goes_on),
    TEST(those_that_stay_keep_their_tokens),
    TEST(timeouts_are_not_early),
    TEST(forever_ends_with_an_event),
    TEST(limits_are_told),
    TEST(facts_agree_with_the_sockets),
};

static int run(const struct port_poller *p)
{
    poller = p;
    return cmocka_run_group_tests_name(poller->name, tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    if (port_start() != STATUS_OK)
        return 1;
    if (argc == 1)
        return each_poller(run);
    if (port_poller_find(argv[1]) != NULL)
        return run(port_poller_find(argv[1]));
    fprintf(stderr, "no poller %s; there are: %s\n", argv[1], port_poller_names());
    return 1;
}
