#include "client/options/client_options.h"

#include <string.h>

#include "base/config.h"
#include "base/status.h"
#include "client/options/client_resolve.h"

#define MS         UINT64_C(1000000)
#define SECOND     UINT64_C(1000000000)
#define LONGEST    (86400 * SECOND)
#define CPU_MAX    1023
#define BUFFER_MAX (64 * 1024 * 1024)
#define RATE_MAX   10000000

#define AT(field) offsetof(struct client_options, field)

#define BIT(scenario) (UINT32_C(1) << (scenario))
#define ALL           (BIT(CLIENT_SCENARIOS) - 1)
#define COMPARE       BIT(CLIENT_COMPARE)
#define CONNECT       BIT(CLIENT_CONNECT)
#define ROUNDTRIP     BIT(CLIENT_ROUNDTRIP)
#define THROUGHPUT    BIT(CLIENT_THROUGHPUT)
#define SEND          BIT(CLIENT_SEND)
#define RATE          BIT(CLIENT_RATE)
#define DOCTOR        BIT(CLIENT_DOCTOR)
#define DIFF          BIT(CLIENT_DIFF)
#define ECHO          BIT(CLIENT_ECHO)
#define MEASURE       (ALL & ~(ECHO | DOCTOR | DIFF))
#define PLAN          (MEASURE | DOCTOR) /* what doctor looks at beforehand */
#define TALK          (ALL & ~(DOCTOR | DIFF))

#define FIGURES_A_LINE 5
#define TEXT_COLUMN    14 /* of what a scenario does */

/* X as in option.h. The words of --match are in the order of enum client_match. */
/* clang-format off */
#define ROWS(X) \
    X("Load", "--duration", "TIME", OPTION_DURATION, AT(duration_ns), MS, LONGEST, "", COMPARE | ROUNDTRIP | RATE | SEND, \
      "5s", "", "of a trial") \
    X("", "--warmup", "TIME", OPTION_DURATION, AT(warmup_ns), 0, LONGEST, "", COMPARE | ROUNDTRIP | RATE, \
      "", "1/6, <= 500ms", "cut from its start") \
    X("", "--clients", "N", OPTION_NUMBER, AT(clients), 1, CLIENTS_MAX, "", COMPARE | CONNECT | ROUNDTRIP | THROUGHPUT | RATE | DOCTOR, \
      "50", "", "simulated users") \
    X("", "--concurrency", "N", OPTION_NUMBER, AT(concurrency), 1, CLIENTS_MAX, "", COMPARE | THROUGHPUT | DOCTOR, \
      "", "16", "clients at a time") \
    X("", "--roundtrips", "N", OPTION_NUMBER, AT(roundtrips), 1, CLIENT_ROUNDTRIPS_MAX, "", COMPARE | THROUGHPUT, \
      "5", "", "messages per client") \
    X("", "--depth", "N", OPTION_NUMBER, AT(depth), 1, DEPTH_MAX, "messages", ROUNDTRIP | RATE | SEND, \
      "1", "", "per client at once") \
    X("", "--blocks", "N", OPTION_NUMBER, AT(blocks), 1, BLOCKS_MAX, "", MEASURE | DOCTOR, \
      "1", "", "trials of each target") \
    X("", "--rate", "N", OPTION_NUMBER, AT(rate), 1, RATE_MAX, "", COMPARE | RATE | DOCTOR, \
      "", "none", "messages/s in all") \
    X("", "--sweep", "LIST", OPTION_TEXT, AT(sweep_text), 0, 0, "", ROUNDTRIP | RATE | DOCTOR, \
      "", "", "size=2,64,1K or clients=1,4,16") \
    X("", "--time-limit", "TIME", OPTION_DURATION, AT(time_limit_ns), SECOND, LONGEST, "", COMPARE, \
      "", "60s; with targets none", "in all") \
    X("", "--seed", "N", OPTION_U64, AT(seed), 0, UINT64_MAX, "", MEASURE, \
      "", "random", "repeats an order of blocks") \
    X("", "--timeout", "TIME", OPTION_DURATION, AT(timeout_ns), MS, LONGEST, "", TALK, \
      "5s", "", "connect, or answer, within") \
    \
    X("Messages", "--size", "BYTES", OPTION_SIZE, AT(payload.size), 1, PAYLOAD_MAX, "", MEASURE, \
      "2", "", "of a message; from 8 on numbered") \
    X("", "--payload", "TEXT", OPTION_TEXT, AT(payload.text), 0, 0, "", MEASURE, \
      "", "", "this text instead, not numbered") \
    X("", "--binary", "", OPTION_FLAG, AT(payload.binary), 0, 0, "", MEASURE, \
      "", "", "binary frames and attachments") \
    X("", "--match", "HOW", OPTION_CHOICE, AT(match), 0, 0, "order|any", MEASURE, \
      "order", "", "how replies are matched") \
    \
    X("Socket.IO", "--event", "NAME", OPTION_TEXT, AT(event), 0, 0, "", MEASURE, \
      "message", "", "event to send") \
    X("", "--reply-event", "NAME", OPTION_TEXT, AT(reply_event), 0, 0, "", MEASURE, \
      "", "the same", "event that answers") \
    X("", "--ack", "", OPTION_FLAG, AT(ack), 0, 0, "", MEASURE, \
      "", "", "ask for an ack, which is the answer") \
    X("", "--auth", "JSON", OPTION_TEXT, AT(auth), 0, 0, "", TALK, \
      "", "none", "object sent with CONNECT") \
    X("", "--socketio-path", "PATH", OPTION_TEXT, AT(socketio_path), 0, 0, "", TALK, \
      "/socket.io/", "", "of the server's Engine.IO") \
    \
    X("Handshake", "--header", "FIELD", OPTION_TEXTS, AT(headers), 0, OPTION_TEXTS_MAX, "", TALK, \
      "", "", "\"Name: value\" to add; up to 16 times") \
    X("", "--subprotocol", "NAME", OPTION_TEXT, AT(subprotocol), 0, 0, "", TALK, \
      "", "none", "to offer to ws:// targets") \
    X("", "--origin", "ORIGIN", OPTION_TEXT, AT(origin), 0, 0, "", TALK, \
      "", "none", "to send, as browsers do") \
    \
    X("Running", "--poller", "NAME", OPTION_WORD, AT(poller), 0, 0, "", ALL & ~DIFF, \
      "", "the best", "how to wait for sockets") \
    X("", "--busy-poll", "", OPTION_FLAG, AT(busy_poll), 0, 0, "", TALK, \
      "", "", "never sleep: ask for events all the time") \
    X("", "--cpu", "N", OPTION_NUMBER, AT(cpu), 0, CPU_MAX, "", TALK, \
      "", "any", "run on this core; not the server") \
    X("", "--socket-buffer", "BYTES", OPTION_SIZE, AT(socket_buffer), 1024, BUFFER_MAX, "", TALK, \
      "", "system's", "kernel buffer, each way") \
    \
    X("", "--server-pid", "NAME=PID", OPTION_TEXTS, AT(server_pids), 0, TARGETS_MAX, "", MEASURE, \
      "", "", "a target's server, for its CPU and memory") \
    \
    X("Judging", "--verdict-on", "FIGURE", OPTION_TEXT, AT(verdict_text), 0, 0, "", COMPARE | DIFF, \
      "roundtrip.p50", "", "SCENARIO.FIGURE that decides") \
    X("", "--fail-if", "EXPR", OPTION_TEXTS, AT(gates), 0, OPTION_TEXTS_MAX, "", MEASURE | DIFF, \
      "", "", "exit 3 if it holds, 4 if unsure") \
    \
    X("Output", "--json", "FILE", OPTION_TEXT, AT(json), 0, 0, "", MEASURE, \
      "", "", "the figures as JSON; - is stdout") \
    X("", "--csv", "FILE", OPTION_TEXT, AT(csv), 0, 0, "", MEASURE, \
      "", "", "a row per trial and per phase; - is stdout") \
    X("", "--html", "FILE", OPTION_TEXT, AT(html), 0, 0, "", MEASURE, \
      "", "", "the report as one page with pictures") \
    X("", "--hgrm", "START", OPTION_TEXT, AT(hgrm), 0, 0, "", MEASURE, \
      "", "", "percentiles to START-TARGET-SCENARIO.hgrm") \
    X("", "--log", "FILE", OPTION_TEXT, AT(log), 0, 0, "", COMPARE | THROUGHPUT, \
      "", "", "append raw timings, a line per client") \
    X("", "--quiet", "", OPTION_FLAG, AT(quiet), 0, 0, "", ALL, \
      "", "", "no table and no progress line") \
    X("", "--version", "", OPTION_FLAG, AT(version), 0, 0, "", ALL, \
      "", "", "print the version") \
    X("", "--help", "", OPTION_FLAG, AT(help), 0, 0, "", ALL, \
      "", "", "print help, with a SCENARIO what applies to it")
/* clang-format on */

static const struct option rows[] = {ROWS(OPTION_ROW)};
static const char row_texts[] = ROWS(OPTION_ROW_TEXTS);

static const struct option_default defaults[] = {
    {COMPARE | DOCTOR, AT(duration_ns), "600ms"},
    {SEND, AT(duration_ns), "1s"},
    {ROUNDTRIP | RATE | SEND, AT(clients), "1"},
    {SEND, AT(depth), "10000"},
    {COMPARE | DOCTOR, AT(blocks), "10"},
    {RATE, AT(rate), "1000"},
    {DIFF, AT(verdict_text), "A's"},
};

static const char scenarios[] =
#define X(name, word, text) word "\0"
    CLIENT_SCENARIO_LIST(X);
#undef X

static const char scenario_texts[] =
#define X(name, word, text) text "\0"
    CLIENT_SCENARIO_LIST(X);
#undef X

static struct option_table table = {
    .rows = rows,
    .texts = row_texts,
    .count = sizeof rows / sizeof rows[0],
    .defaults = defaults,
    .default_count = sizeof defaults / sizeof defaults[0],
    .commands = scenarios,
    .command_count = CLIENT_SCENARIOS,
    .words = "",
};

static_assert(sizeof rows / sizeof rows[0] <= OPTION_ROWS_MAX, "one bit for each row");
static_assert(OPTION_OPERANDS_MAX > TARGETS_MAX + 1, "too many targets are told as such");

void client_options_pollers(const char *names)
{
    table.words = names;
}

bool client_options_given(const struct client_options *options, const char *name)
{
    return option_given(&table, options->given, name);
}

bool client_options_server_pid(const struct client_options *options, uint32_t index,
                               uint32_t *target, int64_t *pid)
{
    const char *text = options->server_pids.item[index];
    const char *equals = strchr(text, '=');
    uint64_t number;
    if (equals == NULL || !span_to_u64(span_text(equals + 1), &number) || number == 0 ||
        number > INT32_MAX)
        return false;
    *pid = (int64_t)number;
    struct span name = span_of(text, (size_t)(equals - text));
    for (*target = 0; *target < options->targets.count; ++*target)
        if (span_equal(name, span_text(options->targets.item[*target].name)))
            return true;
    return false;
}

const char *client_options_scenario_name(enum client_scenario scenario)
{
    return bytes_word(scenarios, scenario);
}

/* A word without any mark of a URL is meant as a scenario; `help` before it is --help. Returns the
 * operands used, 0 or 1, or STATUS_INVALID. */
static int take_scenario(struct client_options *options, const struct option_args *args,
                         char error[OPTION_ERROR_BYTES])
{
    char cause[128];
    uint32_t at = args->operand_count > 0 && strcmp(args->operands[0], "help") == 0;
    const char *word = at < args->operand_count ? args->operands[at] : "/";
    options->scenario = CLIENT_COMPARE;
    options->help = options->help || at > 0;
    if (word[strcspn(word, ":/=.[")] != '\0')
        return 0;
    options->scenario_named = true;
    int found = bytes_find_word(scenarios, span_text(word));
    if (found >= 0) {
        options->scenario = (enum client_scenario)found;
        return 1;
    }
    struct buf out = buf_over(cause, sizeof cause - 1);
    if (!option_put_nearest(word, scenarios, 1, CLIENT_SCENARIOS, &out)) {
        buf_put_text(&out, "expected one of ");
        option_put_commands(&table, ALL, &out);
        buf_put_text(&out, ", or a target such as ws://HOST");
    }
    cause[out.len] = '\0';
    return option_refuse(error, "unknown scenario", word, cause);
}

/* diff has two saved reports where the others have targets. */
static int take_files(struct client_options *options, const struct option_args *args,
                      char error[OPTION_ERROR_BYTES])
{
    if (args->operand_count != 3)
        return option_refuse(error, "diff", NULL, "expected two files: diff A.json B.json");
    options->files[0] = args->operands[1];
    options->files[1] = args->operands[2];
    if (!client_options_given(options, "--verdict-on"))
        return STATUS_OK;
    return client_resolve_verdict(options, error);
}

int client_options_parse(struct client_options *options, int argc, char *const argv[],
                         char error[OPTION_ERROR_BYTES])
{
    struct option_args args;
    memset(options, 0, sizeof *options);
    options->cpu = CLIENT_OPTION_UNSET;
    int status = option_parse(&table, argc, argv, options, &args, error);
    if (status != STATUS_OK)
        return status;
    options->given = args.given;
    int used = take_scenario(options, &args, error);
    if (used < 0)
        return used;
    if (options->help || options->version)
        return STATUS_OK;
    status = option_resolve(&table, options->scenario, options, &args, error);
    if (status == STATUS_OK && options->scenario == CLIENT_DIFF)
        return take_files(options, &args, error);
    if (status == STATUS_OK)
        status = target_list_parse(&options->targets, args.operands + used,
                                   args.operand_count - (uint32_t)used, error);
    return status == STATUS_OK ? client_resolve(options, error) : status;
}

static const char defaults_text[] =
    "\nDefaults are in brackets. Times: 5, 0.5s, 200ms; sizes: 64, 16K, 1M.\n";
static const char compare_text[] =
    "Of compare, --duration and --warmup are of its roundtrip trials, and --clients,\n"
    "--concurrency and --roundtrips of its throughput trials.\n";

static void put_scenarios(struct buf *out)
{
    buf_put_text(out, "\nScenarios:\n");
    for (size_t i = 0; i < CLIENT_SCENARIOS; i++) {
        size_t end = out->len + TEXT_COLUMN;
        buf_put_text(out, "  ");
        buf_put_text(out, bytes_word(scenarios, i));
        while (!out->full && out->len < end)
            buf_put_byte(out, ' ');
        buf_put_text(out, bytes_word(scenario_texts, i));
        buf_put_byte(out, '\n');
    }
}

/* echo has one, to which it answers. */
static void put_targets(bool one, struct buf *out)
{
    buf_put_text(out, one ? "\nTarget:\n"
                          : "\nTargets: [NAME=]URL[#TRANSPORT], of servers that echo\n"
                            "  tcp://HOST:PORT               raw TCP, byte for byte\n");
    buf_put_text(out, "  ws://HOST[:PORT][/PATH]       WebSocket (RFC 6455)\n"
                      "  http://HOST[:PORT][/NS][?Q]   Socket.IO v4, namespace /NS\n  ");
    if (!one)
        buf_put_text(out, "TRANSPORT is websocket, polling, or upgrade (polling first).\n"
                          "  At most 8 targets; ");
    buf_put_text(out, "IPv6 addresses in brackets.\n");
}

/* What --fail-if and --verdict-on know. */
static void put_figures(struct buf *out)
{
    buf_put_text(out,
                 "\nExpressions: NAME.SCENARIO.FIGURE, or of the ratio of two targets, NAME/NAME:\n"
                 "  --fail-if 'sio.roundtrip.p99 > 2ms', --fail-if 'sio/ws.roundtrip.rate < 0.8'\n"
                 "  Of diff, B's to A's: --fail-if 'sio.connect.ready > 1.1'\n"
                 "  FIGURE is one of");
    for (int i = 0; i < FIGURE_COUNT; i++) {
        buf_put_text(out, i % FIGURES_A_LINE == 0 ? "\n    " : " ");
        buf_put_text(out, figure_word((enum figure)i));
    }
    buf_put_text(out, ".\n");
}

static void put_all_help(struct buf *out)
{
    buf_put_text(out,
                 "usage: wsio-client [SCENARIO] [options] [TARGET...]\n\n"
                 "Measures WebSocket and Socket.IO phase by phase, beside raw TCP. Without a\n"
                 "scenario: compare. Without a target: starts wsio-server and measures that.\n");
    put_scenarios(out);
    put_targets(false, out);
    buf_put_text(out, defaults_text);
    buf_put_text(out, compare_text);
    option_help(&table, ALL, out);
    put_figures(out);
    buf_put_text(out,
                 "\nExit codes: 0 done; 1 a target failed or an answer was wrong; 2 wrong usage;\n"
                 "3 a --fail-if holds; 4 one is unsure; 130 interrupted, with a partial report.\n"
                 "\nExamples:\n"
                 "  wsio-client roundtrip --size 1K --duration 10s ws://127.0.0.1:8080/echo\n"
                 "  wsio-client rate --rate 5000 --sweep clients=1,4,16 --blocks 6\n"
                 "  wsio-client compare node=http://127.0.0.1:3000 py=http://[::1]:3001/#upgrade\n"
                 "  wsio-client echo 'ws://127.0.0.1:9001/runCase?case=1'\n");
}

void client_options_help(enum client_scenario scenario, bool named, struct buf *out)
{
    if (!named) {
        put_all_help(out);
        return;
    }
    buf_put_text(out, "usage: wsio-client ");
    buf_put_text(out, bytes_word(scenarios, scenario));
    buf_put_text(out, scenario == CLIENT_DIFF   ? " [options] A.json B.json\n\n"
                      : scenario == CLIENT_ECHO ? " [options] TARGET\n\n"
                                                : " [options] [TARGET...]\n\n");
    const char *text = bytes_word(scenario_texts, scenario);
    buf_put_byte(out, (uint8_t)(text[0] - 'a' + 'A'));
    buf_put_text(out, text + 1);
    buf_put_text(out, ".\n");
    if (scenario != CLIENT_DIFF)
        put_targets(scenario == CLIENT_ECHO, out);
    buf_put_text(out, defaults_text);
    if (scenario == CLIENT_COMPARE)
        buf_put_text(out, compare_text);
    option_help(&table, BIT(scenario), out);
    if ((BIT(scenario) & (MEASURE | DIFF)) != 0)
        put_figures(out);
}
