/* wsio-client: options, the sibling where no target is named, the run, the report. */
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/status.h"
#include "client/campaign.h"
#include "client/client_echo.h"
#include "port.h"
#include "report/json.h"
#include "report/text.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

static struct campaign campaign;
static struct report report;
static struct sibling sibling;

static int complain(int code, const char *text)
{
    fprintf(stderr, "wsio-client: %s\n", text);
    return code;
}

static int output_failed(const char *name)
{
    fprintf(stderr, "wsio-client: cannot write to %s\n", name);
    return EXIT_FAILED;
}

static int help_print(const struct client_options *o)
{
    static uint8_t bytes[CLIENT_HELP_BYTES];
    struct buf out = buf_over(bytes, sizeof bytes);
    if (o->version)
        buf_put_text(&out, "wsio-client " WSIO_VERSION "\n");
    else
        client_options_help(o->scenario, o->scenario_named, &out);
    fwrite(out.ptr, 1, out.len, stdout);
    return fflush(stdout) == 0 && ferror(stdout) == 0 ? EXIT_DONE : output_failed("stdout");
}

/* ---- Files, opened before any time is spent ---------------------------------------------- */

struct outputs {
    FILE *json;
    FILE *log;
};

static int outputs_open(struct outputs *out, const struct client_options *o)
{
    memset(out, 0, sizeof *out);
    if (o->json != NULL) {
        out->json = strcmp(o->json, "-") == 0 ? stdout : port_file_open(o->json, "w");
        if (out->json == NULL)
            return output_failed(o->json);
    }
    if (o->log != NULL) {
        out->log = port_file_open(o->log, "a");
        if (out->log == NULL)
            return output_failed(o->log);
    }
    return EXIT_DONE;
}

static int file_close(FILE *file, const char *name, bool good)
{
    if (file == NULL)
        return EXIT_DONE;
    good = !ferror(file) && good;
    name = file == stdout ? "stdout" : name;
    if (file == stdout)
        good = fflush(file) == 0 && good;
    else
        good = fclose(file) == 0 && good;
    return good ? EXIT_DONE : output_failed(name);
}

/* With the JSON on stdout the table would spoil it. */
static int reports_write(struct outputs *out, const struct client_options *o)
{
    int code = EXIT_DONE;
    bool good = out->json == NULL || report_json_write(out->json, &report) >= 0;
    if (!o->quiet && out->json != stdout && report_text_write(stdout, &report) < 0)
        code = output_failed("stdout");
    int json = file_close(out->json, o->json, good);
    int log = file_close(out->log, o->log, true);
    return code != EXIT_DONE ? code : json != EXIT_DONE ? json : log;
}

/* ---- The run ----------------------------------------------------------------------------- */

static void command_note(int argc, char *const argv[])
{
    size_t used = 0;
    for (int i = 0; i < argc && used < sizeof report.command; i++) {
        int n = snprintf(report.command + used, sizeof report.command - used, "%s%s",
                         i > 0 ? " " : "", argv[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

static int targets_choose(struct target_list *targets, const struct client_options *o,
                          char error[OPTION_ERROR_BYTES])
{
    *targets = o->targets;
    if (targets->count > 0)
        return EXIT_DONE;
    if (sibling_start(&sibling, o, error) < 0)
        return complain(EXIT_FAILED, error);
    const char *urls[SIBLING_URLS];
    for (size_t i = 0; i < SIBLING_URLS; i++)
        urls[i] = sibling.urls[i];
    if (target_list_parse(targets, urls, SIBLING_URLS, error) < 0)
        return complain(EXIT_FAILED, error);
    return EXIT_DONE;
}

static int measure(struct client_options *o, const struct port_poller *poller, FILE *log)
{
    static struct target_list targets;
    char error[OPTION_ERROR_BYTES];
    port_stop_catch(); /* before there is a sibling that would be left behind */
    int code = targets_choose(&targets, o, error);
    if (code != EXIT_DONE)
        return code;
    if (campaign_open(&campaign, o, &targets, sibling.child.pid != 0 ? &sibling : NULL, poller,
                      &report, log, error) < 0)
        return complain(EXIT_FAILED, error);
    campaign_run(&campaign);
    campaign_close(&campaign);
    if (report.partial)
        return EXIT_INTERRUPTED;
    return report_failed(&report) ? EXIT_FAILED : EXIT_DONE;
}

static int echo(const struct client_options *o, const struct port_poller *poller)
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

static int run(struct client_options *o, const struct port_poller *poller, int argc,
               char *const argv[])
{
    struct outputs out;
    int code = outputs_open(&out, o);
    if (code != EXIT_DONE)
        return code;
    report_reset(&report);
    command_note(argc, argv);
    code = measure(o, poller, out.log);
    sibling_stop(&sibling);
    bool measured = report.target_count > 0;
    int written = measured ? reports_write(&out, o) : EXIT_DONE;
    return code != EXIT_DONE ? code : written;
}

static int start(struct client_options *o, int argc, char *const argv[])
{
    char error[OPTION_ERROR_BYTES];
    const struct port_poller *poller = port_poller_find(o->poller);
    if (poller == NULL) {
        option_refuse(error, "--poller", o->poller, port_poller_names());
        return complain(EXIT_USAGE, error);
    }
    if (o->cpu != CLIENT_OPTION_UNSET && port_pin(o->cpu) < 0)
        return complain(EXIT_FAILED, "--cpu: this process may not run on that core");
    return o->scenario == CLIENT_ECHO ? echo(o, poller) : run(o, poller, argc, argv);
}

int main(int argc, char *argv[])
{
    static struct client_options options;
    char error[OPTION_ERROR_BYTES];
    if (port_start() < 0)
        return complain(EXIT_FAILED, "cannot start the system's sockets");
    if (client_options_parse(&options, argc, argv, error) < 0)
        return complain(EXIT_USAGE, error);
    if (options.help || options.version)
        return help_print(&options);
    return start(&options, argc, argv);
}
