/* Proves which targets are accepted, how they are named, and how others are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/status.h"
#include "client/options/target.h"

static char error[OPTION_ERROR_BYTES];

static void assert_span(struct span s, const char *expected)
{
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.ptr != NULL ? (const char *)s.ptr : "", expected, s.len);
}

static void test_good(void **state)
{
    static const struct {
        const char *text, *name;
        enum target_kind kind;
        const char *host;
        uint16_t port;
        const char *path, *query;
    } rows[] = {
        {"tcp://127.0.0.1:9001", "", TARGET_TCP, "127.0.0.1", 9001, "", ""},
        {"baseline=tcp://[::1]:1", "baseline", TARGET_TCP, "::1", 1, "", ""},
        {"ws://host", "", TARGET_WS, "host", 80, "/", ""},
        {"ws://host/", "", TARGET_WS, "host", 80, "/", ""},
        {"WS://host:8080/a/b?c=d&e=/?", "", TARGET_WS, "host", 8080, "/a/b?c=d&e=/?", ""},
        {"a.b-c_9=ws://[fe80::1%eth0]:65535/x", "a.b-c_9", TARGET_WS, "fe80::1%eth0", 65535, "/x",
         ""},
        {"ws://host/?name=x", "", TARGET_WS, "host", 80, "/?name=x", ""},
        {"ws://host/a:b@c", "", TARGET_WS, "host", 80, "/a:b@c", ""},
        {"http://localhost:3000", "", TARGET_SIO, "localhost", 3000, "/", ""},
        {"http://h/custom", "", TARGET_SIO, "h", 80, "/custom", ""},
        {"http://h/custom?token=1&eio=2", "", TARGET_SIO, "h", 80, "/custom", "token=1&eio=2"},
        {"http://h?token=a=b", "", TARGET_SIO, "h", 80, "/", "token=a=b"},
        {"http://h/?", "", TARGET_SIO, "h", 80, "/", ""},
        {"n=http://h/n#websocket", "n", TARGET_SIO, "h", 80, "/n", ""},
        {"http://h?q#websocket", "", TARGET_SIO, "h", 80, "/", "q"},
        {"a234567890123456789012345678901=ws://h", "a234567890123456789012345678901", TARGET_WS,
         "h", 80, "/", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct target t;
        memset(&t, 0xff, sizeof t);
        if (target_parse(&t, rows[i].text, error) != STATUS_OK)
            fail_msg("%s", error);
        assert_string_equal(error, "");
        assert_ptr_equal(t.text, rows[i].text);
        assert_string_equal(t.name, rows[i].name);
        assert_int_equal(t.kind, rows[i].kind);
        assert_int_equal(t.transport, TARGET_WEBSOCKET);
        assert_string_equal(t.host, rows[i].host);
        assert_int_equal(t.port, rows[i].port);
        assert_span(t.path, rows[i].path);
        assert_span(t.query, rows[i].query);
        if (rows[i].query[0] == '\0')
            assert_null(t.query.ptr);
    }
}

static void test_transports(void **state)
{
    static const struct {
        const char *text;
        enum target_transport transport;
    } rows[] = {{"http://h/n?q#websocket", TARGET_WEBSOCKET},
                {"http://h/n?q#polling", TARGET_POLLING},
                {"a=http://h/n?q#upgrade", TARGET_UPGRADE}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct target t;
        assert_int_equal(target_parse(&t, rows[i].text, error), STATUS_OK);
        assert_int_equal(t.transport, rows[i].transport);
        assert_span(t.path, "/n");
        assert_span(t.query, "q");
    }
}

#define SCHEME    "expected tcp://, ws:// or http://"
#define PORT      "expected a port 1..65535 behind the host"
#define HOST      "a host is a name, an IPv4 address, or an IPv6 address in brackets"
#define NAME      "a name is 1..31 letters, digits, '_', '.' or '-'"
#define TLS       "TLS is not built in; put a TLS proxy in front"
#define ASCII     "expected printable ASCII without spaces; escape other bytes as %XX"
#define TRANSPORT "expected #websocket, #polling or #upgrade"
#define OWN       "EIO, transport and sid are set by the client"

static void test_bad(void **state)
{
    static const struct {
        const char *text, *cause;
    } rows[] = {
        {"host:80", SCHEME},
        {"127.0.0.1", SCHEME},
        {"ftp://host", SCHEME},
        {"://host", SCHEME},
        {"ws:/host", SCHEME},
        {"a=", SCHEME},
        {"wss://host", TLS},
        {"x=https://host/", TLS},
        {"=ws://host", NAME},
        {"a b=ws://host", ASCII},
        {"a!=ws://host", NAME},
        {"a2345678901234567890123456789012=ws://h", NAME},
        {"ws://", "the host is missing"},
        {"ws:///path", "the host is missing"},
        {"ws://:80", "the host is missing"},
        {"ws://[]:80", "expected an IPv6 address in the brackets"},
        {"ws://[1.2.3.4]:80", "expected an IPv6 address in the brackets"},
        {"ws://[::1", "']' is missing"},
        {"ws://[:!:1]", "expected an IPv6 address in the brackets"},
        {"ws://[::1]80", PORT},
        {"ws://::1", "an IPv6 address goes in brackets"},
        {"ws://fe80::1:80/", "an IPv6 address goes in brackets"},
        {"ws://ho*st", HOST},
        {"ws://a%20b", HOST},
        {"ws://me@host", "a user name is not supported"},
        {"ws://host:", PORT},
        {"ws://host:0", PORT},
        {"ws://host:65536", PORT},
        {"ws://host:-1", PORT},
        {"ws://host:8o", PORT},
        {"ws://host:99999999999999999999", PORT},
        {"tcp://host", "the port is missing: tcp://HOST:PORT"},
        {"tcp://host:1/", "tcp:// has neither path nor query"},
        {"tcp://host:1?a", "tcp:// has neither path nor query"},
        {"tcp://host:1#websocket", "only http:// has a #TRANSPORT"},
        {"ws://host/a#websocket", "only http:// has a #TRANSPORT"},
        {"ws://host?a=b", "a path is missing before the query: write /?"},
        {"tcp://host:1#upgrade", "only http:// has a #TRANSPORT"},
        {"ws://host/a#polling", "only http:// has a #TRANSPORT"},
        {"http://host#", TRANSPORT},
        {"http://host#websocket2", TRANSPORT},
        {"http://host#Polling", TRANSPORT},
        {"http://host#polling#upgrade", TRANSPORT},
        {"http://host/a,b", "a namespace has no comma"},
        {"http://host/?EIO=4", OWN},
        {"http://host/?a=b&transport=polling", OWN},
        {"http://host/?a&sid", OWN},
        {"ws://host/a b", ASCII},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char expected[OPTION_ERROR_BYTES] = "target ";
        struct target t;
        strcat(strcat(strcat(expected, rows[i].text), ": "), rows[i].cause);
        assert_int_equal(target_parse(&t, rows[i].text, error), STATUS_INVALID);
        assert_string_equal(error, expected);
    }
}

static void test_bad_bytes(void **state)
{
    struct target t;
    (void)state;
    assert_int_equal(target_parse(&t, "ws://h/\x1b[2J", error), STATUS_INVALID);
    assert_string_equal(error, "target ws://h/?[2J: " ASCII);
    assert_int_equal(target_parse(&t, "ws://h\xc3\xa9", error), STATUS_INVALID);
    assert_string_equal(error, "target ws://h??: " ASCII);
    assert_int_equal(target_parse(&t, "ws://h/\x7f", error), STATUS_INVALID);
    assert_int_equal(target_parse(&t, "ws://h/\r\nX: y", error), STATUS_INVALID);
    assert_int_equal(target_parse(&t, "", error), STATUS_INVALID);
    assert_string_equal(error, "target \"\": " SCHEME);
}

static void test_lengths(void **state)
{
    static char text[TARGET_URL_MAX + 2];
    struct target t;
    (void)state;
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "ws://h/", 7);
    assert_int_equal(target_parse(&t, text, error), STATUS_INVALID);
    assert_non_null(strstr(error, "...: longer than 1024 bytes"));
    text[TARGET_URL_MAX] = '\0';
    assert_int_equal(target_parse(&t, text, error), STATUS_OK);
    assert_int_equal(t.path.len, TARGET_URL_MAX - 6);

    memcpy(text, "ws://aa", 7);
    text[5 + TARGET_HOST_BYTES] = '\0';
    assert_int_equal(target_parse(&t, text, error), STATUS_INVALID);
    assert_non_null(strstr(error, "...: the host is longer than 255 bytes"));
    text[5 + TARGET_HOST_BYTES - 1] = '\0';
    assert_int_equal(target_parse(&t, text, error), STATUS_OK);
    assert_int_equal(strlen(t.host), TARGET_HOST_BYTES - 1);
}

static struct target_list list;

static void test_names(void **state)
{
    static const char *const texts[] = {"ws://a",       "ws://b",   "tcp://c:1",    "tcp://d:1",
                                        "ws2=http://e", "http://f", "tcp=http://g", "ws://h"};
    static const char *const names[] = {"ws", "ws3", "tcp2", "tcp3", "ws2", "sio", "tcp", "ws4"};
    (void)state;
    assert_int_equal(target_list_parse(&list, texts, 8, error), STATUS_OK);
    assert_int_equal(list.count, 8);
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(list.item[i].name, names[i]);
}

static void test_connections_of_a_user(void **state)
{
    struct target target;
    (void)state;
    assert_int_equal(target_parse(&target, "tcp://h:1", error), STATUS_OK);
    assert_int_equal(target_connections(&target), 1);
    assert_int_equal(target_parse(&target, "http://h", error), STATUS_OK);
    assert_int_equal(target_connections(&target), 1);
    assert_int_equal(target_parse(&target, "http://h#polling", error), STATUS_OK);
    assert_int_equal(target_connections(&target), 2);
    assert_int_equal(target_parse(&target, "http://h#upgrade", error), STATUS_OK);
    assert_int_equal(target_connections(&target), 3);
}

static void test_names_of_transports(void **state)
{
    static const char *const texts[] = {"http://a#upgrade", "http://b#upgrade", "http://c#polling",
                                        "sio-polling=http://d", "http://e#websocket"};
    static const char *const names[] = {"sio-upgrade", "sio-upgrade2", "sio-polling2",
                                        "sio-polling", "sio"};
    (void)state;
    assert_int_equal(target_list_parse(&list, texts, 5, error), STATUS_OK);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(list.item[i].name, names[i]);
}

static void test_list_refusals(void **state)
{
    static const char *const twice[] = {"a=ws://a", "b=ws://b", "a=tcp://c:1"};
    static const char *const wrong[] = {"ws://a", "ws://b:x"};
    const char *many[TARGETS_MAX + 1];
    (void)state;
    assert_int_equal(target_list_parse(&list, twice, 3, error), STATUS_INVALID);
    assert_string_equal(error, "target a=tcp://c:1: another target has the same name");
    assert_int_equal(target_list_parse(&list, wrong, 2, error), STATUS_INVALID);
    assert_string_equal(error, "target ws://b:x: " PORT);
    for (size_t i = 0; i < TARGETS_MAX + 1; i++)
        many[i] = "ws://a";
    assert_int_equal(target_list_parse(&list, many, TARGETS_MAX, error), STATUS_OK);
    assert_int_equal(target_list_parse(&list, many, TARGETS_MAX + 1, error), STATUS_INVALID);
    assert_string_equal(error, "target ws://a: too many targets, expected at most 8");
    assert_int_equal(target_list_parse(&list, many, 0, error), STATUS_OK);
    assert_int_equal(list.count, 0);
}

static void test_authority(void **state)
{
    static const struct {
        const char *text, *authority;
    } rows[] = {
        {"ws://host/x", "host"},      {"ws://host:8080", "host:8080"},
        {"http://[::1]:80", "[::1]"}, {"http://[::1]:81", "[::1]:81"},
        {"tcp://host:80", "host:80"}, {"tcp://[::2]:9", "[::2]:9"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char memory[TARGET_HOST_BYTES + 8];
        struct buf out = buf_over(memory, sizeof memory);
        struct target t;
        assert_int_equal(target_parse(&t, rows[i].text, error), STATUS_OK);
        target_put_authority(&t, &out);
        assert_span(buf_span(&out), rows[i].authority);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_transports),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_bad_bytes),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_connections_of_a_user),
        cmocka_unit_test(test_names_of_transports),
        cmocka_unit_test(test_list_refusals),
        cmocka_unit_test(test_authority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
