#include "server/server_options.h"

#include <string.h>

#include "base/config.h"
#include "base/status.h"
#include "codec/http.h"
#include "server/selftest.h"

#define ALL       1u        /* there is one command */
#define DELAY_MIN 1000      /* ns */
#define DELAY_MAX 500000000 /* ns; the whole server waits */

#define TEXT_OF(n)   #n
#define NUMBER(name) TEXT_OF(name) /* a limit of config.h as the text of a default */

/* What a parse fills, before it is copied to the caller. */
static struct server_options values;
static struct option_words pollers;

static const char *const apps[] = {
    [SERVER_APP_ECHO] = "echo",
    [SERVER_APP_CONFORMANCE] = "conformance",
    NULL,
};

/* clang-format off */
static const struct option rows[] = {
    {.group = "Addresses",
     .name = "--bind", .hint = "ADDRESS", .value = OPTION_TO_TEXT(&values.bind), .commands = ALL,
     .initial = "127.0.0.1",
     .help = "address or name to listen on"},
    {.name = "--port", .hint = "PORT", .value = OPTION_TO_NUMBER(&values.port), .commands = ALL,
     .min = 0, .max = UINT16_MAX, .initial = "9000",
     .help = "WebSocket and Socket.IO; 0: any"},
    {.name = "--tcp-port", .hint = "PORT", .value = OPTION_TO_NUMBER(&values.tcp_port),
     .commands = ALL, .min = 0, .max = UINT16_MAX, .initial = "9001",
     .help = "raw TCP echo; 0: any"},

    {.group = "Application",
     .name = "--app", .hint = "NAME", .value = OPTION_TO_CHOICE(&values.app), .commands = ALL,
     .words = apps, .initial = "echo",
     .help = "what answers"},
    {.name = "--namespace", .hint = "/NAME", .value = OPTION_TO_TEXTS(&values.namespaces),
     .commands = ALL, .max = NAMESPACES_MAX, .initial = "/custom",
     .help = "served beside /; up to 8 times"},
    {.name = "--origin", .hint = "ORIGIN", .value = OPTION_TO_TEXTS(&values.origins),
     .commands = ALL, .max = ORIGINS_MAX, .unset = "equal to Host",
     .help = "that a browser may have; up to 8 times"},
    {.name = "--host", .hint = "NAME", .value = OPTION_TO_TEXTS(&values.hosts),
     .commands = ALL, .max = HOSTS_MAX, .unset = "see below",
     .help = "that Host may have; up to 8 times"},
    {.name = "--subprotocol", .hint = "NAME", .value = OPTION_TO_TEXTS(&values.subprotocols),
     .commands = ALL, .max = SUBPROTOCOLS_MAX, .unset = "first offered",
     .help = "to choose; up to 8 times"},

    {.group = "Times",
     .name = "--ping-interval", .hint = "MS", .value = OPTION_TO_MS(&values.ping_interval_ms),
     .commands = ALL, .min = SERVER_TIME_MIN, .max = SERVER_TIME_MAX,
     .initial = NUMBER(PING_INTERVAL_DEFAULT),
     .help = "between Engine.IO pings"},
    {.name = "--ping-timeout", .hint = "MS", .value = OPTION_TO_MS(&values.ping_timeout_ms),
     .commands = ALL, .min = SERVER_TIME_MIN, .max = SERVER_TIME_MAX,
     .initial = NUMBER(PING_TIMEOUT_DEFAULT),
     .help = "from a ping to its pong"},
    {.name = "--connect-timeout", .hint = "MS", .value = OPTION_TO_MS(&values.connect_timeout_ms),
     .commands = ALL, .min = SERVER_TIME_MIN, .max = SERVER_TIME_MAX,
     .initial = NUMBER(CONNECT_TIMEOUT_DEFAULT),
     .help = "to join a namespace"},
    {.name = "--handshake-timeout", .hint = "MS",
     .value = OPTION_TO_MS(&values.handshake_timeout_ms), .commands = ALL,
     .min = SERVER_TIME_MIN, .max = SERVER_TIME_MAX, .initial = NUMBER(HANDSHAKE_TIMEOUT_DEFAULT),
     .help = "to send a request head"},
    {.name = "--idle-timeout", .hint = "MS", .value = OPTION_TO_MS(&values.idle_timeout_ms),
     .commands = ALL, .min = 0, .max = SERVER_TIME_MAX, .initial = NUMBER(IDLE_TIMEOUT_DEFAULT),
     .help = "of a silent peer; 0: no limit"},

    {.group = "Limits",
     .name = "--max-message", .hint = "BYTES", .value = OPTION_TO_SIZE(&values.max_message),
     .commands = ALL, .min = MESSAGE_LIMIT_MIN, .max = MESSAGE_LIMIT_MAX,
     .initial = NUMBER(MESSAGE_LIMIT_DEFAULT),
     .help = "of a packet with attachments"},
    {.name = "--max-clients", .hint = "N", .value = OPTION_TO_NUMBER(&values.max_clients),
     .commands = ALL, .given = &values.max_clients_given,
     .min = 1, .max = CLIENTS_LIMIT_MAX, .unit = "connections",
     .initial = NUMBER(CLIENTS_LIMIT_DEFAULT),
     .help = "open at once"},
    {.name = "--max-per-address", .hint = "N",
     .value = OPTION_TO_NUMBER(&values.max_per_address), .commands = ALL,
     .min = 0, .max = CLIENTS_LIMIT_MAX, .unit = "connections", .initial = "0",
     .help = "of one address; 0: no limit"},
    {.name = "--max-head", .hint = "BYTES", .value = OPTION_TO_SIZE(&values.max_head),
     .commands = ALL, .min = HEAD_LIMIT_MIN, .max = HEAD_LIMIT_MAX,
     .initial = NUMBER(HEAD_LIMIT_DEFAULT),
     .help = "of an HTTP request head"},
    {.name = "--socket-buffer", .hint = "BYTES", .value = OPTION_TO_SIZE(&values.socket_buffer),
     .commands = ALL, .min = SOCKET_BUFFER_MIN, .max = SOCKET_BUFFER_MAX, .unset = "system's",
     .help = "kernel buffer, each way"},

    {.group = "Running",
     .name = "--poller", .hint = "NAME", .value = OPTION_TO_WORD(&values.poller), .commands = ALL,
     .words = pollers.item, .unset = "the best",
     .help = "how to wait for sockets"},
    {.name = "--busy-poll", .value = OPTION_TO_FLAG(&values.busy_poll), .commands = ALL,
     .help = "never sleep: ask for events all the time"},
    {.name = "--cpu", .hint = "N", .value = OPTION_TO_NUMBER(&values.cpu), .commands = ALL,
     .min = 0, .max = CPU_MAX, .unset = "any",
     .help = "run on this core"},

    {.group = "Self-test of a client",
     .name = "--delay", .hint = "TIME", .value = OPTION_TO_DURATION(&values.delay_ns),
     .commands = ALL, .min = DELAY_MIN, .max = DELAY_MAX, .unset = "none",
     .help = "before each answer"},
    {.name = "--stall", .hint = "LENGTH/EVERY", .value = OPTION_TO_TEXT(&values.stall),
     .commands = ALL, .unset = "never",
     .help = "freeze, such as 100ms/1s"},

    {.group = "Output",
     .name = "--json", .value = OPTION_TO_FLAG(&values.json), .commands = ALL,
     .help = "the final report as JSON"},
    {.name = "--quiet", .value = OPTION_TO_FLAG(&values.quiet), .commands = ALL,
     .help = "no final report, no warnings"},
    {.name = "--version", .value = OPTION_TO_FLAG(&values.version), .commands = ALL,
     .help = "print the version"},
    {.name = "--help", .value = OPTION_TO_FLAG(&values.help), .commands = ALL,
     .help = "print this help"},
};
/* clang-format on */

static const char *const commands[] = {"wsio-server"};

static const struct option_table table = {
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
};

static_assert(sizeof rows / sizeof rows[0] <= OPTION_ROWS_MAX, "struct option_args has each row");
static_assert(NAMESPACES_MAX <= OPTION_TEXTS_MAX && ORIGINS_MAX <= OPTION_TEXTS_MAX &&
                  HOSTS_MAX <= OPTION_TEXTS_MAX && SUBPROTOCOLS_MAX <= OPTION_TEXTS_MAX,
              "struct option_texts has room");

void server_options_pollers(const char *names)
{
    option_words_split(&pollers, names);
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

/* NULL, or the cause of a refusal. In a packet a comma would end the namespace, and a '?' would
 * begin a query. */
static const char *check_namespace(const char *name)
{
    if (strcmp(name, "/") == 0)
        return "/ is served anyway";
    if (name[0] != '/' || !is_printable(name) || strpbrk(name, ",?") != NULL)
        return "expected / and printable ASCII without ',' and '?'";
    return strlen(name) < NAMESPACE_NAME_MAX ? NULL : "longer than 63 bytes";
}

/* As a browser sends it: no path, not even a slash (RFC 6454 section 6.2). */
static const char *check_origin(const char *origin)
{
    const char *host = strstr(origin, "://");
    if (strlen(origin) >= ORIGIN_NAME_MAX)
        return "longer than 127 bytes";
    if (strcmp(origin, "null") == 0 || strcmp(origin, "*") == 0)
        return NULL;
    if (host == NULL || host == origin || host[3] == '\0' || !is_printable(origin) ||
        strpbrk(host + 3, "/?#,") != NULL)
        return "expected SCHEME://HOST[:PORT], null or *";
    return NULL;
}

/* Compared without port; an IPv6 address stands in brackets, as in Host. */
static const char *check_host(const char *host)
{
    bool literal = host[0] == '[';
    if (strlen(host) >= HOST_TEXT_MAX)
        return "longer than 255 bytes";
    if (!is_printable(host) || strpbrk(host, "/?#@,") != NULL ||
        (!literal && strchr(host, ':') != NULL) || (literal && host[strlen(host) - 1] != ']'))
        return "expected a name or an address without port, IPv6 in brackets";
    return NULL;
}

static const char *check_subprotocol(const char *name)
{
    if (strlen(name) > SUBPROTOCOL_MAX)
        return "longer than 4096 bytes";
    return http_is_token(span_text(name)) ? NULL : "expected a token of RFC 9110";
}

static int check_texts(const char *name, const struct option_texts *texts,
                       const char *(*check)(const char *), char error[OPTION_ERROR_BYTES])
{
    for (uint32_t i = 0; i < texts->count; i++) {
        const char *cause = check(texts->item[i]);
        for (uint32_t k = 0; cause == NULL && k < i; k++) {
            if (strcmp(texts->item[k], texts->item[i]) == 0)
                cause = "given twice";
        }
        if (cause != NULL)
            return option_refuse(error, name, texts->item[i], cause);
    }
    return STATUS_OK;
}

static int check_all(struct server_options *options, char error[OPTION_ERROR_BYTES])
{
    if (options->port == options->tcp_port && options->port != 0)
        return option_refuse(error, "--tcp-port", NULL, "expected another port than --port");
    if (options->stall != NULL &&
        !selftest_parse_stall(options->stall, &options->stall_ns, &options->stall_every_ns))
        return option_refuse(error, "--stall", options->stall,
                             "expected LENGTH/EVERY, LENGTH less than EVERY, such as 100ms/1s");
    const struct {
        const char *name;
        const struct option_texts *texts;
        const char *(*check)(const char *);
    } lists[] = {
        {"--namespace", &options->namespaces, check_namespace},
        {"--origin", &options->origins, check_origin},
        {"--host", &options->hosts, check_host},
        {"--subprotocol", &options->subprotocols, check_subprotocol},
    };
    int status = STATUS_OK;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && status == STATUS_OK; i++)
        status = check_texts(lists[i].name, lists[i].texts, lists[i].check, error);
    return status;
}

int server_options_parse(struct server_options *options, int argc, char *const argv[],
                         char error[OPTION_ERROR_BYTES])
{
    struct option_args args;
    memset(&values, 0, sizeof values);
    values.cpu = SERVER_OPTION_UNSET;
    int status = option_parse(&table, argc, argv, &args, error);
    if (status != STATUS_OK)
        return status;
    if (args.operand_count > 0)
        return option_refuse(error, "unexpected argument", args.operands[0], "see --help");
    status = option_resolve(&table, 0, &args, error);
    *options = values;
    if (status != STATUS_OK || options->help || options->version)
        return status;
    return check_all(options, error);
}

void server_options_help(struct buf *out)
{
    buf_put_text(out,
                 "usage: wsio-server [options]\n\n"
                 "Echoes WebSocket (any path) and Socket.IO v4 (/socket.io/) on one port, and raw\n"
                 "TCP on another. A message on the WebSocket path /broadcast goes to all others\n"
                 "there. GET /healthz and GET /stats are answered, too. The first line of output\n"
                 "names both ports. Defaults are in brackets.\n"
                 "\n--app echo returns every Socket.IO event but these: join ROOM, leave ROOM,\n"
                 "broadcast ROOM NAME ARGS... (to all others in the room), disconnect-me.\n"
                 "--app conformance does what public protocol tests expect, and has a bare\n"
                 "Engine.IO at /engine.io/.\n");
    option_help(&table, ALL, out);
    buf_put_text(
        out, "\nOn a loopback address (the default) Host must name localhost, a loopback address\n"
             "or a --host, so that no page of another site gets in by a name of its own; else\n"
             "Host is compared only if --host is given. The first subprotocol that a client\n"
             "offers is chosen, or the first one that a --subprotocol names.\n"
             "\nSizes may end in K or M, times in ms or s. On SIGINT, SIGTERM or SIGHUP the\n"
             "server closes all connections, reports, and ends. A second one ends it at once.\n"
             "\nExit codes: 0 stopped; 1 could not start or run; 2 wrong usage; 130 at once.\n");
}
