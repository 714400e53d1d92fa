/* wsio-server: options, listeners, the loop until a signal, the report. */
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/status.h"
#include "loop/listener.h"
#include "port.h"
#include "server/server.h"

/* As --help lists them. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1, /* could not start or run */
    EXIT_USAGE = 2,
};

#define BACKLOG           1024 /* connections that wait to be accepted */
#define DESCRIPTORS_SPARE 16   /* beside the connections: standard streams, listeners, poller */

static struct server server;

static int complain(const char *what, const char *which, int status)
{
    char more[64] = "";
    if (status == STATUS_NO_MEMORY && port_region_refused() > 0)
        snprintf(more, sizeof more, ": needs %zu MiB of address space (ulimit -v)",
                 port_region_refused() / (1024 * 1024) + 1);
    fprintf(stderr, "wsio-server: %s %s: %s%s\n", what, which, status_text(status), more);
    return EXIT_FAILED;
}

/* A stream without a buffer has failed before it is flushed, so both are asked. */
static int flush_output(void)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return EXIT_DONE;
    fprintf(stderr, "wsio-server: stdout: cannot be written\n");
    return EXIT_FAILED;
}

static int print_text(void (*put)(struct buf *out))
{
    static uint8_t bytes[SERVER_HELP_BYTES];
    struct buf out = buf_over(bytes, sizeof bytes);
    put(&out);
    fwrite(out.ptr, 1, out.len, stdout);
    return flush_output();
}

static void put_version(struct buf *out)
{
    buf_put_text(out, "wsio-server " WSIO_VERSION "\n");
}

/* Listens on one address; its text, as bound, goes to `text`. */
static int listen_on(const struct port_address *a, bool raw, char text[PORT_ADDRESS_TEXT])
{
    struct port_address bound;
    port_socket socket;
    int status = port_listen(a, BACKLOG, &socket, &bound);
    if (status >= 0)
        status = listener_add(&server.loop, socket, raw);
    if (status >= 0)
        port_address_text(&bound, text);
    return status;
}

static int open_listeners(struct server_options *o)
{
    const struct {
        uint32_t port;
        const char *option;
        bool raw;
    } wanted[2] = {
        {.port = o->port, .option = "--port", .raw = false},
        {.port = o->tcp_port, .option = "--tcp-port", .raw = true},
    };
    char text[2][PORT_ADDRESS_TEXT];
    for (int i = 0; i < 2; i++) {
        struct port_address a;
        char place[80];
        int status = port_resolve(o->bind, (uint16_t)wanted[i].port, &a, 1);
        if (status >= 0) {
            o->is_loopback = port_address_is_loopback(&a);
            status = listen_on(&a, wanted[i].raw, text[i]);
        }
        snprintf(place, sizeof place, "%s port %u (--bind, %s)", o->bind, (unsigned)wanted[i].port,
                 wanted[i].option);
        if (status < 0)
            return complain("cannot listen on", place, status);
    }
    printf("wsio-server listening on %s tcp %s\n", text[0], text[1]);
    return flush_output();
}

static void warn_if(bool applies, const char *text)
{
    if (applies)
        fprintf(stderr, "wsio-server: warning: %s\n", text);
}

static void print_warnings(const struct server_options *o)
{
    bool any_origin = false;
    for (uint32_t i = 0; i < o->origins.count; i++)
        any_origin = any_origin || strcmp(o->origins.item[i], "*") == 0;
    if (o->quiet)
        return;
    warn_if(!o->is_loopback,
            "--bind: other machines can connect; nothing is encrypted or asked for");
    warn_if(any_origin, "--origin '*': a page of any site can connect");
    warn_if(!o->is_loopback && port_is_root(), "it runs as root, and other machines can connect");
    fflush(stderr);
}

static int serve_until_stopped(void)
{
    while (port_stop_count() == 0) {
        int status = loop_turn(&server.loop, server_due(&server));
        server_serve(&server);
        if (status < 0)
            return complain("cannot wait with", server.loop.setup.poller->name, status);
    }
    server_stop(&server);
    uint64_t until = port_clock() + 2 * (uint64_t)CLOSE_TIMEOUT_MS * 1000000;
    while (server.loop.used > 0 && port_clock() < until)
        loop_turn(&server.loop, until);
    return EXIT_DONE;
}

static int print_report(const struct server_options *o)
{
    struct buf out = buf_over(server.page, sizeof server.page);
    if (o->json)
        stats_put_json(&server.stats, &server.loop, &out);
    else if (!o->quiet)
        stats_put_text(&server.stats, &server.loop, &out);
    fwrite(out.ptr, 1, out.len, stdout);
    return flush_output();
}

/* select watches about a thousand sockets: the default of --max-clients is lowered to that, a given
 * value is refused. */
static int fit_clients(struct server_options *o, const struct port_poller *poller)
{
    size_t most = poller->most();
    if (most - DESCRIPTORS_SPARE >= o->max_clients)
        return EXIT_DONE;
    if (o->max_clients_given) {
        fprintf(stderr, "wsio-server: --max-clients %u: with --poller %s expected 1..%zu\n",
                (unsigned)o->max_clients, poller->name, most - DESCRIPTORS_SPARE);
        return EXIT_USAGE;
    }
    o->max_clients = (uint32_t)(most - DESCRIPTORS_SPARE);
    return EXIT_DONE;
}

static int pin_process(const struct server_options *o)
{
    static struct port_facts facts;
    if (o->cpu == SERVER_OPTION_UNSET || port_pin(o->cpu) >= 0)
        return EXIT_DONE;
    port_facts_read(&facts);
    fprintf(stderr,
            "wsio-server: --cpu %u: expected one of the %u cores that this process may use\n",
            (unsigned)o->cpu, facts.cores_allowed);
    return EXIT_USAGE;
}

static void check_limits(const struct server_options *o)
{
    uint64_t needed = (uint64_t)o->max_clients + DESCRIPTORS_SPARE;
    uint64_t allowed = port_descriptors_raise();
    if (needed <= allowed)
        return;
    fprintf(stderr,
            "wsio-server: note: --max-clients %u needs %llu open files, %llu are allowed; "
            "the other clients will wait\n",
            (unsigned)o->max_clients, (unsigned long long)needed, (unsigned long long)allowed);
    fflush(stderr);
}

/* At a second request to stop: the server has no files. */
static void leave_nothing(void)
{
}

static int run(struct server_options *o)
{
    const struct port_poller *poller = port_poller_find(o->poller);
    if (fit_clients(o, poller) != EXIT_DONE || pin_process(o) != EXIT_DONE)
        return EXIT_USAGE;
    check_limits(o);
    int status = server_open(&server, o, poller);
    if (status < 0)
        return complain("cannot start with", poller->name, status);
    port_stop_catch(leave_nothing);
    int code = open_listeners(o);
    if (code == EXIT_DONE) {
        print_warnings(o);
        code = serve_until_stopped();
    }
    if (code == EXIT_DONE)
        code = print_report(o);
    server_close(&server);
    return code;
}

int main(int argc, char *argv[])
{
    static struct server_options options;
    char error[OPTION_ERROR_BYTES];
    int status = port_start();
    if (status < 0)
        return complain("cannot start:", "the system's sockets", status);
    server_options_pollers(port_poller_names());
    if (server_options_parse(&options, argc, argv, error) < 0) {
        fprintf(stderr, "wsio-server: %s\n", error);
        return EXIT_USAGE;
    }
    if (options.help)
        return print_text(server_options_help);
    if (options.version)
        return print_text(put_version);
    return run(&options);
}
