#include "client/campaign/sibling.h"

#include <stdio.h>
#include <string.h>

#include "base/real.h"
#include "base/status.h"
#include "client/plan/plan.h"
#include "codec/http.h"
#include "codec/json.h"

#define SERVER_NAME   "wsio-server"
#define PATH_BYTES    1024
#define ANSWER_MAX    16384 /* bytes of its answer to a question */
#define CLIENTS_SPARE 64    /* connections that the last trial is still closing, and our question */
#define FIRST_LINE_NS UINT64_C(5000000000) /* until it has reported where it listens */
#define ASK_NS        UINT64_C(2000000000) /* until it has answered a question */
#define STOP_NS       UINT64_C(6000000000) /* until it has ended; then it is killed */

/* ---- Starting ---------------------------------------------------------------------------- */

/* The server lies beside our own executable, with the same ending (".exe" or none). */
static int make_path(char path[PATH_BYTES])
{
    char self[PATH_BYTES];
    int status = port_self_path(self, sizeof self);
    if (status < 0)
        return status;
    size_t folder = 0;
    for (size_t i = 0; self[i] != '\0'; i++)
        if (self[i] == '/' || self[i] == '\\')
            folder = i + 1;
    const char *dot = strrchr(self + folder, '.');
    int length = snprintf(path, PATH_BYTES, "%.*s" SERVER_NAME "%s", (int)folder, self,
                          dot != NULL ? dot : "");
    return length < PATH_BYTES ? STATUS_OK : STATUS_NO_ROOM;
}

static int spawn_server(struct sibling *s, const struct client_options *options, const char *path)
{
    char buffer[24];
    char clients[24];
    const char *argv[16] = {path, "--port", "0", "--tcp-port", "0", "--quiet"};
    size_t n = 6;
    uint32_t needed = plan_find_needs(options, &options->targets).users + CLIENTS_SPARE;
    if (needed > CLIENTS_LIMIT_DEFAULT) {
        snprintf(clients, sizeof clients, "%u", needed);
        argv[n++] = "--max-clients";
        argv[n++] = clients;
    }
    if (options->poller != NULL) {
        argv[n++] = "--poller";
        argv[n++] = options->poller;
    }
    if (options->busy_poll)
        argv[n++] = "--busy-poll";
    if (options->socket_buffer > 0) {
        snprintf(buffer, sizeof buffer, "%llu", (unsigned long long)options->socket_buffer);
        argv[n++] = "--socket-buffer";
        argv[n++] = buffer;
    }
    argv[n] = NULL;
    return port_child_start(&s->child, path, argv);
}

/* Reads its first line: "wsio-server listening on A:P tcp A:P". */
static bool read_line(struct sibling *s, const char *line)
{
    char web[64];
    char tcp[64];
    if (sscanf(line, SERVER_NAME " listening on %63s tcp %63s", web, tcp) != 2)
        return false;
    const char *colon = strrchr(web, ':');
    uint64_t port;
    if (colon == NULL || !span_to_u64(span_text(colon + 1), &port))
        return false;
    snprintf(s->urls[SIBLING_TCP], sizeof s->urls[SIBLING_TCP], "tcp=tcp://%s", tcp);
    snprintf(s->urls[SIBLING_WS], sizeof s->urls[SIBLING_WS], "ws=ws://%s/", web);
    snprintf(s->urls[SIBLING_SIO], sizeof s->urls[SIBLING_SIO], "sio=http://%s/", web);
    snprintf(s->urls[SIBLING_SIO_UPGRADE], sizeof s->urls[SIBLING_SIO_UPGRADE],
             "sio-upgrade=http://%s/#upgrade", web);
    return port_resolve("127.0.0.1", (uint16_t)port, &s->web, 1) == 1;
}

int sibling_start(struct sibling *s, const struct client_options *options,
                  char error[OPTION_ERROR_BYTES])
{
    char path[PATH_BYTES] = SERVER_NAME;
    char line[128];
    memset(s, 0, sizeof *s);
    int status = make_path(path);
    if (status >= 0)
        status = spawn_server(s, options, path);
    if (status < 0) {
        snprintf(error, OPTION_ERROR_BYTES, "cannot start %.180s: %s", path, status_text(status));
        return status;
    }
    status = port_child_line(&s->child, line, sizeof line, FIRST_LINE_NS);
    if (status >= 0 && read_line(s, line))
        return STATUS_OK;
    snprintf(error, OPTION_ERROR_BYTES, "%.120s did not report where it listens: %.80s", path,
             status < 0 ? status_text(status) : line);
    sibling_stop(s);
    return status < 0 ? status : STATUS_INVALID;
}

void sibling_stop(struct sibling *s)
{
    port_child_stop(&s->child, STOP_NS);
    memset(&s->child, 0, sizeof s->child);
}

/* ---- Asking ------------------------------------------------------------------------------ */

struct question {
    uint8_t bytes[ANSWER_MAX];
    size_t len;
    bool over;
};

static void send_question(struct loop *l, struct loop_slot *s)
{
    conn_start_client(&s->conn, &l->io, NULL);
    buf_put_text(&l->out, "GET /stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}

static void take_answer(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    struct question *q = l->setup.app->self;
    (void)s;
    if (event->kind != CONN_DATA)
        return;
    struct buf answer = buf_over(q->bytes, sizeof q->bytes);
    answer.len = q->len;
    buf_put(&answer, event->data.ptr, event->data.len);
    q->len = answer.len;
}

static void end_question(struct loop *l, struct loop_slot *s, int status)
{
    struct question *q = l->setup.app->self;
    (void)s;
    (void)status;
    q->over = true;
}

static uint64_t find_number(const struct json *object, const char *key)
{
    struct json value;
    uint64_t number = 0;
    return json_find(object, key, &value) && json_to_u64(&value, &number) ? number : 0;
}

static void read_service(const struct json *all, struct server_figures *figures)
{
    static const char *const keys[] = {
#define X(name, key) [SERVICE_##name] = (key),
        SERVICE_LIST(X)
#undef X
    };
    for (int i = 0; i < SERVICE_COUNT; i++) {
        struct json stage;
        struct service_time *time = &figures->service[i];
        if (!json_find(all, keys[i], &stage))
            continue;
        time->count = find_number(&stage, "count");
        time->p50_ns = real_of(find_number(&stage, "p50_ns"));
        time->p99_ns = real_of(find_number(&stage, "p99_ns"));
        time->mean_ns = real_of(find_number(&stage, "mean_ns"));
    }
}

static bool read_answer(const struct question *q, struct server_figures *figures)
{
    struct http_head head;
    struct json all;
    struct json part;
    int used = http_response_parse(span_of(q->bytes, q->len), &head);
    if (used <= 0 || head.code != 200)
        return false;
    if (json_parse(span_of(q->bytes + used, q->len - (size_t)used), &all) != STATUS_OK)
        return false;
    figures->messages = find_number(&all, "messages");
    figures->cpu_ns = find_number(&all, "cpu_ns");
    figures->peak_bytes = find_number(&all, "peak_bytes");
    if (json_find(&all, "loop", &part)) {
        figures->connections = find_number(&part, "accepted");
        figures->calls = find_number(&part, "receives") + find_number(&part, "sends") +
                         find_number(&part, "waits");
    }
    if (json_find(&all, "service", &part))
        read_service(&part, figures);
    return true;
}

bool sibling_ask(struct sibling *s, struct loop *l, struct server_figures *figures)
{
    static struct question q;
    static struct conn_config conn;
    static struct loop_app app;
    struct loop_slot *slot;
    memset(&q, 0, sizeof q);
    memset(figures, 0, sizeof *figures);
    conn.client = true;
    conn.close_timeout = ASK_NS;
    app.self = &q;
    app.connected = send_question;
    app.event = take_answer;
    app.ended = end_question;
    loop_configure(l, &conn, &app);
    if (s->child.pid == 0 || loop_connect(l, &s->web, 0, &slot) < 0)
        return false;
    uint64_t until = port_clock() + ASK_NS;
    while (!q.over && port_clock() < until && loop_turn(l, until) >= 0)
        continue;
    if (!q.over)
        loop_drop(l, slot, STATUS_TIMEOUT);
    figures->known = read_answer(&q, figures);
    return figures->known;
}
