/* Proves that the client's command line is stored, completed by defaults, and refused as its help
 * says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/status.h"
#include "client/options/client_options.h"

#define WORDS 32
#define MS    UINT64_C(1000000)

static struct client_options options;
static char error[OPTION_ERROR_BYTES];
static char line_copy[2048];

/* Words are separated by '|', so that values may hold spaces. */
static int parse(const char *line)
{
    char *argv[WORDS] = {line_copy};
    int argc = 1;
    strcpy(line_copy, line);
    for (char *word = strtok(line_copy, "|"); word != NULL; word = strtok(NULL, "|"))
        argv[argc++] = word;
    memset(&options, 0xff, sizeof options);
    return client_options_parse(&options, argc, argv, error);
}

static void assert_good(const char *line)
{
    if (parse(line) != STATUS_OK)
        fail_msg("%s: refused: %s", line, error);
    assert_string_equal(error, "");
}

static void test_defaults_of_scenarios(void **state)
{
    static const struct {
        const char *line;
        enum client_scenario scenario;
        bool named;
        uint64_t duration_ms, warmup_ms, limit_ms;
        uint32_t clients, concurrency, depth, blocks;
    } rows[] = {
        {"", CLIENT_COMPARE, false, 600, 100, 60000, 50, 16, 1, 10},
        {"compare", CLIENT_COMPARE, true, 600, 100, 60000, 50, 16, 1, 10},
        {"compare|ws://a", CLIENT_COMPARE, true, 600, 100, 0, 50, 16, 1, 10},
        {"connect", CLIENT_CONNECT, true, 5000, 500, 0, 50, 16, 1, 1},
        {"roundtrip", CLIENT_ROUNDTRIP, true, 5000, 500, 0, 1, 1, 1, 1},
        {"rate", CLIENT_RATE, true, 5000, 500, 0, 1, 1, 1, 1},
        {"doctor", CLIENT_DOCTOR, true, 600, 100, 0, 50, 16, 1, 10},
        {"throughput", CLIENT_THROUGHPUT, true, 5000, 500, 0, 50, 16, 1, 1},
        {"echo|ws://a", CLIENT_ECHO, true, 5000, 500, 0, 50, 16, 1, 1},
        {"send", CLIENT_SEND, true, 1000, 1000 / 6, 0, 1, 1, 10000, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_good(rows[i].line);
        assert_int_equal(options.scenario, rows[i].scenario);
        assert_int_equal(options.scenario_named, rows[i].named);
        assert_int_equal(options.duration_ns / MS, rows[i].duration_ms);
        assert_int_equal(options.warmup_ns / MS, rows[i].warmup_ms);
        assert_int_equal(options.time_limit_ns / MS, rows[i].limit_ms);
        assert_int_equal(options.clients, rows[i].clients);
        assert_int_equal(options.concurrency, rows[i].concurrency);
        assert_int_equal(options.depth, rows[i].depth);
        assert_int_equal(options.blocks, rows[i].blocks);
        assert_int_equal(options.roundtrips, 5);
        assert_memory_equal(&options.given, &(struct client_given){0}, sizeof options.given);
    }
}

static void test_common_defaults(void **state)
{
    (void)state;
    assert_good("roundtrip");
    assert_int_equal(options.timeout_ns, 5000 * MS);
    assert_int_equal(options.payload.size, 2);
    assert_null(options.payload.text);
    assert_false(options.payload.binary);
    assert_string_equal(options.event, "message");
    assert_string_equal(options.reply_event, "message");
    assert_string_equal(options.socketio_path, "/socket.io/");
    assert_int_equal(options.match, CLIENT_MATCH_ORDER);
    assert_int_equal(options.cpu, CLIENT_OPTION_UNSET);
    assert_int_equal(options.socket_buffer, 0);
    assert_int_equal(options.headers.count, 0);
    assert_int_equal(options.targets.count, 0);
    assert_null(options.auth);
    assert_null(options.subprotocol);
    assert_null(options.origin);
    assert_null(options.poller);
    assert_null(options.json);
    assert_null(options.log);
    assert_true(options.seed == 0);
    assert_null(options.csv);
    assert_null(options.html);
    assert_null(options.hgrm);
    assert_null(options.sweep_text);
    assert_int_equal(options.sweep.count, 0);
    assert_int_equal(options.server_pids.count, 0);
    assert_int_equal(options.gates.count, 0);
    assert_int_equal(options.rate, 0);
    assert_false(options.ack || options.busy_poll || options.quiet || options.help ||
                 options.version);
}

static void test_every_option_is_stored(void **state)
{
    (void)state;
    assert_good("compare|--duration|2s|--warmup|1s|--clients|8|--concurrency|8|--roundtrips|7|"
                "--blocks|6|--time-limit|30|--seed|99|--timeout|9|--size|1K|--binary|--match|any|"
                "--event|e|http://h/ns");
    assert_int_equal(options.duration_ns, 2000 * MS);
    assert_int_equal(options.warmup_ns, 1000 * MS);
    assert_int_equal(options.clients, 8);
    assert_int_equal(options.concurrency, 8);
    assert_int_equal(options.roundtrips, 7);
    assert_int_equal(options.blocks, 6);
    assert_int_equal(options.time_limit_ns, 30000 * MS);
    assert_true(options.seed == 99);
    assert_int_equal(options.timeout_ns, 9000 * MS);
    assert_int_equal(options.payload.size, 1024);
    assert_true(options.payload.binary);
    assert_int_equal(options.match, CLIENT_MATCH_ANY);
    assert_string_equal(options.event, "e");
    assert_string_equal(options.reply_event, "e");
    assert_true(options.given.clients && options.given.concurrency && options.given.warmup);
    assert_true(options.given.time_limit && options.given.seed && options.given.size);
    assert_true(options.given.event);
    assert_false(options.given.socketio_path || options.given.verdict_on);
    assert_int_equal(options.targets.count, 1);
    assert_string_equal(options.targets.item[0].name, "sio");

    assert_good("throughput|--reply-event|r|--ack|--auth|{\"token\":\"x\"}|--socketio-path|/io/|"
                "--header|A: b|--header|C: d|--subprotocol|chat, superchat|--origin|http://o|"
                "--poller|select|--busy-poll|--cpu|1|--socket-buffer|4K|--json|-|--log|f|--quiet");
    assert_string_equal(options.event, "message");
    assert_string_equal(options.reply_event, "r");
    assert_true(options.ack);
    assert_string_equal(options.auth, "{\"token\":\"x\"}");
    assert_string_equal(options.socketio_path, "/io/");
    assert_int_equal(options.headers.count, 2);
    assert_string_equal(options.headers.item[1], "C: d");
    assert_string_equal(options.subprotocol, "chat, superchat");
    assert_string_equal(options.origin, "http://o");
    assert_string_equal(options.poller, "select");
    assert_true(options.busy_poll);
    assert_int_equal(options.cpu, 1);
    assert_int_equal(options.socket_buffer, 4096);
    assert_string_equal(options.json, "-");
    assert_string_equal(options.log, "f");
    assert_true(options.quiet);
    assert_false(options.given.seed || options.given.event);

    assert_good("send|--depth|3|--payload|gr\xc3\xbc\xc3\x9f");
    assert_int_equal(options.depth, 3);
    assert_string_equal(options.payload.text, "gr\xc3\xbc\xc3\x9f");
    assert_int_equal(options.payload.size, 6);
    assert_good("send|--payload|\xff|--binary");
    assert_int_equal(options.payload.size, 1);
}

static void test_rate_and_verdict(void **state)
{
    (void)state;
    assert_good("rate");
    assert_int_equal(options.rate, 1000);
    assert_good("rate|--rate|10000000");
    assert_int_equal(options.rate, 10000000);
    assert_good("compare");
    assert_int_equal(options.rate, 0);
    assert_int_equal(options.verdict_scenario, SCENARIO_ROUNDTRIP);
    assert_int_equal(options.verdict_figure, FIGURE_P50);
    assert_good("compare|--rate|7|--verdict-on|rate.p99");
    assert_int_equal(options.rate, 7);
    assert_int_equal(options.verdict_scenario, SCENARIO_RATE);
    assert_int_equal(options.verdict_figure, FIGURE_P99);
    assert_good("diff|a.json|b.json|--verdict-on|rate.p99");
    assert_string_equal(options.files[0], "a.json");
    assert_string_equal(options.files[1], "b.json");
    assert_int_equal(options.verdict_figure, FIGURE_P99);
}

static void test_what_is_left_out_needs_an_identity(void **state)
{
    (void)state;
    assert_good("send");
    assert_false(options.ignore_unexpected);
    assert_good("--ignore-unexpected");
    assert_true(options.ignore_unexpected);
    assert_int_equal(options.payload.size, 16);
    assert_good("roundtrip|--ignore-unexpected|--size|17|tcp://h:1|ws://h");
    assert_int_equal(options.payload.size, 17);
    assert_good("roundtrip|--ignore-unexpected|--sweep|size=16,64");
    assert_int_equal(options.payload.size, 64);
    assert_good("roundtrip|--ignore-unexpected|--sweep|clients=1,2");
    assert_int_equal(options.payload.size, 16);
}

static void test_sweep_sets_the_largest(void **state)
{
    (void)state;
    assert_good("roundtrip|--sweep|size=2,1K,70000");
    assert_int_equal(options.sweep.kind, SWEEP_SIZE);
    assert_int_equal(options.sweep.count, 3);
    assert_int_equal(options.payload.size, 70000);
    assert_int_equal(options.clients, 1);
    assert_good("rate|--sweep|clients=1,64|--size|9");
    assert_int_equal(options.sweep.kind, SWEEP_CLIENTS);
    assert_int_equal(options.clients, 64);
    assert_int_equal(options.payload.size, 9);
}

static void test_server_pids(void **state)
{
    uint32_t target;
    int64_t pid;
    (void)state;
    assert_good("roundtrip|ws://a|b=ws://b|--server-pid|b=77|--server-pid|ws=2147483647");
    assert_int_equal(options.server_pids.count, 2);
    assert_true(client_options_read_pid(&options, 0, &target, &pid));
    assert_int_equal(target, 1);
    assert_int_equal(pid, 77);
    assert_true(client_options_read_pid(&options, 1, &target, &pid));
    assert_int_equal(target, 0);
    assert_int_equal(pid, INT32_MAX);
}

static void test_targets_and_order(void **state)
{
    (void)state;
    assert_good("--quiet|roundtrip|a=ws://h|--depth|2|--|tcp://h:1");
    assert_int_equal(options.scenario, CLIENT_ROUNDTRIP);
    assert_int_equal(options.targets.count, 2);
    assert_string_equal(options.targets.item[0].name, "a");
    assert_string_equal(options.targets.item[1].name, "tcp");
    assert_good("ws://h|http://h");
    assert_int_equal(options.scenario, CLIENT_COMPARE);
    assert_false(options.scenario_named);
    assert_int_equal(options.targets.count, 2);
    assert_good("throughput|--clients|5");
    assert_int_equal(options.concurrency, 5);
    assert_good("roundtrip|--duration|60ms");
    assert_int_equal(options.warmup_ns, 10 * MS);
    assert_good("roundtrip|--ack|ws://h|http://h");
    assert_good("connect|http://h#upgrade|http://h#polling");
    assert_string_equal(options.targets.item[0].name, "sio-upgrade");
    assert_string_equal(options.targets.item[1].name, "sio-polling");
    assert_good("roundtrip|--subprotocol|a,b,  c");
    assert_good("rate|--rate|5|--duration|201ms");
    assert_good("rate|--rate|5|--duration|100ms|--warmup|0");
    assert_good("roundtrip|--binary|--header|A: b|--origin|o|tcp://h:1|http://h");
    assert_good("roundtrip|--auth|{}|--event|e|--reply-event|r|--subprotocol|s|ws://h|http://h");
    assert_good("roundtrip|--auth|{}|--subprotocol|s"); /* the sibling has every kind */
    assert_good("echo|--header|A: b|--origin|o|--timeout|1|--poller|select|"
                "--socket-buffer|4K|--quiet|http://h/ns#websocket");
    assert_int_equal(options.headers.count, 1);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *line, *error;
    } rows[] = {
        {"roundtrip|--depth|0", "--depth 0: expected 1..10000 messages"},
        {"--duraton|5", "unknown option --duraton; did you mean --duration?"},
        {"--rates|5", "unknown option --rates; did you mean --rate?"},
        {"--rate|0", "--rate 0: expected 1..10000000"},
        {"roundtrip|--rate|5", "--rate: not used by roundtrip, but by compare, rate, doctor"},
        {"rate|--roundtrips|5", "--roundtrips: not used by rate, but by compare, throughput"},
        {"compare|--sweep|size=1,2",
         "--sweep: not used by compare, but by roundtrip, rate, doctor"},
        {"roundtrip|--sweep|size=2,2", "--sweep size=2,2: expected ascending values"},
        {"roundtrip|--sweep|sizes=2", "--sweep sizes=2: expected size=N,N... or clients=N,N..."},
        {"rate|--sweep|size=2,4|--size|2", "--size: not together with --sweep size="},
        {"rate|--sweep|clients=2,4|--clients|2", "--clients: not together with --sweep clients="},
        {"rate|--sweep|size=2,4|--payload|x", "--payload: not together with --sweep size="},
        {"roundtrip|--verdict-on|roundtrip.p50",
         "--verdict-on: not used by roundtrip, but by compare, diff"},
        {"--verdict-on|roundtrip", "--verdict-on roundtrip: expected SCENARIO.FIGURE, such as "
                                   "roundtrip.p50"},
        {"--verdict-on|connect.p50", "--verdict-on connect.p50: expected SCENARIO.FIGURE, such as "
                                     "roundtrip.p50"},
        {"--verdict-on|rate.p50", "--verdict-on rate.p50: compare has no rate without --rate"},
        {"ws://h|--server-pid|ws", "--server-pid ws: expected NAME=PID with the name of a target"},
        {"ws://h|--server-pid|ws=0",
         "--server-pid ws=0: expected NAME=PID with the name of a target"},
        {"ws://h|--server-pid|ws=2147483648",
         "--server-pid ws=2147483648: expected NAME=PID with the name of a target"},
        {"ws://h|--server-pid|w=1",
         "--server-pid w=1: expected NAME=PID with the name of a target"},
        {"--server-pid|ws=1", "--server-pid ws=1: expected NAME=PID with the name of a target"},
        {"diff|a.json", "diff: expected two files: diff A.json B.json"},
        {"conect", "unknown scenario conect: did you mean connect?"},
        {"run", "unknown scenario run: expected one of compare, connect, roundtrip, throughput, "
                "rate, send, doctor, diff, echo, or a target such as ws://HOST"},
        {"help|sned", "unknown scenario sned: did you mean send?"},
        {"--foo", "unknown option --foo; see --help"},
        {"--ws", "unknown option --ws; see --help"},
        {"--poller|kqueue", "--poller kqueue: expected epoll or select"},
        {"localhost:80", "target localhost:80: expected tcp://, ws:// or http://"},
        {"connect|send", "target send: expected tcp://, ws:// or http://"},
        {"connect|wss://h", "target wss://h: TLS is not built in; put a TLS proxy in front"},
        {"connect|--depth|3", "--depth: not used by connect, but by roundtrip, rate, send"},
        {"compare|--depth|3", "--depth: not used by compare, but by roundtrip, rate, send"},
        {"connect|--duration|3",
         "--duration: not used by connect, but by compare, roundtrip, rate, send"},
        {"throughput|--duration|3",
         "--duration: not used by throughput, but by compare, roundtrip, rate, send"},
        {"send|--warmup|1", "--warmup: not used by send, but by compare, roundtrip, rate"},
        {"send|--clients|1", "--clients: not used by send, but by compare, connect, roundtrip, "
                             "throughput, rate, doctor"},
        {"roundtrip|--concurrency|1",
         "--concurrency: not used by roundtrip, but by compare, throughput, doctor"},
        {"roundtrip|--roundtrips|1",
         "--roundtrips: not used by roundtrip, but by compare, throughput"},
        {"echo|--blocks|1|ws://h", "--blocks: not used by echo, but by compare, connect, "
                                   "roundtrip, throughput, rate, send, doctor"},
        {"echo|--time-limit|1|ws://h",
         "--time-limit: not used by echo, but by compare, connect, roundtrip, throughput, rate, "
         "send"},
        {"echo|--seed|1|ws://h",
         "--seed: not used by echo, but by compare, connect, roundtrip, throughput, rate, send"},
        {"roundtrip|--log|f", "--log: not used by roundtrip, but by compare, throughput"},
        {"roundtrip|--payload|x|--size|3", "--payload: not together with --size"},
        {"roundtrip|--payload|\xff", "--payload ?: invalid UTF-8 (see --binary)"},
        {"roundtrip|--payload|\xc3", "--payload ?: invalid UTF-8 (see --binary)"},
        {"roundtrip|--warmup|5|--duration|5",
         "--warmup 5s: expected less than --duration, which is 5s"},
        {"roundtrip|--warmup|2|--duration|1",
         "--warmup 2s: expected less than --duration, which is 1s"},
        {"compare|--warmup|700ms", "--warmup 700ms: expected less than --duration, which is 600ms"},
        {"rate|--rate|5|--duration|100ms",
         "--rate 5: no message falls due after --warmup within --duration, which is 100ms"},
        {"rate|--rate|5|--duration|401ms|--warmup|400001us",
         "--rate 5: no message falls due after --warmup within --duration, which is 401ms"},
        {"compare|--rate|1",
         "--rate 1: no message falls due after --warmup within --duration, which is 600ms"},
        {"throughput|--clients|8|--concurrency|9",
         "--concurrency 9: expected at most --clients, which is 8"},
        {"--concurrency|51", "--concurrency 51: expected at most --clients, which is 50"},
        {"roundtrip|--ack|ws://h|tcp://h:1", "--ack: no target is Socket.IO (http://)"},
        {"roundtrip|--auth|{}|ws://h", "--auth: no target is Socket.IO (http://)"},
        {"roundtrip|--event|e|ws://h", "--event: no target is Socket.IO (http://)"},
        {"roundtrip|--reply-event|e|ws://h", "--reply-event: no target is Socket.IO (http://)"},
        {"echo|--socketio-path|/|ws://h", "--socketio-path: no target is Socket.IO (http://)"},
        {"roundtrip|--header|A: b|tcp://h:1", "--header: no target is ws:// or http://"},
        {"roundtrip|--origin|o|tcp://h:1", "--origin: no target is ws:// or http://"},
        {"roundtrip|--binary|tcp://h:1", "--binary: no target is ws:// or http://"},
        {"roundtrip|--subprotocol|s|tcp://h:1|http://h", "--subprotocol: no target is ws://"},
        {"roundtrip|--sweep|size=0", "--sweep size=0: expected sizes of 1..64M"},
        {"roundtrip|--sweep|clients=20001", "--sweep clients=20001: expected numbers of 1..20000"},
        {"roundtrip|--duration|0", "--duration 0: expected 1ms..86400s, in s, ms or us (5 is 5s)"},
        {"roundtrip|--size|65M", "--size 65M: expected 1..64M bytes"},
        {"roundtrip|--clients|20001", "--clients 20001: expected 1..20000"},
        {"roundtrip|--match|all", "--match all: expected order or any"},
        {"roundtrip|--ignore-unexpected|--match|any",
         "--match any: expected order with --ignore-unexpected"},
        {"send|--payload|hi|--ignore-unexpected",
         "--payload hi: expected --size 16 or more with --ignore-unexpected"},
        {"--ignore-unexpected|--size|15",
         "--size 15: expected 16 bytes or more with --ignore-unexpected"},
        {"rate|--ignore-unexpected|--sweep|size=15,16",
         "--sweep size=15,16: expected sizes of 16 or more with --ignore-unexpected"},
        {"roundtrip|--ignore-unexpected|tcp://h:1",
         "--ignore-unexpected: no target is ws:// or http://"},
        {"roundtrip|--auth|{", "--auth {: expected a JSON object"},
        {"roundtrip|--auth|[1]", "--auth [1]: expected a JSON object"},
        {"roundtrip|--auth|{\"a\":\"\xff\"}", "--auth {\"a\":\"?\"}: invalid UTF-8"},
        {"roundtrip|--event|disconnect",
         "--event disconnect: Socket.IO reserves this name for itself"},
        {"roundtrip|--reply-event|connect",
         "--reply-event connect: Socket.IO reserves this name for itself"},
        {"roundtrip|--event|\xff", "--event ?: invalid UTF-8"},
        {"roundtrip|--socketio-path|io", "--socketio-path io: expected a path that starts with /"},
        {"roundtrip|--socketio-path|/a?b",
         "--socketio-path /a?b: expected printable ASCII without spaces, '?' and '#'"},
        {"roundtrip|--header|X", "--header X: expected \"Name: value\""},
        {"roundtrip|--header|: x", "--header : x: expected \"Name: value\""},
        {"roundtrip|--header|a b: x", "--header a b: x: expected \"Name: value\""},
        {"roundtrip|--header|A: b|--header|hOST: x",
         "--header hOST: x: the handshake sets this field itself"},
        {"roundtrip|--header|A: b\r\nC: d", "--header A: b??C: d: expected printable ASCII"},
        {"roundtrip|--origin|a\nb", "--origin a?b: expected printable ASCII"},
        {"roundtrip|--subprotocol|a b", "--subprotocol a b: expected NAME or \"NAME, NAME\""},
        {"roundtrip|--subprotocol|a,,b", "--subprotocol a,,b: expected NAME or \"NAME, NAME\""},
        {"roundtrip|--subprotocol|a, ", "--subprotocol a, : expected NAME or \"NAME, NAME\""},
        {"echo", "echo: expected one target"},
        {"echo|ws://a|ws://b", "echo: expected one target"},
        {"echo|tcp://a:1", "echo tcp://a:1: expected ws:// or http://"},
        {"echo|http://a#upgrade", "echo http://a#upgrade: expected #websocket"},
        {"echo|--size|3|ws://a",
         "--size: not used by echo, but by compare, connect, roundtrip, throughput, rate, send"},
        {"echo|--json|-|ws://a",
         "--json: not used by echo, but by compare, connect, roundtrip, throughput, rate, send"},
        {"connect|ws://h#polling", "target ws://h#polling: only http:// has a #TRANSPORT"},
        {"roundtrip|--transport|x", "unknown option --transport; see --help"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (parse(rows[i].line) != STATUS_INVALID)
            fail_msg("accepted: %s", rows[i].line);
        assert_string_equal(error, rows[i].error);
    }
}

static void test_names_that_are_not_ours_to_set(void **state)
{
    static const char *const headers[] = {
        "Host",
        "Upgrade",
        "Connection",
        "Origin",
        "Content-Length",
        "Transfer-Encoding",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
    };
    static const char *const events[] = {
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    };
    char line[128];
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        snprintf(line, sizeof line, "--header|%s: x", headers[i]);
        assert_int_equal(parse(line), STATUS_INVALID);
        assert_non_null(strstr(error, "the handshake sets this field itself"));
    }
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        snprintf(line, sizeof line, "--event|%s", events[i]);
        assert_int_equal(parse(line), STATUS_INVALID);
        assert_non_null(strstr(error, "Socket.IO reserves this name for itself"));
    }
    assert_good("--header|Hosts: x|--event|connected");
}

static void test_help_and_version_come_first(void **state)
{
    (void)state;
    assert_good("--help");
    assert_true(options.help);
    assert_false(options.scenario_named);
    assert_good("--help|send|--clients|3|not-a-url");
    assert_true(options.help && options.scenario_named);
    assert_int_equal(options.scenario, CLIENT_SEND);
    assert_good("-h|send");
    assert_true(options.help && options.scenario_named);
    assert_good("help");
    assert_true(options.help);
    assert_false(options.scenario_named);
    assert_good("help|send");
    assert_true(options.help && options.scenario_named);
    assert_int_equal(options.scenario, CLIENT_SEND);
    assert_good("help|ws://h");
    assert_true(options.help);
    assert_good("--version|wss://h");
    assert_true(options.version);
    assert_int_equal(parse("--help|sned"), STATUS_INVALID);
    assert_string_equal(error, "unknown scenario sned: did you mean send?");
}

/* ---- Placement ------------------------------------------------------------------------------- */

static void test_only_our_own_server_is_placed_by_default(void **state)
{
    static const struct {
        const char *line;
        enum client_placement placement;
    } rows[] = {
        {"compare", CLIENT_PLACEMENT_SAME},
        {"roundtrip", CLIENT_PLACEMENT_SAME},
        {"roundtrip|--busy-poll", CLIENT_PLACEMENT_APART},
        {"roundtrip|--cpu|0", CLIENT_PLACEMENT_FREE},
        {"compare|ws://h", CLIENT_PLACEMENT_FREE},
        {"compare|--server-pid|ws=7|ws://h", CLIENT_PLACEMENT_FREE},
        {"compare|--placement|free", CLIENT_PLACEMENT_FREE},
        {"compare|--placement|apart", CLIENT_PLACEMENT_APART},
        {"compare|--placement|same|--busy-poll", CLIENT_PLACEMENT_SAME},
        {"compare|--placement|apart|--cpu|0", CLIENT_PLACEMENT_APART},
        {"compare|--placement|same|--server-pid|ws=7|ws://h", CLIENT_PLACEMENT_SAME},
        {"doctor|--placement|apart|ws://h", CLIENT_PLACEMENT_APART}, /* it starts nothing */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_good(rows[i].line);
        assert_int_equal(options.placement, rows[i].placement);
    }
}

static void test_placements_that_cannot_be(void **state)
{
    static const char *const rows[][2] = {
        {"compare|--placement|near", "--placement near: expected same, apart or free"},
        {"compare|--placement|free|--cpu|0", "--placement free: not together with --cpu"},
        {"compare|--placement|apart|ws://h",
         "--placement apart: expected --server-pid ws=PID, as it places that process, too"},
        {"compare|--placement|same|--server-pid|A=7|A=ws://h|B=ws://h",
         "--placement same: expected --server-pid B=PID, as it places that process, too"},
        {"echo|--placement|same|ws://h", "--placement: not used by echo"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(parse(rows[i][0]), STATUS_INVALID);
        if (strncmp(error, rows[i][1], strlen(rows[i][1])) != 0)
            fail_msg("%s: %s", rows[i][0], error);
    }
}

static char help[CLIENT_HELP_BYTES];

static void write_help(enum client_scenario scenario, bool named)
{
    struct buf out = buf_over(help, sizeof help - 1);
    client_options_help(scenario, named, &out);
    assert_false(out.full);
    help[out.len] = '\0';
    for (const char *line = help; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, OPTION_LINE_MAX);
}

static void assert_in_help(const char *text, bool expected)
{
    if ((strstr(help, text) != NULL) != expected)
        fail_msg("%s in the help: %s", text, expected ? "missing" : "unexpected");
}

static void test_help_is_complete(void **state)
{
    static const char *const names[] = {
        "duration",    "warmup",        "clients",    "concurrency",   "roundtrips",
        "depth",       "blocks",        "time-limit", "seed",          "timeout",
        "size",        "payload",       "binary",     "match",         "event",
        "reply-event", "ack",           "auth",       "header",        "subprotocol",
        "origin",      "socketio-path", "poller",     "busy-poll",     "cpu",
        "json",        "log",           "quiet",      "socket-buffer", "version",
        "help",        "rate",          "sweep",      "server-pid",    "verdict-on",
        "fail-if",     "csv",           "html",       "hgrm",          "ignore-unexpected",
        "placement",
    };
    (void)state;
    write_help(CLIENT_COMPARE, false);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char row[64] = "\n  --";
        assert_in_help(strcat(strcat(row, names[i]), " "), true);
    }
    for (unsigned i = 0; i < CLIENT_SCENARIOS; i++) {
        char row[64] = "\n  ";
        strcat(row, client_options_scenario_name((enum client_scenario)i));
        assert_in_help(strcat(row, " "), true);
    }
    assert_in_help("[NAME=]URL[#TRANSPORT]", true);
    assert_in_help("\nExit codes: ", true);
    assert_in_help("\nExamples:\n", true);
    assert_in_help("sockets, epoll or select [the best]", true);
    assert_in_help("[5s; compare 600ms; send 1s]", true);
    assert_in_help("[1; compare, doctor 10]", true);
    assert_in_help("[none; rate 1000]", true);
}

static void test_help_of_a_scenario(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CLIENT_SCENARIOS; i++)
        write_help((enum client_scenario)i, true);
    write_help(CLIENT_SEND, true);
    assert_in_help("usage: wsio-client send [options] [TARGET...]\n", true);
    assert_in_help("\n  --depth N               at once per client, 1..10000 messages [10000]\n",
                   true);
    assert_in_help("[1s]", true);
    assert_in_help("--clients", false);
    assert_in_help("--roundtrips", false);
    write_help(CLIENT_COMPARE, true);
    assert_in_help("--depth", false);
    assert_in_help("apply to the roundtrip trials", true);
    write_help(CLIENT_DIFF, true);
    assert_in_help("usage: wsio-client diff [options] A.json B.json\n", true);
    write_help(CLIENT_ECHO, true);
    assert_in_help("usage: wsio-client echo [options] TARGET\n\nNo measuring: ", true);
    assert_in_help("http://HOST", true);
    assert_in_help("tcp://", false);
    assert_in_help("polling", false);
    assert_in_help("upgrade", false);
    assert_in_help("At most 8", false);
    write_help(CLIENT_ROUNDTRIP, true);
    assert_in_help("simulated users, 1..20000 [1]\n", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_of_scenarios),
        cmocka_unit_test(test_common_defaults),
        cmocka_unit_test(test_every_option_is_stored),
        cmocka_unit_test(test_rate_and_verdict),
        cmocka_unit_test(test_what_is_left_out_needs_an_identity),
        cmocka_unit_test(test_sweep_sets_the_largest),
        cmocka_unit_test(test_server_pids),
        cmocka_unit_test(test_targets_and_order),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_names_that_are_not_ours_to_set),
        cmocka_unit_test(test_help_and_version_come_first),
        cmocka_unit_test(test_only_our_own_server_is_placed_by_default),
        cmocka_unit_test(test_placements_that_cannot_be),
        cmocka_unit_test(test_help_is_complete),
        cmocka_unit_test(test_help_of_a_scenario),
    };
    client_options_set_pollers("epoll|select");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
