#include "client/options/client_options_table.h"

#include <string.h>

#include "base/config.h"

static const char *const scenarios[] = {
    [CLIENT_COMPARE] = "compare",
#define X(name, key, title, flow) [CLIENT_##name] = (key),
    SCENARIO_LIST(X)
#undef X
        [CLIENT_DOCTOR] = "doctor",
    [CLIENT_DIFF] = "diff",
    [CLIENT_ECHO] = "echo",
};

#define MS      UINT64_C(1000000)
#define SECOND  UINT64_C(1000000000)
#define LONGEST (86400 * SECOND) /* a day */

#define ALL        CLIENT_OPTIONS_ALL
#define COMPARE    CLIENT_OPTIONS_BIT(CLIENT_COMPARE)
#define CONNECT    CLIENT_OPTIONS_BIT(CLIENT_CONNECT)
#define ROUNDTRIP  CLIENT_OPTIONS_BIT(CLIENT_ROUNDTRIP)
#define THROUGHPUT CLIENT_OPTIONS_BIT(CLIENT_THROUGHPUT)
#define SEND       CLIENT_OPTIONS_BIT(CLIENT_SEND)
#define RATE       CLIENT_OPTIONS_BIT(CLIENT_RATE)
#define DOCTOR     CLIENT_OPTIONS_BIT(CLIENT_DOCTOR)
#define DIFF       CLIENT_OPTIONS_BIT(CLIENT_DIFF)
#define ECHO       CLIENT_OPTIONS_BIT(CLIENT_ECHO)
#define MEASURE    (ALL & ~(ECHO | DOCTOR | DIFF)) /* have trials */
#define TALK       (ALL & ~(DOCTOR | DIFF))        /* connect to targets */

/* What a parse fills, before it is copied to the caller. */
static struct client_options values;
static struct option_words pollers;

static const char *const matches[] = {
    [CLIENT_MATCH_ORDER] = "order",
    [CLIENT_MATCH_ANY] = "any",
    NULL,
};
static const char *const unsures[] = {
    [CLIENT_UNSURE_FAIL] = "fail", [CLIENT_UNSURE_WARN] = "warn", [CLIENT_UNSURE_OK] = "ok", NULL};

static const char *const placements[] = {
    [CLIENT_PLACEMENT_SAME] = "same",
    [CLIENT_PLACEMENT_APART] = "apart",
    [CLIENT_PLACEMENT_FREE] = "free",
    [CLIENT_PLACEMENTS] = NULL,
};

/* clang-format off */
static const struct option rows[] = {
    {.group = "Load",
     .name = "--duration", .hint = "TIME", .value = OPTION_TO_DURATION(&values.duration_ns),
     .min = MS, .max = LONGEST, .commands = COMPARE | ROUNDTRIP | RATE | SEND, .initial = "5s",
     .defaults = {{COMPARE | DOCTOR, "600ms"}, {SEND, "1s"}},
     .help = "of a trial"},
    {.name = "--warmup", .hint = "TIME", .value = OPTION_TO_DURATION(&values.warmup_ns),
     .given = &values.given.warmup, .min = 0, .max = LONGEST,
     .commands = COMPARE | ROUNDTRIP | RATE, .unset = "1/6, <= 500ms",
     .help = "start of a trial to ignore"},
    {.name = "--clients", .hint = "N", .value = OPTION_TO_NUMBER(&values.clients),
     .given = &values.given.clients, .min = 1, .max = CLIENTS_MAX,
     .commands = COMPARE | CONNECT | ROUNDTRIP | THROUGHPUT | RATE | DOCTOR, .initial = "50",
     .defaults = {{ROUNDTRIP | RATE | SEND, "1"}},
     .help = "simulated users"},
    {.name = "--concurrency", .hint = "N", .value = OPTION_TO_NUMBER(&values.concurrency),
     .given = &values.given.concurrency, .min = 1, .max = CLIENTS_MAX,
     .commands = COMPARE | THROUGHPUT | DOCTOR, .unset = "16",
     .help = "clients at a time"},
    {.name = "--roundtrips", .hint = "N", .value = OPTION_TO_NUMBER(&values.roundtrips),
     .min = 1, .max = ROUNDTRIPS_MAX, .commands = COMPARE | THROUGHPUT, .initial = "5",
     .help = "messages per client"},
    {.name = "--depth", .hint = "N", .value = OPTION_TO_NUMBER(&values.depth),
     .min = 1, .max = DEPTH_MAX, .unit = "messages", .commands = ROUNDTRIP | RATE | SEND,
     .initial = "1", .defaults = {{SEND, "10000"}},
     .help = "at once per client"},
    {.name = "--blocks", .hint = "N", .value = OPTION_TO_NUMBER(&values.blocks),
     .given = &values.given.blocks,
     .min = 1, .max = BLOCKS_MAX, .commands = MEASURE | DOCTOR, .initial = "1",
     .defaults = {{COMPARE | DOCTOR, "10"}},
     .help = "trials of each target"},
    {.name = "--rate", .hint = "N", .value = OPTION_TO_NUMBER(&values.rate),
     .min = 1, .max = RATE_MAX, .commands = COMPARE | RATE | DOCTOR, .defaults = {{RATE, "1000"}},
     .unset = "none",
     .help = "messages/s in all"},
    {.name = "--sweep", .hint = "LIST", .value = OPTION_TO_TEXT(&values.sweep_text),
     .commands = ROUNDTRIP | RATE | DOCTOR,
     .help = "size=2,64,1K or clients=1,4,16"},
    {.name = "--time-limit", .hint = "TIME", .value = OPTION_TO_DURATION(&values.time_limit_ns),
     .given = &values.given.time_limit, .min = SECOND, .max = LONGEST, .commands = MEASURE,
     .unset = "none; bare compare 60s",
     .help = "of the whole run"},
    {.name = "--seed", .hint = "N", .value = OPTION_TO_U64(&values.seed),
     .given = &values.given.seed, .max = UINT64_MAX, .commands = MEASURE, .unset = "random",
     .help = "repeats the order of an earlier run"},
    {.name = "--timeout", .hint = "TIME", .value = OPTION_TO_DURATION(&values.timeout_ns),
     .min = MS, .max = LONGEST, .commands = TALK, .initial = "5s",
     .help = "to connect, or to answer"},

    {.group = "Messages",
     .name = "--size", .hint = "BYTES", .value = OPTION_TO_SIZE(&values.payload.size),
     .given = &values.given.size, .min = 1, .max = PAYLOAD_MAX, .commands = MEASURE, .initial = "2",
     .help = "of a message; identified from 16 on"},
    {.name = "--payload", .hint = "TEXT", .value = OPTION_TO_TEXT(&values.payload.text),
     .commands = MEASURE,
     .help = "send this text instead: all messages are equal"},
    {.name = "--binary", .value = OPTION_TO_FLAG(&values.payload.binary),
     .commands = MEASURE,
     .help = "send binary frames and attachments"},
    {.name = "--match", .hint = "HOW", .value = OPTION_TO_CHOICE(&values.match),
     .words = matches, .commands = MEASURE, .initial = "order",
     .help = "how replies are matched"},
    {.name = "--ignore-unexpected", .value = OPTION_TO_FLAG(&values.ignore_unexpected),
     .commands = MEASURE,
     .help = "leave out what answers nothing (size >= 16)"},

    {.group = "Socket.IO",
     .name = "--event", .hint = "NAME", .value = OPTION_TO_TEXT(&values.event),
     .given = &values.given.event, .commands = MEASURE, .initial = "message",
     .help = "event to send"},
    {.name = "--reply-event", .hint = "NAME", .value = OPTION_TO_TEXT(&values.reply_event),
     .commands = MEASURE, .unset = "the same",
     .help = "event that answers"},
    {.name = "--ack", .value = OPTION_TO_FLAG(&values.ack),
     .commands = MEASURE,
     .help = "ask for an ack, which counts as the answer"},
    {.name = "--auth", .hint = "JSON", .value = OPTION_TO_TEXT(&values.auth),
     .commands = TALK, .unset = "none",
     .help = "object sent with CONNECT"},
    {.name = "--socketio-path", .hint = "PATH", .value = OPTION_TO_TEXT(&values.socketio_path),
     .given = &values.given.socketio_path, .commands = TALK, .initial = "/socket.io/",
     .help = "path of the server's Engine.IO"},

    {.group = "Handshake",
     .name = "--header", .hint = "FIELD", .value = OPTION_TO_TEXTS(&values.headers),
     .max = OPTION_TEXTS_MAX, .commands = TALK,
     .help = "\"Name: value\" to add; up to 16 times"},
    {.name = "--subprotocol", .hint = "NAME", .value = OPTION_TO_TEXT(&values.subprotocol),
     .commands = TALK, .unset = "none",
     .help = "to offer to ws:// targets"},
    {.name = "--origin", .hint = "ORIGIN", .value = OPTION_TO_TEXT(&values.origin),
     .commands = TALK, .unset = "none",
     .help = "to send, as browsers do"},

    {.group = "Running",
     .name = "--poller", .hint = "NAME", .value = OPTION_TO_WORD(&values.poller),
     .words = pollers.item, .commands = ALL & ~DIFF, .unset = "the best",
     .help = "how to wait for sockets"},
    {.name = "--busy-poll", .value = OPTION_TO_FLAG(&values.busy_poll),
     .commands = TALK,
     .help = "never sleep: ask for events all the time"},
    {.name = "--cpu", .hint = "N", .value = OPTION_TO_NUMBER(&values.cpu),
     .min = 0, .max = CPU_MAX, .commands = TALK, .unset = "any",
     .help = "run the client on this core"},
    {.name = "--placement", .hint = "HOW", .value = OPTION_TO_CHOICE(&values.placement),
     .words = placements, .given = &values.given.placement, .commands = MEASURE | DOCTOR,
     .unset = "same; URLs: free",
     .help = "cores to use"},
    {.name = "--socket-buffer", .hint = "BYTES", .value = OPTION_TO_SIZE(&values.socket_buffer),
     .min = SOCKET_BUFFER_MIN, .max = SOCKET_BUFFER_MAX, .commands = TALK, .unset = "system's",
     .help = "kernel buffer, each way"},
    {.name = "--server-pid", .hint = "NAME=PID", .value = OPTION_TO_TEXTS(&values.server_pids),
     .max = TARGETS_MAX, .commands = MEASURE,
     .help = "process of a target, to report its CPU and memory"},

    {.group = "Judging",
     .name = "--against", .hint = "NAME", .value = OPTION_TO_TEXT(&values.against),
     .commands = MEASURE, .unset = "the first",
     .help = "target that all others are judged against"},
    {.name = "--verdict-on", .hint = "FIGURE", .value = OPTION_TO_TEXT(&values.verdict_text),
     .given = &values.given.verdict_on, .commands = COMPARE | DIFF, .initial = "roundtrip.p50",
     .defaults = {{DIFF, "A's"}},
     .help = "SCENARIO.FIGURE that decides"},
    {.name = "--fail-if", .hint = "EXPR", .value = OPTION_TO_TEXTS(&values.gates),
     .max = OPTION_TEXTS_MAX, .commands = MEASURE | DIFF,
     .help = "exit with 3 if EXPR holds, with 4 if unsure"},
    {.name = "--unsure", .hint = "WHAT", .value = OPTION_TO_CHOICE(&values.unsure),
     .words = unsures, .commands = MEASURE | DIFF, .initial = "fail",
     .help = "an unsure --fail-if"},
    {.name = "--until-decided", .value = OPTION_TO_FLAG(&values.until_decided),
     .commands = MEASURE,
     .help = "up to 80 blocks, in 300s, until all is decided"},
    {.name = "--within", .hint = "PERCENT", .value = OPTION_TO_TEXT(&values.within_text),
     .commands = MEASURE, .initial = "2%",
     .help = "with it: so small a difference is none"},

    {.group = "Output",
     .name = "--json", .hint = "FILE", .value = OPTION_TO_TEXT(&values.json),
     .commands = MEASURE,
     .help = "the figures as JSON; - is stdout"},
    {.name = "--csv", .hint = "FILE", .value = OPTION_TO_TEXT(&values.csv),
     .commands = MEASURE,
     .help = "a row per trial and phase; - is stdout"},
    {.name = "--html", .hint = "FILE", .value = OPTION_TO_TEXT(&values.html),
     .commands = MEASURE,
     .help = "the report as one page with pictures"},
    {.name = "--hgrm", .hint = "START", .value = OPTION_TO_TEXT(&values.hgrm),
     .commands = MEASURE,
     .help = "percentiles, in START-TARGET-SCENARIO.hgrm"},
    {.name = "--log", .hint = "FILE", .value = OPTION_TO_TEXT(&values.log),
     .commands = COMPARE | THROUGHPUT,
     .help = "append raw latencies, a line per client"},
    {.name = "--quiet", .value = OPTION_TO_FLAG(&values.quiet),
     .commands = ALL,
     .help = "no table and no progress line"},
    {.name = "--version", .value = OPTION_TO_FLAG(&values.version),
     .commands = ALL,
     .help = "print the version"},
    {.name = "--help", .value = OPTION_TO_FLAG(&values.help),
     .commands = ALL,
     .help = "print help; after a SCENARIO, only what it uses"},
};
/* clang-format on */

const struct option_table client_options_table = {
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .commands = scenarios,
    .command_count = CLIENT_SCENARIOS,
};

static_assert(sizeof rows / sizeof rows[0] <= OPTION_ROWS_MAX, "struct option_args has each row");
static_assert(OPTION_OPERANDS_MAX > TARGETS_MAX + 1, "too many targets are refused as targets");

const char *client_options_scenario_name(enum client_scenario scenario)
{
    return scenarios[scenario];
}

const char *client_options_placement_name(enum client_placement placement)
{
    return placements[placement];
}

void client_options_set_pollers(const char *names)
{
    option_words_split(&pollers, names);
}

struct client_options *client_options_reset(void)
{
    memset(&values, 0, sizeof values);
    values.cpu = CLIENT_OPTION_UNSET;
    values.placement = CLIENT_PLACEMENT_FREE;
    return &values;
}
