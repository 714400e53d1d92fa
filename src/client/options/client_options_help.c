#include "client/options/client_options_table.h"

#include "measure/result/figure.h"

#define FIGURES_A_LINE 5
#define TEXT_COLUMN    14 /* where the sentence about a scenario starts */

/* clang-format off */
static const char *const scenario_texts[CLIENT_SCENARIOS] = {
    [CLIENT_COMPARE] = "connect, roundtrip, throughput and send, blocks in random order",
    [CLIENT_CONNECT] = "open and close one client at a time, every phase timed",
    [CLIENT_ROUNDTRIP] = "clients open at once, each with messages outstanding",
    [CLIENT_THROUGHPUT] = "many clients, some at a time, connects included",
    [CLIENT_RATE] = "a fixed rate, timed from the instant each message is due",
    [CLIENT_SEND] = "one way: send without waiting, then prove what arrived",
    [CLIENT_DOCTOR] = "what a run needs and what this machine has; no measuring",
    [CLIENT_DIFF] = "compare two saved reports: diff A.json B.json",
    [CLIENT_ECHO] = "no measuring: return every message until the peer closes",
};
/* clang-format on */

static const char defaults_text[] =
    "\nDefaults are in brackets. Times: 5, 0.5s, 200ms; sizes: 64, 16K, 1M.\n";
static const char compare_text[] =
    "In compare, --duration and --warmup apply to the roundtrip trials; --clients,\n"
    "--concurrency and --roundtrips apply to the throughput trials.\n";

static const char placement_text[] =
    "--placement same runs client and server on one core, apart gives the client a\n"
    "core of its own, free leaves it to the system. Servers of URLs that are not left\n"
    "free need --server-pid. With --busy-poll our own server is apart by default.\n";

static void put_scenarios(struct buf *out)
{
    buf_put_text(out, "\nScenarios:\n");
    for (size_t i = 0; i < CLIENT_SCENARIOS; i++) {
        size_t end = out->len + TEXT_COLUMN;
        buf_put_text(out, "  ");
        buf_put_text(out, client_options_scenario_name((enum client_scenario)i));
        while (!out->full && out->len < end)
            buf_put_byte(out, ' ');
        buf_put_text(out, scenario_texts[i]);
        buf_put_byte(out, '\n');
    }
}

static void put_targets(struct buf *out)
{
    buf_put_text(out, "\nTargets: [NAME=]URL[#TRANSPORT], servers that echo\n"
                      "  tcp://HOST:PORT               raw TCP, byte for byte\n"
                      "  ws://HOST[:PORT][/PATH]       WebSocket (RFC 6455)\n"
                      "  http://HOST[:PORT][/NS][?Q]   Socket.IO v4, namespace /NS\n"
                      "  TRANSPORT is websocket, polling, or upgrade (polling first).\n"
                      "  At most 8 targets; IPv6 addresses in brackets.\n");
}

/* echo has one target, and returns what that sends. */
static void put_echo_target(struct buf *out)
{
    buf_put_text(out, "\nTarget:\n"
                      "  ws://HOST[:PORT][/PATH]       WebSocket (RFC 6455)\n"
                      "  http://HOST[:PORT][/NS][?Q]   Socket.IO v4, namespace /NS\n"
                      "  IPv6 addresses in brackets.\n");
}

/* What --fail-if and --verdict-on know. */
static void put_figures(struct buf *out)
{
    buf_put_text(out,
                 "\nExpressions: NAME.SCENARIO.FIGURE, or NAME/NAME for the ratio of two targets:\n"
                 "  --fail-if 'sio.roundtrip.p99 > 2ms', --fail-if 'sio/ws.roundtrip.rate < 0.8'\n"
                 "  In diff, the ratio of B to A: --fail-if 'sio.connect.ready > 1.1'\n"
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
    put_targets(out);
    buf_put_text(out, defaults_text);
    buf_put_text(out, compare_text);
    buf_put_text(out, placement_text);
    option_help(&client_options_table, CLIENT_OPTIONS_ALL, out);
    put_figures(out);
    buf_put_text(out,
                 "\nExit codes: 0 done; 1 a target failed, or replies were not those asked for;\n"
                 "2 wrong usage; 3 a --fail-if holds; 4 one is unsure; 130 interrupted, with a\n"
                 "partial report.\n"
                 "\nExamples:\n"
                 "  wsio-client roundtrip --size 1K --duration 10s ws://127.0.0.1:8080/echo\n"
                 "  wsio-client rate --rate 5000 --sweep clients=1,4,16 --blocks 6\n"
                 "  wsio-client compare node=http://127.0.0.1:3000 py=http://[::1]:3001/#upgrade\n"
                 "  wsio-client echo 'ws://127.0.0.1:9001/runCase?case=1'\n");
}

static const char files_text[] =
    "\nA file of figures takes the place of an older one when it is complete, also when\n"
    "the run is interrupted (SIGINT, SIGTERM, SIGHUP). A second signal ends at once.\n";

static const char *find_arguments(enum client_scenario scenario)
{
    switch (scenario) {
    case CLIENT_DIFF:
        return " [options] A.json B.json\n\n";
    case CLIENT_ECHO:
        return " [options] TARGET\n\n";
    default:
        return " [options] [TARGET...]\n\n";
    }
}

static void put_scenario_help(enum client_scenario scenario, struct buf *out)
{
    const char *text = scenario_texts[scenario];
    buf_put_text(out, "usage: wsio-client ");
    buf_put_text(out, client_options_scenario_name(scenario));
    buf_put_text(out, find_arguments(scenario));
    buf_put_byte(out, (uint8_t)(text[0] - 'a' + 'A'));
    buf_put_text(out, text + 1);
    buf_put_text(out, ".\n");
    if (scenario == CLIENT_ECHO)
        put_echo_target(out);
    else if (scenario != CLIENT_DIFF)
        put_targets(out);
    buf_put_text(out, defaults_text);
    if (scenario == CLIENT_COMPARE)
        buf_put_text(out, compare_text);
    if (scenario != CLIENT_DIFF && scenario != CLIENT_ECHO)
        buf_put_text(out, placement_text);
    option_help(&client_options_table, CLIENT_OPTIONS_BIT(scenario), out);
    if (scenario != CLIENT_ECHO && scenario != CLIENT_DOCTOR) /* they judge nothing */
        put_figures(out);
    if (scenario != CLIENT_ECHO && scenario != CLIENT_DOCTOR && scenario != CLIENT_DIFF)
        buf_put_text(out, files_text);
}

void client_options_help(enum client_scenario scenario, bool named, struct buf *out)
{
    if (named)
        put_scenario_help(scenario, out);
    else
        put_all_help(out);
}
