/* wsio-client: options, the sibling where no target is named, the run, the report. */
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/status.h"
#include "client/campaign/campaign.h"
#include "client/campaign/client_doctor.h"
#include "client/client_echo.h"
#include "client/output/exit_code.h"
#include "client/output/judge.h"
#include "client/output/outputs.h"
#include "client/output/safe_file.h"
#include "port.h"
#include "report/text/doctor.h"

static struct campaign campaign;
static struct result *result; /* in a region: as a variable it was too large for ulimit -v */
static struct sibling sibling;
static struct placing placing;
static struct target_list targets;
static struct outputs outputs;
static struct gate_list gates;

static int complain(int code, const char *text)
{
    fprintf(stderr, "wsio-client: %s\n", text);
    return code;
}

static int print_help(const struct client_options *o)
{
    static uint8_t bytes[CLIENT_HELP_BYTES];
    struct buf out = buf_over(bytes, sizeof bytes);
    if (o->version)
        buf_put_text(&out, "wsio-client " WSIO_VERSION "\n");
    else
        client_options_help(o->scenario, o->scenario_named, &out);
    fwrite(out.ptr, 1, out.len, stdout);
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return EXIT_DONE;
    return complain(EXIT_FAILED, "stdout: cannot be written");
}

/* ---- The run ----------------------------------------------------------------------------- */

static void note_command(int argc, char *const argv[])
{
    size_t used = 0;
    for (int i = 0; i < argc && used < sizeof result->command; i++) {
        int n = snprintf(result->command + used, sizeof result->command - used, "%s%s",
                         i > 0 ? " " : "", argv[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

/* The targets of the command line, or else those of a sibling that is started. */
static int choose_targets(const struct client_options *o, char error[OPTION_ERROR_BYTES])
{
    targets = o->targets;
    if (targets.count > 0)
        return EXIT_DONE;
    if (sibling_start(&sibling, o, error) < 0)
        return complain(EXIT_FAILED, error);
    const char *urls[SIBLING_URLS];
    for (size_t i = 0; i < SIBLING_URLS; i++)
        urls[i] = sibling.urls[i];
    if (target_list_parse(&targets, urls, SIBLING_URLS, error) < 0)
        return complain(EXIT_FAILED, error);
    return EXIT_DONE;
}

/* Everything that can be refused is refused here, before any time is spent. */
static int prepare(struct client_options *o, const struct port_poller *poller)
{
    char error[OPTION_ERROR_BYTES];
    if (placing_choose(&placing, o, error) < 0)
        return complain(EXIT_USAGE, error);
    int code = choose_targets(o, error);
    if (code != EXIT_DONE)
        return code;
    if (placing_bind_client(&placing, error) < 0)
        return complain(EXIT_USAGE, error);
    if (judge_prepare(&gates, o, &targets, error) < 0)
        return complain(EXIT_USAGE, error);
    campaign.gates = &gates;
    if (campaign_open(&campaign, o, &targets, &placing, sibling.child.pid != 0 ? &sibling : NULL,
                      poller, result, &outputs, error) < 0)
        return complain(EXIT_FAILED, error);
    int status = outputs_open(&outputs, o, error);
    if (status < 0)
        return complain(status == STATUS_INVALID ? EXIT_USAGE : EXIT_FAILED, error);
    if (outputs_targets(&outputs, &targets, error) < 0)
        return complain(EXIT_FAILED, error);
    return EXIT_DONE;
}

static int measure(struct client_options *o, const struct port_poller *poller)
{
    port_stop_catch(safe_file_delete_all); /* first, so that no signal leaves a sibling behind */
    int code = prepare(o, poller);
    if (code != EXIT_DONE)
        return code;
    campaign_run(&campaign);
    campaign_close(&campaign);
    result_judge_gates(result, &gates);
    int judged = judge_exit(result->gates, result->gate_count, (enum client_unsure)o->unsure);
    if (result->partial)
        return EXIT_INTERRUPTED;
    return result->failed ? EXIT_FAILED : judged;
}

/* Takes memory for the result, and starts it. False where it is refused. */
static bool take_result(void)
{
    result = port_region(sizeof *result);
    if (result != NULL)
        result_start(result);
    return result != NULL;
}

static int complain_of_memory(void)
{
    char error[OPTION_ERROR_BYTES];
    snprintf(error, sizeof error, "out of memory: needs %zu MiB of address space (ulimit -v)",
             port_region_refused() / (1024 * 1024) + 1);
    return complain(EXIT_FAILED, error);
}

static int serve_echo(const struct client_options *o, const struct port_poller *poller)
{
    char error[OPTION_ERROR_BYTES];
    switch (client_echo_run(o, poller, error)) {
    case CLIENT_ECHO_DONE:
        return EXIT_DONE;
    case CLIENT_ECHO_STOPPED:
        return EXIT_INTERRUPTED;
    case CLIENT_ECHO_FAILED:
        break;
    }
    return complain(EXIT_FAILED, error);
}

static int examine(const struct client_options *o, const struct port_poller *poller)
{
    if (!take_result())
        return complain_of_memory();
    client_doctor_examine(o, poller, result);
    if (!o->quiet && doctor_write(stdout, result) < 0)
        return complain(EXIT_FAILED, "stdout: cannot be written");
    return preflight_short(&result->preflight) != NULL ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct client_options *o, const struct port_poller *poller, int argc,
               char *const argv[])
{
    char error[OPTION_ERROR_BYTES];
    if (!take_result())
        return complain_of_memory();
    note_command(argc, argv);
    int code = measure(o, poller);
    placing_restore(&placing);
    sibling_stop(&sibling);
    if (result->took_ns == 0) {
        outputs_discard(&outputs);
    } else if (outputs_write(&outputs, &targets, result, error) < 0) {
        int failed = complain(EXIT_FAILED, error);
        return code != EXIT_DONE ? code : failed;
    }
    return code;
}

static int start(struct client_options *o, int argc, char *const argv[])
{
    const struct port_poller *poller = port_poller_find(o->poller);
    char error[OPTION_ERROR_BYTES];
    if (o->scenario != CLIENT_ECHO && o->scenario != CLIENT_DOCTOR)
        return run(o, poller, argc, argv);
    if (placing_choose(&placing, o, error) < 0)
        return complain(EXIT_USAGE, error);
    if (o->scenario == CLIENT_DOCTOR)
        return examine(o, poller);
    if (placing_bind_client(&placing, error) < 0)
        return complain(EXIT_USAGE, error);
    return serve_echo(o, poller);
}

int main(int argc, char *argv[])
{
    static struct client_options options;
    char error[OPTION_ERROR_BYTES];
    if (port_start() < 0)
        return complain(EXIT_FAILED, "cannot start the system's sockets");
    client_options_set_pollers(port_poller_names());
    if (client_options_parse(&options, argc, argv, error) < 0)
        return complain(EXIT_USAGE, error);
    if (options.help || options.version)
        return print_help(&options);
    if (options.scenario == CLIENT_DIFF)
        return judge_saved(&options);
    return start(&options, argc, argv);
}
