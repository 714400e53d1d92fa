#include "client/options/client_resolve.h"

#include <string.h>

#include "base/status.h"
#include "client/options/client_check.h"
#include "client/options/schedule.h"

#define SECOND              UINT64_C(1000000000)
#define WARMUP_PART         6 /* of the duration: what is cut unless --warmup says otherwise */
#define WARMUP_MAX          (SECOND / 2)
#define CONCURRENCY_DEFAULT 16
#define SIBLING_TIME_LIMIT  (60 * SECOND) /* of compare, when no target is given */

/* "NAME VALUE: CAUSE, which is OTHER": either may be a default that the user did not write. */
static int refuse_beside(const char *name, enum option_kind kind, uint64_t value, const char *cause,
                         enum option_kind other_kind, uint64_t other,
                         char error[OPTION_ERROR_BYTES])
{
    struct buf out = buf_over(error, OPTION_ERROR_BYTES - 1);
    buf_put_text(&out, name);
    buf_put_byte(&out, ' ');
    option_put_number(kind, value, &out);
    buf_put_text(&out, cause);
    buf_put_text(&out, ", which is ");
    option_put_number(other_kind, other, &out);
    error[out.len] = '\0';
    return STATUS_INVALID;
}

/* What depends on other options and on the targets. */
static int resolve_dependent(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    if (client_options_given(options, "--warmup")) {
        if (options->warmup_ns >= options->duration_ns)
            return refuse_beside("--warmup", OPTION_DURATION, options->warmup_ns,
                                 ": expected less than --duration", OPTION_DURATION,
                                 options->duration_ns, error);
    } else {
        uint64_t part = options->duration_ns / WARMUP_PART;
        options->warmup_ns = part < WARMUP_MAX ? part : WARMUP_MAX;
    }
    if (client_options_given(options, "--concurrency")) {
        if (options->concurrency > options->clients)
            return refuse_beside("--concurrency", OPTION_NUMBER, options->concurrency,
                                 ": expected at most --clients", OPTION_NUMBER, options->clients,
                                 error);
    } else {
        options->concurrency =
            options->clients < CONCURRENCY_DEFAULT ? options->clients : CONCURRENCY_DEFAULT;
    }
    if (options->rate > 0 && schedule_count(options->duration_ns, options->rate) ==
                                 schedule_count(options->warmup_ns, options->rate))
        return refuse_beside("--rate", OPTION_NUMBER, options->rate,
                             ": nothing falls due after --warmup in --duration", OPTION_DURATION,
                             options->duration_ns, error);
    if (options->scenario == CLIENT_COMPARE && options->targets.count == 0 &&
        !client_options_given(options, "--time-limit"))
        options->time_limit_ns = SIBLING_TIME_LIMIT;
    if (options->reply_event == NULL)
        options->reply_event = options->event;
    return STATUS_OK;
}

static int resolve_payload(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    struct payload *payload = &options->payload;
    if (payload->text == NULL)
        return STATUS_OK;
    if (client_options_given(options, "--size"))
        return option_refuse(error, "--payload", NULL, "not together with --size");
    if (!payload->binary && client_check_utf8(payload->text) != NULL)
        return option_refuse(error, "--payload", payload->text, "invalid UTF-8 (see --binary)");
    payload->size = strlen(payload->text);
    return STATUS_OK;
}

static int resolve_sweep(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    if (options->sweep_text == NULL)
        return STATUS_OK;
    const char *cause = sweep_parse(&options->sweep, options->sweep_text);
    if (cause != NULL)
        return option_refuse(error, "--sweep", options->sweep_text, cause);
    bool sizes = options->sweep.kind == SWEEP_SIZE;
    const char *fixed = sizes ? "--size" : "--clients";
    if (client_options_given(options, fixed))
        return option_refuse(error, fixed, NULL, "not together with --sweep of the same");
    if (sizes && options->payload.text != NULL)
        return option_refuse(error, "--payload", NULL, "not together with --sweep size=");
    uint64_t most = options->sweep.values[options->sweep.count - 1];
    if (sizes)
        options->payload.size = (size_t)most;
    else
        options->clients = (uint32_t)most;
    return STATUS_OK;
}

static int resolve_pids(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    for (uint32_t i = 0; i < options->server_pids.count; i++) {
        const char *text = options->server_pids.item[i];
        uint32_t target;
        int64_t pid;
        if (!client_options_server_pid(options, i, &target, &pid))
            return option_refuse(error, "--server-pid", text,
                                 "expected NAME=PID with the name of a target");
    }
    return STATUS_OK;
}

/* echo has one peer, and speaks no raw TCP. */
static int check_echo(const struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    const struct target_list *targets = &options->targets;
    if (options->scenario != CLIENT_ECHO)
        return STATUS_OK;
    if (targets->count != 1)
        return option_refuse(error, "echo", NULL, "expected one target");
    const struct target *target = &targets->item[0];
    if (target->kind == TARGET_TCP)
        return option_refuse(error, "echo", target->text, "expected ws:// or http://");
    if (target->transport != TARGET_WEBSOCKET)
        return option_refuse(error, "echo", target->text, "only #websocket");
    return STATUS_OK;
}

/* Options that say nothing to some kinds of targets. Before each name a bit for each kind that it
 * is of use to. */
#define TO_WS     "\2"
#define TO_SIO    "\4"
#define TO_FRAMES "\6"
static_assert(1 << TARGET_WS == 2 && 1 << TARGET_SIO == 4, "the bits of the names below");
static const char narrow[] =
    TO_SIO "--auth\0" TO_SIO "--event\0" TO_SIO "--reply-event\0" TO_SIO "--socketio-path\0" TO_WS
           "--subprotocol\0" TO_FRAMES "--origin\0" TO_SIO "--ack\0" TO_FRAMES
           "--binary\0" TO_FRAMES "--header\0";

/* Each that is given is of use to one of the targets, of which the sibling has every kind, and its
 * text may go onto the wire. */
static int check_narrow(const struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    const struct {
        const char *text;
        const char *(*check)(const char *);
    } texts[] = {
        {options->auth, client_check_auth},
        {options->event, client_check_event},
        {options->reply_event, client_check_event},
        {options->socketio_path, client_check_path},
        {options->subprotocol, client_check_subprotocol},
        {options->origin, client_check_field},
    };
    int kinds = options->targets.count == 0 ? UINT8_MAX : 0;
    for (uint32_t i = 0; i < options->targets.count; i++)
        kinds |= 1 << options->targets.item[i].kind;
    size_t i = 0;
    for (const char *row = narrow; *row != '\0'; row += strlen(row) + 1, i++) {
        const char *cause = NULL;
        const char *text = NULL;
        if ((kinds & *row) == 0 && client_options_given(options, row + 1)) {
            cause = *row == *TO_SIO  ? "no target is Socket.IO (http://)"
                    : *row == *TO_WS ? "no target is ws://"
                                     : "no target is ws:// or http://";
        } else if (i < sizeof texts / sizeof texts[0] && texts[i].text != NULL) {
            text = texts[i].text;
            cause = texts[i].check(text);
        }
        if (cause != NULL)
            return option_refuse(error, row + 1, text, cause);
    }
    return STATUS_OK;
}

static int check_headers(const struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    for (uint32_t i = 0; i < options->headers.count; i++) {
        const char *text = options->headers.item[i];
        const char *cause = client_check_header(text);
        if (cause != NULL)
            return option_refuse(error, "--header", text, cause);
    }
    return STATUS_OK;
}

int client_resolve_verdict(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    const char *text = options->verdict_text;
    enum scenario *scenario = &options->verdict_scenario;
    if (text == NULL)
        return STATUS_OK;
    if (!figure_parse(text, scenario, &options->verdict_figure) ||
        !figure_yielded(options->verdict_figure, *scenario))
        return option_refuse(error, "--verdict-on", text,
                             "expected SCENARIO.FIGURE, such as roundtrip.p50");
    if (*scenario == SCENARIO_RATE && options->scenario == CLIENT_COMPARE && options->rate == 0)
        return option_refuse(error, "--verdict-on", text, "compare has no rate without --rate");
    return STATUS_OK;
}

int client_resolve(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    int status = check_echo(options, error);
    if (status == STATUS_OK)
        status = check_narrow(options, error);
    if (status == STATUS_OK)
        status = resolve_dependent(options, error);
    if (status == STATUS_OK)
        status = resolve_payload(options, error);
    if (status == STATUS_OK)
        status = resolve_sweep(options, error);
    if (status == STATUS_OK)
        status = client_resolve_verdict(options, error);
    if (status == STATUS_OK)
        status = resolve_pids(options, error);
    return status == STATUS_OK ? check_headers(options, error) : status;
}
