/* How replies find the messages of one user: in order or by their ack's id, each message once, and
 * none before it has left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/user/traffic.h"

#define DEPTH            4
#define PAYLOAD_SIZE_MAX 64

static struct loop loop;
static struct trial trial;
static struct target target;
static struct destination destination;
static struct crowd crowd;
static uint64_t starts[DEPTH];
static struct traffic traffic;
static struct traffic_reply reply;

static struct payload text_of(const char *text)
{
    return (struct payload){.text = text, .size = strlen(text)};
}

static int start(enum target_kind kind, bool ack)
{
    trial_reset(&trial, SCENARIO_ROUNDTRIP);
    memset(starts, 0, sizeof starts);
    destination = (struct destination){.target = &target};
    destination.form = (struct message_form){.kind = kind,
                                             .ack = ack,
                                             .plain = text_of("hi"),
                                             .encoded = text_of("hi"),
                                             .event = SPAN("\"message\""),
                                             .reply_event = SPAN("message"),
                                             .nsp = SPAN("/")};
    crowd = (struct crowd){.loop = &loop,
                           .trial = &trial,
                           .destination = &destination,
                           .depth = DEPTH,
                           .last_sequence = UINT64_MAX};
    traffic = (struct traffic){.starts = starts};
    return 0;
}

static int start_tcp(void **state)
{
    (void)state;
    return start(TARGET_TCP, false);
}

static int start_events(void **state)
{
    (void)state;
    return start(TARGET_SIO, false);
}

static int start_acks(void **state)
{
    (void)state;
    return start(TARGET_SIO, true);
}

/* Messages with an identity, or as much of it as fits. */
static void start_named(enum target_kind kind, size_t size, bool picked)
{
    start(kind, false);
    destination.form.plain = destination.form.encoded = (struct payload){.size = size};
    destination.form.picked = picked;
    traffic.sender = payload_choose_sender(5, 3);
}

/* Sends messages, and writes them to their end. */
static void send_all(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        assert_true(traffic_has_room(&traffic, &crowd));
        traffic_send(&traffic, &crowd);
        assert_true(traffic_begin(&traffic, &crowd));
        traffic.out.active = false;
    }
    assert_true(traffic_is_written(&traffic));
    loop.io.now = port_clock();
}

static bool receive(struct span *data)
{
    return traffic_match_raw(&traffic, &crowd, false, data, &reply);
}

/* A message of a WebSocket, or a part of one. */
static bool receive_part(struct span data, bool last)
{
    struct websocket_event part = {.kind = WEBSOCKET_DATA,
                                   .opcode = WS_TEXT,
                                   .ptr = (uint8_t *)(uintptr_t)data.ptr,
                                   .len = data.len,
                                   .message_last = last};
    return traffic_match_part(&traffic, &crowd, false, &part, &reply);
}

/* What message `sequence` of that sender contains. */
static struct span message_of(const struct payload_sender *sender, uint64_t sequence)
{
    static uint8_t bytes[4][PAYLOAD_SIZE_MAX];
    static unsigned next;
    uint8_t *out = bytes[next++ % 4];
    payload_fill(&destination.form.plain, (struct payload_id){sender, sequence}, 0, out,
                 destination.form.plain.size);
    return span_of(out, destination.form.plain.size);
}

static struct span own(uint64_t sequence)
{
    return message_of(&traffic.sender, sequence);
}

static bool receive_packet(enum session_kind kind, uint64_t id, const char *arguments)
{
    struct session_event event = {.kind = kind,
                                  .packet = {.has_id = kind == SESSION_ACK, .id = id}};
    struct json_walk walk;
    assert_int_equal(json_parse(span_text(arguments), &event.data), STATUS_OK);
    walk = json_walk(&event.data);
    json_next(&walk, NULL, &event.packet.name);
    return traffic_match_event(&traffic, &crowd, false, true, &event, &reply);
}

static void expect_counts(uint64_t answered, uint64_t wrong, uint64_t unexpected)
{
    assert_int_equal(trial.tally.answered, answered);
    assert_int_equal(trial.tally.wrong, wrong);
    assert_int_equal(trial.tally.unexpected, unexpected);
    assert_int_equal(crowd.outstanding, traffic.outstanding);
}

static void test_one_receive_brings_several_replies(void **state)
{
    struct span data = SPAN("hihohih");
    (void)state;
    send_all(3);
    assert_true(receive(&data) && reply.sequence == 0 && reply.right);
    assert_true(receive(&data) && reply.sequence == 1 && !reply.right);
    assert_true(receive(&data) && reply.sequence == 2 && reply.right);
    assert_false(receive(&data)); /* the h answers nothing */
    expect_counts(2, 1, 1);
    assert_int_equal(traffic.outstanding, 0);
}

static void test_a_reply_comes_in_pieces(void **state)
{
    struct span first = SPAN("h"), second = SPAN("i");
    (void)state;
    send_all(1);
    assert_false(receive(&first));
    assert_true(receive(&second) && reply.right);
    expect_counts(1, 0, 0);
}

static void test_the_ring_is_full_until_its_oldest_is_answered(void **state)
{
    struct span data = SPAN("hi");
    (void)state;
    send_all(DEPTH);
    assert_false(traffic_has_room(&traffic, &crowd));
    assert_true(receive(&data));
    assert_true(traffic_has_room(&traffic, &crowd));
}

static void test_nothing_answers_what_has_not_left(void **state)
{
    struct span half = SPAN("hi"), queued = SPAN("hi"), sent = SPAN("hi");
    (void)state;
    traffic_send(&traffic, &crowd);
    assert_true(traffic_begin(&traffic, &crowd));
    loop.io.now = port_clock();
    assert_false(receive(&half)); /* it is half written */
    traffic.out.active = false;
    assert_false(traffic_match_raw(&traffic, &crowd, true, &queued, &reply));
    expect_counts(0, 0, 2);
    assert_true(receive(&sent));
    expect_counts(1, 0, 2);
}

static void test_what_was_received_before_the_send_answers_nothing(void **state)
{
    struct span data = SPAN("hi");
    (void)state;
    send_all(1);
    loop.io.now = starts[0] - 1;
    assert_false(receive(&data));
    expect_counts(0, 0, 1);
}

static void test_acks_answer_by_id(void **state)
{
    (void)state;
    send_all(3);
    assert_true(receive_packet(SESSION_ACK, 2, "[\"hi\"]") && reply.sequence == 2 && reply.right);
    assert_true(receive_packet(SESSION_ACK, 0, "[\"ho\"]") && reply.sequence == 0 && !reply.right);
    assert_false(receive_packet(SESSION_ACK, 2, "[\"hi\"]"));
    assert_false(receive_packet(SESSION_ACK, 3, "[\"hi\"]"));
    assert_false(receive_packet(SESSION_EVENT, 0, "[\"message\",\"hi\"]"));
    expect_counts(1, 1, 2);
    assert_int_equal(trial.tally.ignored, 1); /* no event is an ack */
    assert_int_equal(traffic.outstanding, 1);
}

static void test_events_answer_in_order_by_their_name(void **state)
{
    (void)state;
    send_all(2);
    assert_false(receive_packet(SESSION_EVENT, 0, "[\"other\",\"hi\"]"));
    assert_true(receive_packet(SESSION_EVENT, 0, "[\"message\",\"hi\"]") && reply.sequence == 0);
    assert_true(receive_packet(SESSION_EVENT, 0, "[\"message\",\"ho\"]") && reply.sequence == 1);
    assert_int_equal(trial.tally.ignored, 1);
    assert_false(receive_packet(SESSION_EVENT, 0, "[\"message\",\"hi\"]"));
    expect_counts(1, 1, 1);
}

static void test_the_last_message_ends_it(void **state)
{
    (void)state;
    crowd.last_sequence = 1;
    send_all(2);
    assert_true(traffic_asks_ack(&crowd, 1) && !traffic_asks_ack(&crowd, 0));
    assert_true(receive_packet(SESSION_ACK, 1, "[]") && reply.sequence == 1 && reply.right);
    assert_false(receive_packet(SESSION_EVENT, 0, "[\"message\",\"hi\"]"));
    expect_counts(1, 0, 0);
}

/* Whatever its size: it was not asked for, or it does not answer the question under way. */
static void test_a_message_that_comes_twice_answers_once(void **state)
{
    (void)state;
    for (size_t size = 2; size <= 20; size++) {
        start_named(TARGET_WS, size, false);
        send_all(1);
        assert_true(receive_part(own(0), true) && reply.right);
        assert_false(receive_part(own(0), true));
        expect_counts(1, 0, 1);
        send_all(2);
        assert_true(receive_part(own(0), true) && !reply.right);
        assert_true(receive_part(own(1), true) && !reply.right);
        expect_counts(1, 2, 1);
    }
}

static void test_the_reply_to_another_user_is_wrong(void **state)
{
    struct payload_sender other = payload_choose_sender(5, 4);
    struct payload_sender foreign = payload_choose_sender(6, 3);
    (void)state;
    for (size_t size = 2; size <= 20; size++) {
        start_named(TARGET_WS, size, false);
        send_all(3);
        assert_true(receive_part(message_of(&other, 0), true) && !reply.right);
        assert_true(receive_part(message_of(&foreign, 1), true) && !reply.right);
        assert_true(receive_part(own(2), true) && reply.right);
        expect_counts(1, 2, 0);
    }
}

/* Its first part came when nothing was asked: the rest does not make it a reply. */
static void test_a_reply_does_not_begin_before_its_question(void **state)
{
    (void)state;
    start_named(TARGET_WS, 2, false);
    assert_false(receive_part(SPAN("x"), false));
    send_all(1);
    assert_true(receive_part(own(0), true) && !reply.right);
    expect_counts(0, 1, 0);
    assert_false(receive_part(SPAN("x"), false));
    assert_false(receive_part(SPAN("x"), true));
    send_all(1);
    assert_true(receive_part(own(1), true) && reply.right);
    expect_counts(1, 1, 1);
}

/* Where messages differ, an equal reply proves that its message has left, whatever still waits. */
static void test_bytes_that_wait_behind_a_message_are_no_matter(void **state)
{
    struct span data;
    (void)state;
    start_named(TARGET_TCP, 2, false);
    send_all(1);
    data = own(0);
    assert_true(traffic_match_raw(&traffic, &crowd, true, &data, &reply) && reply.right);
    expect_counts(1, 0, 0);
}

static void test_what_is_not_written_has_no_answer(void **state)
{
    (void)state;
    start_named(TARGET_SIO, 2, false);
    destination.form.plain = destination.form.encoded = text_of("hi");
    traffic_send(&traffic, &crowd);
    loop.io.now = port_clock();
    assert_false(receive_packet(SESSION_EVENT, 0, "[\"message\",\"hi\"]"));
    expect_counts(0, 0, 1);
    assert_true(traffic_begin(&traffic, &crowd));
    traffic.out.active = false;
    assert_true(receive_packet(SESSION_EVENT, 0, "[\"message\",\"hi\"]"));
    expect_counts(1, 0, 1);
}

static void expect_picked(uint64_t answered, uint64_t ignored)
{
    expect_counts(answered, 0, 0);
    assert_int_equal(trial.tally.ignored, ignored);
}

static void test_a_picked_reply_finds_its_message(void **state)
{
    struct payload_sender other = traffic.sender;
    (void)state;
    for (size_t size = 16; size <= 64; size += 24) {
        start_named(TARGET_WS, size, true);
        traffic.sent = traffic.written = UINT64_C(1) << 33; /* its digits have begun anew */
        uint64_t first = traffic.sent;
        other = traffic.sender;
        other.user++;
        send_all(3);
        assert_false(receive_part(message_of(&other, first), true));
        assert_true(receive_part(own(first + 2), true) && reply.right);
        assert_int_equal(reply.sequence, first + 2);
        assert_false(receive_part(own(first + 2), true)); /* it is answered */
        assert_false(receive_part(own(first + 3), true)); /* it is not sent */
        assert_false(receive_part(own(first - 1), true));
        assert_false(receive_part(own(first + (UINT64_C(1) << 32)), true)); /* the same digits */
        assert_true(receive_part(own(first), true));
        assert_true(receive_part(own(first + 1), true));
        expect_picked(3, 5);
        assert_false(receive_part(own(first), true));
        expect_picked(3, 6);
    }
}

static void test_what_is_picked_comes_in_pieces(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= 20; cut++) {
        start_named(TARGET_WS, 20, true);
        send_all(2);
        struct span whole = own(1);
        assert_false(receive_part(span_of(whole.ptr, cut), false));
        assert_true(receive_part(span_after(whole, cut), true) && reply.sequence == 1);
        expect_picked(1, 0);
        assert_false(receive_part(span_of(whole.ptr, cut), true)); /* too short, or answered */
        assert_false(receive_part(own(0), false));
        assert_false(receive_part(SPAN("!"), true)); /* too long */
        expect_picked(1, 2);
        assert_int_equal(traffic.outstanding, 1);
    }
}

static void test_a_picked_event_finds_its_message(void **state)
{
    char text[64];
    (void)state;
    start_named(TARGET_SIO, 16, true);
    send_all(2);
    for (uint64_t n = 2; n-- > 0;) {
        snprintf(text, sizeof text, "[\"message\",\"%.16s\"]", (const char *)own(n).ptr);
        assert_true(receive_packet(SESSION_EVENT, 0, text) && reply.sequence == n && reply.right);
        assert_false(receive_packet(SESSION_EVENT, 0, text));
    }
    assert_false(receive_packet(SESSION_EVENT, 0, "[\"message\",\"hi\"]"));
    assert_false(receive_packet(SESSION_EVENT, 0, "[\"message\"]"));
    expect_picked(2, 4);
}

/* Where nothing asked for it, an ack is nothing, not even for a message that is outstanding. */
static void test_an_ack_that_was_not_asked_for(void **state)
{
    (void)state;
    crowd.last_sequence = 1;
    send_all(2);
    assert_false(receive_packet(SESSION_ACK, 0, "[]"));
    expect_counts(0, 0, 1);
    assert_true(receive_packet(SESSION_ACK, 1, "[]") && reply.sequence == 1);
}

static void test_what_is_abandoned_stays_unanswered(void **state)
{
    struct span data = SPAN("hi");
    (void)state;
    send_all(3);
    assert_true(receive(&data));
    traffic_abandon(&traffic, &crowd);
    assert_int_equal(trial.tally.unanswered, 2);
    assert_int_equal(crowd.outstanding, 0);
    assert_true(tally_balanced(&trial.tally));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_receive_brings_several_replies, start_tcp),
        cmocka_unit_test_setup(test_a_reply_comes_in_pieces, start_tcp),
        cmocka_unit_test_setup(test_the_ring_is_full_until_its_oldest_is_answered, start_tcp),
        cmocka_unit_test_setup(test_nothing_answers_what_has_not_left, start_tcp),
        cmocka_unit_test_setup(test_what_was_received_before_the_send_answers_nothing, start_tcp),
        cmocka_unit_test_setup(test_acks_answer_by_id, start_acks),
        cmocka_unit_test_setup(test_events_answer_in_order_by_their_name, start_events),
        cmocka_unit_test_setup(test_the_last_message_ends_it, start_events),
        cmocka_unit_test(test_a_message_that_comes_twice_answers_once),
        cmocka_unit_test(test_the_reply_to_another_user_is_wrong),
        cmocka_unit_test(test_a_reply_does_not_begin_before_its_question),
        cmocka_unit_test(test_bytes_that_wait_behind_a_message_are_no_matter),
        cmocka_unit_test(test_what_is_not_written_has_no_answer),
        cmocka_unit_test(test_a_picked_reply_finds_its_message),
        cmocka_unit_test(test_what_is_picked_comes_in_pieces),
        cmocka_unit_test(test_a_picked_event_finds_its_message),
        cmocka_unit_test_setup(test_an_ack_that_was_not_asked_for, start_events),
        cmocka_unit_test_setup(test_what_is_abandoned_stays_unanswered, start_tcp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
