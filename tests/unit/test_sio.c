/* Proves that Socket.IO packets are read and written as tests/PROTOCOLS.md section 2 says, at every
 * cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/sio.h"
#include "base/config.h"
#include "base/status.h"
#include "guard.h"

#define SERVER 1
#define CLIENT 2
#define BOTH   (SERVER | CLIENT)

/* Accepted texts: everything that is read from them. NULL stands for absent. */
static const struct {
    const char *text;
    unsigned roles;
    enum sio_type type;
    unsigned attachments;
    const char *nsp;
    const char *id;
    const char *data;
    const char *name;
    const char *args;
} packets[] = {
    {"0", BOTH, SIO_CONNECT, 0, "/", NULL, NULL, NULL, NULL},
    {"0{}", BOTH, SIO_CONNECT, 0, "/", NULL, "{}", NULL, NULL},
    {"0{\"sid\":\"x\"}", BOTH, SIO_CONNECT, 0, "/", NULL, "{\"sid\":\"x\"}", NULL, NULL},
    {"0/custom", BOTH, SIO_CONNECT, 0, "/custom", NULL, NULL, NULL, NULL},
    {"0/custom,", BOTH, SIO_CONNECT, 0, "/custom", NULL, NULL, NULL, NULL},
    {"0/,", BOTH, SIO_CONNECT, 0, "/", NULL, NULL, NULL, NULL},
    {"0/a?b=c,{\"t\":1}", BOTH, SIO_CONNECT, 0, "/a?b=c", NULL, "{\"t\":1}", NULL, NULL},
    {"07", BOTH, SIO_CONNECT, 0, "/", "7", NULL, NULL, NULL},
    {"1", BOTH, SIO_DISCONNECT, 0, "/", NULL, NULL, NULL, NULL},
    {"1/custom", BOTH, SIO_DISCONNECT, 0, "/custom", NULL, NULL, NULL, NULL},
    {"1/custom,", BOTH, SIO_DISCONNECT, 0, "/custom", NULL, NULL, NULL, NULL},
    {"1/x,{\"message\":1}", CLIENT, SIO_DISCONNECT, 0, "/x", NULL, "{\"message\":1}", NULL, NULL},
    {"2", BOTH, SIO_EVENT, 0, "/", NULL, NULL, NULL, NULL},
    {"27", BOTH, SIO_EVENT, 0, "/", "7", NULL, NULL, NULL},
    {"2[\"a\"]", BOTH, SIO_EVENT, 0, "/", NULL, "[\"a\"]", "\"a\"", NULL},
    {"2[\"message\",\"hi\"]", BOTH, SIO_EVENT, 0, "/", NULL, "[\"message\",\"hi\"]", "\"message\"",
     "\"hi\""},
    {"2/n,12[\"a\",1,[2]]", BOTH, SIO_EVENT, 0, "/n", "12", "[\"a\",1,[2]]", "\"a\"", "1,[2]"},
    {"2 [ \"a\" , 1 , {} ] ", BOTH, SIO_EVENT, 0, "/", NULL, "[ \"a\" , 1 , {} ]", "\"a\"",
     "1 , {}"},
    {"2[5,null]", BOTH, SIO_EVENT, 0, "/", NULL, "[5,null]", "5", "null"},
    {"2[\"\"]", BOTH, SIO_EVENT, 0, "/", NULL, "[\"\"]", "\"\"", NULL},
    {"2[\"connected\"]", BOTH, SIO_EVENT, 0, "/", NULL, "[\"connected\"]", "\"connected\"", NULL},
    {"2[\"a,]\",\"],\"]", BOTH, SIO_EVENT, 0, "/", NULL, "[\"a,]\",\"],\"]", "\"a,]\"", "\"],\""},
    {"2007[\"a\"]", BOTH, SIO_EVENT, 0, "/", "7", "[\"a\"]", "\"a\"", NULL},
    {"218446744073709551615[\"a\"]", BOTH, SIO_EVENT, 0, "/", "18446744073709551615", "[\"a\"]",
     "\"a\"", NULL},
    {"2[\"a\",{\"_placeholder\":true,\"num\":9}]", BOTH, SIO_EVENT, 0, "/", NULL,
     "[\"a\",{\"_placeholder\":true,\"num\":9}]", "\"a\"", "{\"_placeholder\":true,\"num\":9}"},
    {"3", BOTH, SIO_ACK, 0, "/", NULL, NULL, NULL, NULL},
    {"30[]", BOTH, SIO_ACK, 0, "/", "0", "[]", NULL, NULL},
    {"30[ ]", BOTH, SIO_ACK, 0, "/", "0", "[ ]", NULL, NULL},
    {"3/n,5[1,\"b\"]", BOTH, SIO_ACK, 0, "/n", "5", "[1,\"b\"]", NULL, "1,\"b\""},
    {"31[\"connect\"]", BOTH, SIO_ACK, 0, "/", "1", "[\"connect\"]", NULL, "\"connect\""},
    {"4{\"message\":\"no\"}", CLIENT, SIO_CONNECT_ERROR, 0, "/", NULL, "{\"message\":\"no\"}", NULL,
     NULL},
    {"4/n,\"Unable to connect\"", CLIENT, SIO_CONNECT_ERROR, 0, "/n", NULL, "\"Unable to connect\"",
     NULL, NULL},
    {"51-[\"a\",{\"_placeholder\":true,\"num\":0}]", BOTH, SIO_BINARY_EVENT, 1, "/", NULL,
     "[\"a\",{\"_placeholder\":true,\"num\":0}]", "\"a\"", "{\"_placeholder\":true,\"num\":0}"},
    {"52-/n,3[\"a\",{\"num\":1,\"_placeholder\":true}]", BOTH, SIO_BINARY_EVENT, 2, "/n", "3",
     "[\"a\",{\"num\":1,\"_placeholder\":true}]", "\"a\"", "{\"num\":1,\"_placeholder\":true}"},
    {"510-[\"a\"]", BOTH, SIO_BINARY_EVENT, 10, "/", NULL, "[\"a\"]", "\"a\"", NULL},
    {"51-", BOTH, SIO_BINARY_EVENT, 1, "/", NULL, NULL, NULL, NULL},
    {"51-[\"a\",{\"_placeholder\":false,\"num\":7},{\"num\":-1},{\"_placeholder\":1}]", BOTH,
     SIO_BINARY_EVENT, 1, "/", NULL,
     "[\"a\",{\"_placeholder\":false,\"num\":7},{\"num\":-1},{\"_placeholder\":1}]", "\"a\"",
     "{\"_placeholder\":false,\"num\":7},{\"num\":-1},{\"_placeholder\":1}"},
    {"51-[\"a\",{\"_placeholder\":[true],\"num\":5}]", BOTH, SIO_BINARY_EVENT, 1, "/", NULL,
     "[\"a\",{\"_placeholder\":[true],\"num\":5}]", "\"a\"", "{\"_placeholder\":[true],\"num\":5}"},
    {"61-4[{\"_placeholder\":true,\"num\":0}]", BOTH, SIO_BINARY_ACK, 1, "/", "4",
     "[{\"_placeholder\":true,\"num\":0}]", NULL, "{\"_placeholder\":true,\"num\":0}"},
    {"6001-[]", BOTH, SIO_BINARY_ACK, 1, "/", NULL, "[]", NULL, NULL},
};

/* Refused texts, by role where it matters. */
static const struct {
    const char *text;
    unsigned roles;
    int status;
} refused[] = {
    {"", BOTH, STATUS_SIO_PACKET},
    {"7", BOTH, STATUS_SIO_PACKET},
    {"9[\"a\"]", BOTH, STATUS_SIO_PACKET},
    {"a", BOTH, STATUS_SIO_PACKET},
    {"[\"a\"]", BOTH, STATUS_SIO_PACKET},
    {" 2[\"a\"]", BOTH, STATUS_SIO_PACKET},
    /* the kind of data */
    {"0[]", BOTH, STATUS_SIO_PACKET},
    {"0\"x\"", BOTH, STATUS_SIO_PACKET},
    {"0null", BOTH, STATUS_SIO_PACKET},
    {"0true", BOTH, STATUS_SIO_PACKET},
    {"1{}", SERVER, STATUS_SIO_PACKET},
    {"1/n,[]", SERVER, STATUS_SIO_PACKET},
    {"2{}", BOTH, STATUS_SIO_PACKET},
    {"2\"a\"", BOTH, STATUS_SIO_PACKET},
    {"2null", BOTH, STATUS_SIO_PACKET},
    {"2[]", BOTH, STATUS_SIO_PACKET},
    {"2[[\"a\"]]", BOTH, STATUS_SIO_PACKET},
    {"2[{}]", BOTH, STATUS_SIO_PACKET},
    {"2[null]", BOTH, STATUS_SIO_PACKET},
    {"2[true,1]", BOTH, STATUS_SIO_PACKET},
    {"3{}", BOTH, STATUS_SIO_PACKET},
    {"30\"x\"", BOTH, STATUS_SIO_PACKET},
    {"4{\"message\":\"no\"}", SERVER, STATUS_SIO_PACKET},
    {"4", BOTH, STATUS_SIO_PACKET},
    {"4[]", BOTH, STATUS_SIO_PACKET},
    {"4null", BOTH, STATUS_SIO_PACKET},
    /* reserved names */
    {"2[\"connect\"]", BOTH, STATUS_SIO_PACKET},
    {"2[\"connect_error\"]", BOTH, STATUS_SIO_PACKET},
    {"2[\"disconnect\",1]", BOTH, STATUS_SIO_PACKET},
    {"2[\"disconnecting\"]", BOTH, STATUS_SIO_PACKET},
    {"2[\"newListener\"]", BOTH, STATUS_SIO_PACKET},
    {"2[\"removeListener\"]", BOTH, STATUS_SIO_PACKET},
    {"2[\"c\\u006fnnect\"]", BOTH, STATUS_SIO_PACKET},
    {"51-[\"connect\"]", BOTH, STATUS_SIO_PACKET},
    /* attachments */
    {"5[\"a\"]", BOTH, STATUS_SIO_PACKET},
    {"5-[\"a\"]", BOTH, STATUS_SIO_PACKET},
    {"51", BOTH, STATUS_SIO_PACKET},
    {"51[\"a\"]", BOTH, STATUS_SIO_PACKET},
    {"5x-[\"a\"]", BOTH, STATUS_SIO_PACKET},
    {"5-1-[\"a\"]", BOTH, STATUS_SIO_PACKET},
    {"6/n,1-[]", BOTH, STATUS_SIO_PACKET},
    {"50-[\"a\"]", BOTH, STATUS_SIO_ATTACHMENT},
    {"511-[\"a\"]", BOTH, STATUS_SIO_ATTACHMENT},
    {"599999999999999999999-[\"a\"]", BOTH, STATUS_SIO_ATTACHMENT},
    {"21-[\"a\"]", BOTH, STATUS_JSON_SYNTAX},
    {"51-[\"a\",{\"_placeholder\":true,\"num\":1}]", BOTH, STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",{\"_placeholder\":true,\"num\":-1}]", BOTH, STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",{\"_placeholder\":true,\"num\":0.5}]", BOTH, STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]", BOTH, STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",{\"_placeholder\":true,\"num\":[0]}]", BOTH, STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",{\"_placeholder\":true}]", BOTH, STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true}]", BOTH,
     STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",{\"num\":1,\"_placeholder\":true}]", BOTH, STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",{\"_pl\\u0061ceholder\":true,\"num\":1}]", BOTH, STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",{\"_placeholder\":true,\"num\":0,\"num\":1}]", BOTH, STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",[1,{\"b\":[{\"_placeholder\":true,\"num\":2}]},3]]", BOTH, STATUS_SIO_ATTACHMENT},
    {"51-[\"a\",{\"_placeholder\":true,\"x\":{\"num\":0}}]", BOTH, STATUS_SIO_ATTACHMENT},
    {"61-1[{\"_placeholder\":true,\"num\":1}]", BOTH, STATUS_SIO_ATTACHMENT},
    /* header and JSON */
    {"218446744073709551616[\"a\"]", BOTH, STATUS_SIO_PACKET},
    {"2-1[\"a\"]", BOTH, STATUS_JSON_SYNTAX},
    {"2[\"a\"", BOTH, STATUS_JSON_SYNTAX},
    {"2[\"a\"]x", BOTH, STATUS_JSON_SYNTAX},
    {"2[\"a\"]2[\"b\"]", BOTH, STATUS_JSON_SYNTAX},
    {"2[a]", BOTH, STATUS_JSON_SYNTAX},
    {"2 ", BOTH, STATUS_JSON_SYNTAX},
    {"2n,[\"a\"]", BOTH, STATUS_JSON_SYNTAX},
    {"0{\"a\":}", BOTH, STATUS_JSON_SYNTAX},
    {"1x", BOTH, STATUS_JSON_SYNTAX},
};

static bool same(struct span s, const char *text)
{
    return text ? span_equal_text(s, text) : s.len == 0 && !s.ptr;
}

static void accept_one(size_t i, bool server)
{
    struct sio_packet p;
    struct span text = guard_copy(span_text(packets[i].text));
    memset(&p, 1, sizeof p);
    int result = sio_packet_parse(text, server, &p);
    char id[24] = "";
    struct buf digits = buf_over(id, sizeof id - 1);
    if (p.has_id) {
        buf_put_u64(&digits, p.id);
    }
    if (result != (int)text.len || p.type != packets[i].type || !same(p.nsp, packets[i].nsp) ||
        p.attachments != packets[i].attachments || p.has_id != (packets[i].id != NULL) ||
        strcmp(id, p.has_id ? packets[i].id : "") != 0) {
        fail_msg("%s as %s: %d", packets[i].text, server ? "server" : "client", result);
    }
    if (!same(p.data.text, packets[i].data) || !same(p.name.text, packets[i].name) ||
        !same(p.args, packets[i].args)) {
        fail_msg("%s: data '%.*s', args '%.*s'", packets[i].text, (int)p.data.text.len,
                 (const char *)p.data.text.ptr, (int)p.args.len, (const char *)p.args.ptr);
    }
    assert_int_equal(p.data.type == JSON_NONE, !packets[i].data);
    assert_int_equal(p.name.type == JSON_NONE, !packets[i].name);
}

static void test_2_1_packets_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        if (packets[i].roles & SERVER) {
            accept_one(i, true);
        }
        if (packets[i].roles & CLIENT) {
            accept_one(i, false);
        }
    }
}

static void refuse_one(size_t i, bool server)
{
    static const struct sio_packet zero;
    struct sio_packet p;
    memset(&p, 1, sizeof p);
    int status = sio_packet_parse(guard_copy(span_text(refused[i].text)), server, &p);
    if (status != refused[i].status) {
        fail_msg("%s as %s: %d, not %d", refused[i].text, server ? "server" : "client", status,
                 refused[i].status);
    }
    assert_memory_equal(&p, &zero, sizeof p);
}

static void test_2_1_bad_packets_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (refused[i].roles & SERVER) {
            refuse_one(i, true);
        }
        if (refused[i].roles & CLIENT) {
            refuse_one(i, false);
        }
    }
}

/* Cut anywhere, a packet is another packet or none; nothing behind the cut is read. */
static void test_2_1_cut_packets_do_no_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        struct span text = span_text(packets[i].text);
        for (size_t len = 0; len <= text.len; len++) {
            struct sio_packet p;
            struct span part = guard_copy(span_of(text.ptr, len));
            int result = sio_packet_parse(part, true, &p);
            assert_true(result < 0 || result == (int)len);
            if (result > 0 && p.data.text.len > 0) {
                assert_in_range(p.data.text.ptr + p.data.text.len, part.ptr, part.ptr + len);
            }
        }
    }
}

static void put_nested(struct buf *out, size_t depth, const char *inner)
{
    buf_put_text(out, "51-[\"a\",");
    for (size_t i = 0; i < depth; i++) {
        buf_put_text(out, "[");
    }
    buf_put_text(out, inner);
    for (size_t i = 0; i < depth; i++) {
        buf_put_text(out, "]");
    }
    buf_put_text(out, "]");
}

static void test_2_2_placeholders_are_found_at_the_limit_of_depth(void **state)
{
    (void)state;
    static const struct {
        size_t depth;
        const char *inner;
        int status; /* 0: accepted */
    } cases[] = {
        {JSON_DEPTH_MAX - 2, "{\"_placeholder\":true,\"num\":0}", 0},
        {JSON_DEPTH_MAX - 2, "{\"_placeholder\":true,\"num\":1}", STATUS_SIO_ATTACHMENT},
        {JSON_DEPTH_MAX - 1, "{\"_placeholder\":true,\"num\":0}", STATUS_JSON_DEPTH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char room[2 * JSON_DEPTH_MAX + 128];
        struct buf out = buf_over(room, sizeof room);
        struct sio_packet p;
        put_nested(&out, cases[i].depth, cases[i].inner);
        assert_false(out.full);
        int result = sio_packet_parse(buf_span(&out), true, &p);
        assert_int_equal(result, cases[i].status ? cases[i].status : (int)out.len);
    }
}

static void test_2_1_heads_are_written(void **state)
{
    (void)state;
    static const struct {
        enum sio_type type;
        unsigned attachments;
        const char *nsp;
        bool has_id;
        uint64_t id;
        const char *text;
    } cases[] = {
        {SIO_CONNECT, 0, "/", false, 0, "40"},
        {SIO_CONNECT, 0, "", false, 9, "40"},
        {SIO_CONNECT, 0, "/nsp", false, 0, "40/nsp,"},
        {SIO_DISCONNECT, 0, "/nsp", false, 0, "41/nsp,"},
        {SIO_EVENT, 0, "/", false, 0, "42"},
        {SIO_EVENT, 0, "/", true, 0, "420"},
        {SIO_ACK, 0, "/n", true, UINT64_MAX, "43/n,18446744073709551615"},
        {SIO_CONNECT_ERROR, 0, "/x", false, 0, "44/x,"},
        {SIO_BINARY_EVENT, 1, "/nsp", true, 17, "451-/nsp,17"},
        {SIO_BINARY_ACK, 10, "/", true, 1, "4610-1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t full = strlen(cases[i].text) + 1;
        for (size_t cap = 1; cap <= full; cap++) {
            struct buf out = {.ptr = guard_room(cap), .cap = cap, .len = 1};
            sio_head_put(&out, cases[i].type, cases[i].attachments, span_text(cases[i].nsp),
                         cases[i].has_id, cases[i].id);
            assert_int_equal(out.full, cap < full);
            assert_int_equal(out.len, cap < full ? 1 : full);
            if (cap == full) {
                assert_true(span_equal_text(span_after(buf_span(&out), 1), cases[i].text));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_2_1_packets_are_read),
        cmocka_unit_test(test_2_1_bad_packets_are_refused),
        cmocka_unit_test(test_2_1_cut_packets_do_no_harm),
        cmocka_unit_test(test_2_2_placeholders_are_found_at_the_limit_of_depth),
        cmocka_unit_test(test_2_1_heads_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
