#include "server/server_options.h"

#include <string.h>

#include "base/config.h"
#include "base/status.h"
#include "server/selftest.h"

#define ALL        1u /* there is one command */
#define MS_MAX     86400000
#define CPU_MAX    1023
#define BUFFER_MAX (64 * 1024 * 1024)
#define DELAY_MAX  500000000 /* the whole server waits */

#define AT(field)    offsetof(struct server_options, field)
#define TEXT_OF(n)   #n
#define NUMBER(name) TEXT_OF(name) /* a limit of config.h as the text of a default */

/* X as in option.h. The words of --app are in the order of enum server_app. */
/* clang-format off */
#define ROWS(X) \
    X("Addresses", "--bind", "ADDRESS", OPTION_TEXT, AT(bind), 0, 0, "", ALL, \
      "127.0.0.1", "", "address or name to listen on") \
    X("", "--port", "PORT", OPTION_NUMBER, AT(port), 0, 65535, "", ALL, \
      "9000", "", "WebSocket and Socket.IO; 0: any") \
    X("", "--tcp-port", "PORT", OPTION_NUMBER, AT(tcp_port), 0, 65535, "", ALL, \
      "9001", "", "raw TCP echo; 0: any") \
    \
    X("Application", "--app", "NAME", OPTION_CHOICE, AT(app), 0, 0, "echo|conformance", ALL, \
      "echo", "", "what answers") \
    X("", "--namespace", "/NAME", OPTION_TEXTS, AT(namespaces), 0, NAMESPACES_MAX, "", ALL, \
      "/custom", "", "served beside /; up to 8 times") \
    X("", "--origin", "ORIGIN", OPTION_TEXTS, AT(origins), 0, ORIGINS_MAX, "", ALL, \
      "", "equal to Host", "of browsers; up to 8 times") \
    \
    X("Times", "--ping-interval", "MS", OPTION_MS, AT(ping_interval_ms), 10, MS_MAX, "", ALL, \
      NUMBER(PING_INTERVAL_DEFAULT), "", "Engine.IO ping every") \
    X("", "--ping-timeout", "MS", OPTION_MS, AT(ping_timeout_ms), 10, MS_MAX, "", ALL, \
      NUMBER(PING_TIMEOUT_DEFAULT), "", "pong due within") \
    X("", "--connect-timeout", "MS", OPTION_MS, AT(connect_timeout_ms), 10, MS_MAX, "", ALL, \
      NUMBER(CONNECT_TIMEOUT_DEFAULT), "", "namespace joined within") \
    X("", "--handshake-timeout", "MS", OPTION_MS, AT(handshake_timeout_ms), 10, MS_MAX, "", ALL, \
      NUMBER(HANDSHAKE_TIMEOUT_DEFAULT), "", "request head within") \
    X("", "--idle-timeout", "MS", OPTION_MS, AT(idle_timeout_ms), 0, MS_MAX, "", ALL, \
      NUMBER(IDLE_TIMEOUT_DEFAULT), "", "idle at most; 0: ever") \
    \
    X("Limits", "--max-message", "BYTES", OPTION_SIZE, AT(max_message), MESSAGE_LIMIT_MIN, MESSAGE_LIMIT_MAX, "", ALL, \
      NUMBER(MESSAGE_LIMIT_DEFAULT), "", "packet and attachments") \
    X("", "--max-clients", "N", OPTION_NUMBER, AT(max_clients), 1, CLIENTS_LIMIT_MAX, "connections", ALL, \
      NUMBER(CLIENTS_LIMIT_DEFAULT), "", "open at once") \
    X("", "--max-head", "BYTES", OPTION_SIZE, AT(max_head), HEAD_LIMIT_MIN, HEAD_LIMIT_MAX, "", ALL, \
      NUMBER(HEAD_LIMIT_DEFAULT), "", "HTTP request head") \
    X("", "--socket-buffer", "BYTES", OPTION_SIZE, AT(socket_buffer), 1024, BUFFER_MAX, "", ALL, \
      "", "system's", "kernel buffer, each way") \
    \
    X("Running", "--poller", "NAME", OPTION_WORD, AT(poller), 0, 0, "", ALL, \
      "", "the best", "how to wait for sockets") \
    X("", "--busy-poll", "", OPTION_FLAG, AT(busy_poll), 0, 0, "", ALL, \
      "", "", "never sleep: ask for events all the time") \
    X("", "--cpu", "N", OPTION_NUMBER, AT(cpu), 0, CPU_MAX, "", ALL, \
      "", "any", "run on this core") \
    \
    X("Self-test of a client", "--delay", "TIME", OPTION_DURATION, AT(delay_ns), 1000, DELAY_MAX, "", ALL, \
      "", "none", "before each answer") \
    X("", "--stall", "LENGTH/EVERY", OPTION_TEXT, AT(stall), 0, 0, "", ALL, \
      "", "never", "freeze, such as 100ms/1s") \
    \
    X("Output", "--json", "", OPTION_FLAG, AT(json), 0, 0, "", ALL, \
      "", "", "the final report as JSON") \
    X("", "--quiet", "", OPTION_FLAG, AT(quiet), 0, 0, "", ALL, \
      "", "", "no final report") \
    X("", "--version", "", OPTION_FLAG, AT(version), 0, 0, "", ALL, \
      "", "", "print the version") \
    X("", "--help", "", OPTION_FLAG, AT(help), 0, 0, "", ALL, \
      "", "", "print this")
/* clang-format on */

static const struct option rows[] = {ROWS(OPTION_ROW)};
static const char row_texts[] = ROWS(OPTION_ROW_TEXTS);
static struct option_table table = {
    .rows = rows,
    .texts = row_texts,
    .count = sizeof rows / sizeof rows[0],
    .commands = "wsio-server",
    .command_count = 1,
    .words = "",
};

static_assert(sizeof rows / sizeof rows[0] <= OPTION_ROWS_MAX, "one bit for each row");
static_assert(NAMESPACES_MAX <= OPTION_TEXTS_MAX && ORIGINS_MAX <= OPTION_TEXTS_MAX,
              "repeated texts have room");

void server_options_pollers(const char *names)
{
    table.words = names;
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

/* NULL, or the cause of a refusal. A comma would end the namespace in a packet, a '?' begin a
 * query. */
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
        return option_refuse(error, "--tcp-port", NULL, "the same port as --port");
    if (options->stall != NULL &&
        !selftest_parse_stall(options->stall, &options->stall_ns, &options->stall_every_ns))
        return option_refuse(error, "--stall", options->stall,
                             "expected LENGTH/EVERY, LENGTH less than EVERY, such as 100ms/1s");
    int status = check_texts("--namespace", &options->namespaces, check_namespace, error);
    if (status != STATUS_OK)
        return status;
    return check_texts("--origin", &options->origins, check_origin, error);
}

int server_options_parse(struct server_options *options, int argc, char *const argv[],
                         char error[OPTION_ERROR_BYTES])
{
    struct option_args args;
    memset(options, 0, sizeof *options);
    options->cpu = SERVER_OPTION_UNSET;
    int status = option_parse(&table, argc, argv, options, &args, error);
    if (status != STATUS_OK)
        return status;
    if (args.operand_count > 0)
        return option_refuse(error, "unexpected argument", args.operands[0], "see --help");
    options->max_clients_given = option_given(&table, args.given, "--max-clients");
    status = option_resolve(&table, 0, options, &args, error);
    if (status != STATUS_OK || options->help || options->version)
        return status;
    return check_all(options, error);
}

void server_options_help(struct buf *out)
{
    buf_put_text(out,
                 "usage: wsio-server [options]\n\n"
                 "Echoes WebSocket (any path) and Socket.IO v4 (/socket.io/) on one port, raw\n"
                 "TCP on another. What comes on the WebSocket path /broadcast goes to all others\n"
                 "there. GET /healthz and GET /stats answer, too. The first line of output names\n"
                 "both ports. Defaults are in brackets.\n"
                 "\nSocket.IO events of --app echo that are no echo: join ROOM, leave ROOM,\n"
                 "broadcast ROOM NAME ARGS... (to all others in the room), disconnect-me.\n"
                 "--app conformance: what public protocol tests expect, with bare Engine.IO at\n"
                 "/engine.io/.\n");
    option_help(&table, ALL, out);
    buf_put_text(out, "\nSizes may end in K or M, times in ms or s. SIGINT or SIGTERM: closes all\n"
                      "connections, reports, and ends.\n"
                      "\nExit codes: 0 stopped; 1 could not start or run; 2 wrong usage.\n");
}
