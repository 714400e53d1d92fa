#include "client/options/client_resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "client/options/client_check.h"
#include "client/options/schedule.h"

#define SECOND              UINT64_C(1000000000)
#define WARMUP_PART         6            /* the default warm-up is this part of the duration, */
#define WARMUP_MAX          (SECOND / 2) /* but no longer than this */
#define CONCURRENCY_DEFAULT 16
#define SIBLING_TIME_LIMIT  (60 * SECOND)  /* of compare, when no target is given */
#define DECIDED_TIME_LIMIT  (300 * SECOND) /* of --until-decided */
#define DECIDED_BLOCKS      10             /* up to the first look */
#define WITHIN_MAX          100.0          /* % */

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

static int resolve_warmup(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    uint64_t part = options->duration_ns / WARMUP_PART;
    if (!options->given.warmup)
        options->warmup_ns = part < WARMUP_MAX ? part : WARMUP_MAX;
    else if (options->warmup_ns >= options->duration_ns)
        return refuse_beside("--warmup", OPTION_DURATION, options->warmup_ns,
                             ": expected less than --duration", OPTION_DURATION,
                             options->duration_ns, error);
    return STATUS_OK;
}

static int resolve_concurrency(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    if (!options->given.concurrency)
        options->concurrency =
            options->clients < CONCURRENCY_DEFAULT ? options->clients : CONCURRENCY_DEFAULT;
    else if (options->concurrency > options->clients)
        return refuse_beside("--concurrency", OPTION_NUMBER, options->concurrency,
                             ": expected at most --clients", OPTION_NUMBER, options->clients,
                             error);
    return STATUS_OK;
}

/* At least one message must fall due in the measured part of a trial. */
static int check_rate(const struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    if (options->rate > 0 && schedule_count(options->duration_ns, options->rate) ==
                                 schedule_count(options->warmup_ns, options->rate))
        return refuse_beside("--rate", OPTION_NUMBER, options->rate,
                             ": no message falls due after --warmup within --duration",
                             OPTION_DURATION, options->duration_ns, error);
    return STATUS_OK;
}

/* Our own server gets a place by default: figures that differ by where the system happens to put
 * two processes are of no use. Others are moved only if somebody asks for it. Ends that poll
 * without sleeping need a core each. */
static void resolve_placement(struct client_options *options)
{
    if (options->given.placement || options->targets.count > 0 ||
        options->cpu != CLIENT_OPTION_UNSET)
        return;
    options->placement = options->busy_poll ? CLIENT_PLACEMENT_APART : CLIENT_PLACEMENT_SAME;
}

static bool has_pid(const struct client_options *options, uint32_t target)
{
    for (uint32_t i = 0; i < options->server_pids.count; i++) {
        uint32_t of;
        int64_t pid;
        if (client_options_read_pid(options, i, &of, &pid) && of == target)
            return true;
    }
    return false;
}

/* A placement needs the process of each server; ours is known. */
static int check_placement(const struct client_options *o, char error[OPTION_ERROR_BYTES])
{
    const char *name = client_options_placement_name((enum client_placement)o->placement);
    if (!o->given.placement)
        return STATUS_OK;
    if (o->placement == CLIENT_PLACEMENT_FREE && o->cpu != CLIENT_OPTION_UNSET)
        return option_refuse(error, "--placement", name, "not together with --cpu");
    for (uint32_t i = 0; i < o->targets.count && o->placement != CLIENT_PLACEMENT_FREE; i++) {
        char cause[128];
        snprintf(cause, sizeof cause,
                 "expected --server-pid %.32s=PID, as it places that process, too",
                 o->targets.item[i].name);
        if (!has_pid(o, i) && o->scenario != CLIENT_DOCTOR)
            return option_refuse(error, "--placement", name, cause);
    }
    return STATUS_OK;
}

/* Defaults that depend on other options or on the targets. */
static void resolve_defaults(struct client_options *options)
{
    if (options->until_decided && !options->given.time_limit)
        options->time_limit_ns = DECIDED_TIME_LIMIT;
    else if (options->scenario == CLIENT_COMPARE && options->targets.count == 0 &&
             !options->given.time_limit)
        options->time_limit_ns = SIBLING_TIME_LIMIT;
    if (options->reply_event == NULL)
        options->reply_event = options->event;
    resolve_placement(options);
}

/* Only a message with its whole identity can be told from what a server sends by itself. */
static int resolve_ignoring(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    char size[32];
    struct buf text = buf_over((uint8_t *)size, sizeof size - 1);
    if (!options->ignore_unexpected)
        return STATUS_OK;
    if (options->match == CLIENT_MATCH_ANY)
        return option_refuse(error, "--match", "any", "expected order with --ignore-unexpected");
    if (options->payload.text != NULL)
        return option_refuse(error, "--payload", options->payload.text,
                             "expected --size 16 or more with --ignore-unexpected");
    if (!options->given.size)
        options->payload.size = PAYLOAD_IDENTITY_BYTES;
    option_put_number(OPTION_SIZE, options->payload.size, &text);
    size[text.len] = '\0';
    if (options->payload.size < PAYLOAD_IDENTITY_BYTES)
        return option_refuse(error, "--size", size,
                             "expected 16 bytes or more with --ignore-unexpected");
    return STATUS_OK;
}

static int resolve_payload(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    struct payload *payload = &options->payload;
    if (payload->text == NULL)
        return STATUS_OK;
    if (options->given.size)
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
    if (sizes ? options->given.size : options->given.clients)
        return option_refuse(error, sizes ? "--size" : "--clients", NULL,
                             sizes ? "not together with --sweep size="
                                   : "not together with --sweep clients=");
    if (sizes && options->payload.text != NULL)
        return option_refuse(error, "--payload", NULL, "not together with --sweep size=");
    if (sizes && options->ignore_unexpected && options->sweep.values[0] < PAYLOAD_IDENTITY_BYTES)
        return option_refuse(error, "--sweep", options->sweep_text,
                             "expected sizes of 16 or more with --ignore-unexpected");
    uint64_t most = options->sweep.values[options->sweep.count - 1];
    if (sizes)
        options->payload.size = (size_t)most;
    else
        options->clients = (uint32_t)most;
    return STATUS_OK;
}

static int check_pids(const struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    for (uint32_t i = 0; i < options->server_pids.count; i++) {
        const char *text = options->server_pids.item[i];
        uint32_t target;
        int64_t pid;
        if (!client_options_read_pid(options, i, &target, &pid))
            return option_refuse(error, "--server-pid", text,
                                 "expected NAME=PID with the name of a target");
    }
    return STATUS_OK;
}

/* echo has one target, which is not raw TCP. */
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
        return option_refuse(error, "echo", target->text, "expected #websocket");
    return STATUS_OK;
}

/* ---- Options that only some targets use --------------------------------------------------- */

struct audience {
    bool kinds[TARGET_SIO + 1]; /* by enum target_kind: whether it uses the option */
    const char *missing;        /* the cause of a refusal when no target does */
};

static const struct audience socketio = {
    .kinds = {[TARGET_SIO] = true},
    .missing = "no target is Socket.IO (http://)",
};

static const struct audience websocket = {
    .kinds = {[TARGET_WS] = true},
    .missing = "no target is ws://",
};

static const struct audience both = {
    .kinds = {[TARGET_WS] = true, [TARGET_SIO] = true},
    .missing = "no target is ws:// or http://",
};

struct narrow_option {
    const char *name;
    const struct audience *audience;
    bool given;
    const char *text;                   /* its value; NULL: it has none to be checked */
    const char *(*check)(const char *); /* whether `text` may be sent as it is */
};

/* The sibling accepts all options. */
static bool has_audience(const struct target_list *targets, const struct audience *audience)
{
    for (uint32_t i = 0; i < targets->count; i++)
        if (audience->kinds[targets->item[i].kind])
            return true;
    return targets->count == 0;
}

static int check_narrow_option(const struct narrow_option *option,
                               const struct target_list *targets, char error[OPTION_ERROR_BYTES])
{
    if (option->given && !has_audience(targets, option->audience))
        return option_refuse(error, option->name, NULL, option->audience->missing);
    const char *cause = option->text != NULL ? option->check(option->text) : NULL;
    return cause == NULL ? STATUS_OK : option_refuse(error, option->name, option->text, cause);
}

/* Refuses an option that no target can use, and a text that must not be sent as it is. */
static int check_narrow(const struct client_options *o, char error[OPTION_ERROR_BYTES])
{
    const struct narrow_option options[] = {
        {"--auth", &socketio, o->auth != NULL, o->auth, client_check_auth},
        {"--event", &socketio, o->given.event, o->event, client_check_event},
        {"--reply-event", &socketio, o->reply_event != NULL, o->reply_event, client_check_event},
        {"--socketio-path", &socketio, o->given.socketio_path, o->socketio_path, client_check_path},
        {"--subprotocol", &websocket, o->subprotocol != NULL, o->subprotocol,
         client_check_subprotocol},
        {"--origin", &both, o->origin != NULL, o->origin, client_check_field},
        {"--ack", &socketio, o->ack, NULL, NULL},
        {"--binary", &both, o->payload.binary, NULL, NULL},
        {"--ignore-unexpected", &both, o->ignore_unexpected, NULL, NULL},
        {"--header", &both, o->headers.count > 0, NULL, NULL}, /* see check_headers */
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        int status = check_narrow_option(&options[i], &o->targets, error);
        if (status != STATUS_OK)
            return status;
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

static int resolve_verdict(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    const char *text = options->verdict_text;
    enum scenario *scenario = &options->verdict_scenario;
    if (text == NULL)
        return STATUS_OK;
    if (!figure_parse(text, scenario, &options->verdict_figure) ||
        !figure_yielded(options->verdict_figure, *scenario))
        return option_refuse(error, "--verdict-on", text,
                             "expected SCENARIO.FIGURE, such as roundtrip.p50");
    if (scenario_flow(*scenario) == FLOW_OPEN && options->scenario == CLIENT_COMPARE &&
        options->rate == 0)
        return option_refuse(error, "--verdict-on", text, "compare has no rate without --rate");
    return STATUS_OK;
}

/* "2%" or "0.5": percent with decimals. */
static bool parse_percent(const char *text, double *part)
{
    char *end;
    if (strspn(text, "0123456789.") == 0)
        return false;
    *part = strtod(text, &end) / 100.0;
    return strcmp(end, *end == '%' ? "%" : "") == 0 && *part > 0.0 && *part <= WITHIN_MAX / 100.0;
}

static int resolve_until(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    if (options->within_text != NULL && !parse_percent(options->within_text, &options->within))
        return option_refuse(error, "--within", options->within_text,
                             "expected a percentage above 0, up to 100%, such as 2% or 0.5%");
    if (!options->until_decided)
        return STATUS_OK;
    if (options->given.blocks)
        return option_refuse(error, "--until-decided", NULL, "not together with --blocks");
    if (options->sweep_text != NULL)
        return option_refuse(error, "--until-decided", NULL, "not together with --sweep");
    options->blocks = DECIDED_BLOCKS;
    return STATUS_OK;
}

/* ---- All of them --------------------------------------------------------------------------- */

static int check_texts(const struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    int status = check_echo(options, error);
    if (status == STATUS_OK)
        status = check_narrow(options, error);
    return status == STATUS_OK ? check_headers(options, error) : status;
}

int client_resolve(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    int status = check_texts(options, error);
    if (status == STATUS_OK)
        status = resolve_warmup(options, error);
    if (status == STATUS_OK)
        status = resolve_concurrency(options, error);
    if (status == STATUS_OK)
        status = check_rate(options, error);
    if (status == STATUS_OK)
        status = resolve_ignoring(options, error);
    if (status == STATUS_OK)
        status = resolve_payload(options, error);
    if (status == STATUS_OK)
        status = resolve_sweep(options, error);
    if (status == STATUS_OK)
        status = resolve_verdict(options, error);
    if (status == STATUS_OK)
        status = resolve_until(options, error);
    if (status == STATUS_OK)
        status = check_pids(options, error);
    if (status == STATUS_OK)
        status = check_placement(options, error);
    resolve_defaults(options);
    return status;
}

int client_resolve_diff(struct client_options *options, char error[OPTION_ERROR_BYTES])
{
    return options->given.verdict_on ? resolve_verdict(options, error) : STATUS_OK;
}
