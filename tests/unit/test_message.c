/* Proves messages as they stand in the body of a POST. The end-to-end tests prove how they are
 * framed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/base64.h"
#include "client/user/message.h"

#define BODY_BYTES 200000

static const struct payload_sender sender = {.user = 3, .start = 1000, .step = 77};
static uint8_t body[BODY_BYTES];
static uint8_t window[MESSAGE_ROOM_MIN + 3000];

static struct message_form form_of(const char *text, size_t size, bool binary)
{
    struct payload payload = {text, size, binary};
    return (struct message_form){.kind = TARGET_SIO,
                                 .binary = binary,
                                 .plain = payload,
                                 .encoded = payload,
                                 .nsp = SPAN("/"),
                                 .event = SPAN("\"message\"")};
}

/* Puts it through an output of `room` bytes, which is emptied whenever it is full. */
static size_t put_all(const struct message_form *form, uint64_t sequence, bool ack, size_t room)
{
    struct message_out m;
    size_t len = 0;
    bool whole = false;
    message_begin(&m, form, (struct payload_id){&sender, sequence}, ack);
    for (int calls = 0; !whole; calls++) {
        struct buf out = buf_over(window, room);
        whole = message_put_joined(&m, form, &out);
        assert_false(out.full);
        assert_true(calls < 1000 && len + out.len <= sizeof body);
        memcpy(body + len, window, out.len);
        len += out.len;
    }
    assert_false(m.active);
    return len;
}

static void assert_body(size_t len, const char *expected)
{
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(body, expected, len);
}

static void test_text(void **state)
{
    struct message_form form = form_of("hi", 2, false);
    (void)state;
    assert_body(put_all(&form, 0, false, sizeof window), "42[\"message\",\"hi\"]");
    assert_body(put_all(&form, 12, true, sizeof window), "4212[\"message\",\"hi\"]");
    form.nsp = SPAN("/ns");
    assert_body(put_all(&form, 0, false, sizeof window), "42/ns,[\"message\",\"hi\"]");
    assert_int_equal(message_joined_packets(&form), 1);
}

static void test_binary(void **state)
{
    struct message_form form = form_of("hi", 2, true);
    (void)state;
    assert_body(put_all(&form, 0, false, sizeof window),
                "451-[\"message\",{\"_placeholder\":true,\"num\":0}]\x1e"
                "baGk=");
    assert_int_equal(message_joined_packets(&form), 2);
}

static void test_pieces(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 383, 384, 385, 1000, 50000};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
        size_t size = sizes[i / 2];
        struct message_form form = form_of(NULL, size, i % 2 == 1);
        size_t length = message_joined_length(&form, 7, true);
        for (size_t room = MESSAGE_ROOM_MIN; room <= sizeof window; room += 499)
            assert_int_equal(put_all(&form, 7, true, room), length);
        static uint8_t plain[50000];
        static uint8_t expected[100000];
        struct buf want = buf_over(expected, sizeof expected);
        payload_fill(&form.plain, (struct payload_id){&sender, 7}, 0, plain, size);
        if (form.binary)
            base64_put(&want, span_of(plain, size));
        else
            buf_put(&want, plain, size);
        if (!form.binary)
            buf_put_text(&want, "\"]");
        assert_memory_equal(body + length - want.len, want.ptr, want.len);
    }
}

/* Nothing is begun where there is too little room. */
static void test_no_room(void **state)
{
    struct message_form form = form_of("hi", 2, false);
    struct message_out m;
    struct buf out = buf_over(window, MESSAGE_ROOM_MIN - 1);
    (void)state;
    message_begin(&m, &form, (struct payload_id){&sender, 0}, false);
    assert_false(message_put_joined(&m, &form, &out));
    assert_int_equal(out.len, 0);
    assert_true(m.active);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
