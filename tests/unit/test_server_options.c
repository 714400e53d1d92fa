/* Proves that the server's command line is stored, completed by defaults, and refused as its help
 * says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/config.h"
#include "base/status.h"
#include "server/server_options.h"

#define WORDS 32

static struct server_options options;
static char error[OPTION_ERROR_BYTES];
static char line_copy[2048];

/* Words are separated by '|'. */
static int parse(const char *line)
{
    char *argv[WORDS] = {line_copy};
    int argc = 1;
    strcpy(line_copy, line);
    for (char *word = strtok(line_copy, "|"); word != NULL; word = strtok(NULL, "|"))
        argv[argc++] = word;
    memset(&options, 0xff, sizeof options);
    return server_options_parse(&options, argc, argv, error);
}

static void assert_good(const char *line)
{
    if (parse(line) != STATUS_OK)
        fail_msg("%s: refused: %s", line, error);
    assert_string_equal(error, "");
}

static void test_defaults(void **state)
{
    (void)state;
    assert_good("");
    assert_string_equal(options.bind, "127.0.0.1");
    assert_int_equal(options.port, 9000);
    assert_int_equal(options.tcp_port, 9001);
    assert_int_equal(options.app, SERVER_APP_ECHO);
    assert_int_equal(options.namespaces.count, 1);
    assert_string_equal(options.namespaces.item[0], "/custom");
    assert_int_equal(options.origins.count, 0);
    assert_int_equal(options.ping_interval_ms, PING_INTERVAL_DEFAULT);
    assert_int_equal(options.ping_timeout_ms, PING_TIMEOUT_DEFAULT);
    assert_int_equal(options.connect_timeout_ms, CONNECT_TIMEOUT_DEFAULT);
    assert_int_equal(options.handshake_timeout_ms, HANDSHAKE_TIMEOUT_DEFAULT);
    assert_int_equal(options.idle_timeout_ms, IDLE_TIMEOUT_DEFAULT);
    assert_int_equal(options.max_message, MESSAGE_LIMIT_DEFAULT);
    assert_int_equal(options.max_clients, CLIENTS_LIMIT_DEFAULT);
    assert_int_equal(options.max_head, HEAD_LIMIT_DEFAULT);
    assert_int_equal(options.socket_buffer, 0);
    assert_int_equal(options.cpu, SERVER_OPTION_UNSET);
    assert_null(options.poller);
    assert_false(options.busy_poll || options.json || options.quiet || options.help ||
                 options.version);
}

static void test_every_option_is_stored(void **state)
{
    (void)state;
    assert_good("--bind|::|--port|0|--tcp-port|0|--app|echo|--namespace|/a|--namespace|/b|"
                "--origin|http://x:1|--origin|*|--ping-interval|300|--ping-timeout|200ms");
    assert_string_equal(options.bind, "::");
    assert_int_equal(options.port, 0);
    assert_int_equal(options.tcp_port, 0);
    assert_int_equal(options.namespaces.count, 2);
    assert_string_equal(options.namespaces.item[0], "/a");
    assert_string_equal(options.namespaces.item[1], "/b");
    assert_int_equal(options.origins.count, 2);
    assert_string_equal(options.origins.item[0], "http://x:1");
    assert_int_equal(options.ping_interval_ms, 300);
    assert_int_equal(options.ping_timeout_ms, 200);
    assert_good("--connect-timeout|1s|--handshake-timeout|11|--idle-timeout|12|--max-message|16M|"
                "--max-clients|65536|--max-head|64K|--socket-buffer|4096|--poller|select|"
                "--busy-poll|--cpu|0|--json|--quiet");
    assert_int_equal(options.connect_timeout_ms, 1000);
    assert_int_equal(options.handshake_timeout_ms, 11);
    assert_int_equal(options.idle_timeout_ms, 12);
    assert_int_equal(options.max_message, MESSAGE_LIMIT_MAX);
    assert_int_equal(options.max_clients, 65536);
    assert_int_equal(options.max_head, 65536);
    assert_int_equal(options.socket_buffer, 4096);
    assert_string_equal(options.poller, "select");
    assert_true(options.busy_poll && options.json && options.quiet);
    assert_int_equal(options.cpu, 0);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *line, *error;
    } rows[] = {
        {"--port|65536", "--port 65536: expected 0..65535"},
        {"--port|-1", "--port -1: expected 0..65535"},
        {"--port|http", "--port http: expected 0..65535"},
        {"--port", "--port: a value is missing; expected 0..65535"},
        {"--tcp-port|9000", "--tcp-port: expected another port than --port"},
        {"--app|chat", "--app chat: expected echo or conformance"},
        {"--prot|1", "unknown option --prot; did you mean --port?"},
        {"ws://h", "unexpected argument ws://h: see --help"},
        {"--namespace|chat",
         "--namespace chat: expected / and printable ASCII without ',' and '?'"},
        {"--namespace|/", "--namespace /: / is served anyway"},
        {"--namespace|/a,b",
         "--namespace /a,b: expected / and printable ASCII without ',' and '?'"},
        {"--namespace|/a|--namespace|/b|--namespace|/a", "--namespace /a: given twice"},
        {"--namespace|/a23456789012345678901234567890123456789012345678901234567890123",
         "--namespace /a23456789012345678901234567890123456789012345678901234567890123: "
         "longer than 63 bytes"},
        {"--origin|example.org", "--origin example.org: expected SCHEME://HOST[:PORT], null or *"},
        {"--origin|http://a/", "--origin http://a/: expected SCHEME://HOST[:PORT], null or *"},
        {"--origin|://a", "--origin ://a: expected SCHEME://HOST[:PORT], null or *"},
        {"--origin|http://", "--origin http://: expected SCHEME://HOST[:PORT], null or *"},
        {"--origin|http://a b", "--origin http://a b: expected SCHEME://HOST[:PORT], null or *"},
        {"--ping-interval|9", "--ping-interval 9: expected 10..86400000 ms"},
        {"--max-message|1023", "--max-message 1023: expected 1K..16M bytes"},
        {"--max-message|17M", "--max-message 17M: expected 1K..16M bytes"},
        {"--max-clients|0", "--max-clients 0: expected 1..65536 connections"},
        {"--max-head|1M", "--max-head 1M: expected 1K..64K bytes"},
        {"--cpu|-1", "--cpu -1: expected 0..1023"},
        {"--delay|100ms|--stall|100ms",
         "--stall 100ms: expected LENGTH/EVERY, LENGTH less than EVERY, such as 100ms/1s"},
        {"--stall|1s/1s",
         "--stall 1s/1s: expected LENGTH/EVERY, LENGTH less than EVERY, such as 100ms/1s"},
        {"--stall|0/1s",
         "--stall 0/1s: expected LENGTH/EVERY, LENGTH less than EVERY, such as 100ms/1s"},
        {"--delay|1", "--delay 1: expected 1us..500ms, in s, ms or us (5 is 5s)"},
        {"--json|=x", "unexpected argument =x: see --help"},
        {"--json=x", "--json: takes no value"},
        {"--poller|kqueue", "--poller kqueue: expected epoll or select"},
        {"--foo", "unknown option --foo; see --help"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (parse(rows[i].line) != STATUS_INVALID)
            fail_msg("accepted: %s", rows[i].line);
        assert_string_equal(error, rows[i].error);
    }
}

static void test_limits_of_texts(void **state)
{
    char line[600] = "";
    char *argv[3] = {line, (char[]){"--origin"}, line};
    (void)state;
    for (int i = 0; i < NAMESPACES_MAX; i++) {
        char one[] = "--namespace=/0|";
        one[13] = (char)('0' + i);
        strcat(line, one);
    }
    assert_good(line);
    assert_int_equal(options.namespaces.count, NAMESPACES_MAX);
    assert_int_equal(parse(strcat(line, "--namespace=/x")), STATUS_INVALID);
    assert_string_equal(error, "--namespace: given more than 8 times");

    memset(line, 'a', sizeof line);
    memcpy(line, "http://", 7);
    line[ORIGIN_NAME_MAX - 1] = '\0';
    assert_int_equal(server_options_parse(&options, 3, argv, error), STATUS_OK);
    line[ORIGIN_NAME_MAX - 1] = 'a';
    line[ORIGIN_NAME_MAX] = '\0';
    assert_int_equal(server_options_parse(&options, 3, argv, error), STATUS_INVALID);
    assert_non_null(strstr(error, "...: longer than 127 bytes"));
}

static void test_help_and_version(void **state)
{
    (void)state;
    assert_good("--version|--tcp-port|9000"); /* nothing else counts */
    assert_true(options.version);
    assert_good("--help|--origin|x");
    assert_true(options.help);
    assert_good("-h");
    assert_true(options.help);
}

static void test_help_is_complete(void **state)
{
    static const char *const names[] = {
        "bind",
        "port",
        "tcp-port",
        "app",
        "namespace",
        "origin",
        "ping-interval",
        "ping-timeout",
        "max-message",
        "max-clients",
        "max-per-address",
        "connect-timeout",
        "handshake-timeout",
        "idle-timeout",
        "max-head",
        "socket-buffer",
        "poller",
        "busy-poll",
        "cpu",
        "json",
        "quiet",
        "version",
        "help",
    };
    static char help[SERVER_HELP_BYTES];
    struct buf out = buf_over(help, sizeof help - 1);
    (void)state;
    server_options_help(&out);
    assert_false(out.full);
    help[out.len] = '\0';
    for (const char *line = help; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, OPTION_LINE_MAX);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char row[64] = "\n  --";
        if (strstr(help, strcat(strcat(row, names[i]), " ")) == NULL)
            fail_msg("not in the help: --%s", names[i]);
    }
    assert_non_null(strstr(help, "\nExit codes: "));
    assert_non_null(strstr(help, "sockets, epoll or select [the best]\n"));
    assert_non_null(strstr(help, "HTTP request head, 1K..64K bytes [8192]\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),         cmocka_unit_test(test_every_option_is_stored),
        cmocka_unit_test(test_refusals),         cmocka_unit_test(test_limits_of_texts),
        cmocka_unit_test(test_help_and_version), cmocka_unit_test(test_help_is_complete),
    };
    server_options_pollers("epoll|select");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
