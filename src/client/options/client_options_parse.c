#include <string.h>

#include "base/status.h"
#include "client/options/client_options_table.h"
#include "client/options/client_resolve.h"

static int find_scenario(const char *word)
{
    for (int i = 0; i < CLIENT_SCENARIOS; i++)
        if (strcmp(client_options_scenario_name((enum client_scenario)i), word) == 0)
            return i;
    return -1;
}

static int refuse_scenario(const char *word, char error[OPTION_ERROR_BYTES])
{
    const struct option_table *table = &client_options_table;
    char cause[128];
    struct buf out = buf_over(cause, sizeof cause - 1);
    if (!option_put_nearest(word, table->commands, table->command_count, &out)) {
        buf_put_text(&out, "expected one of ");
        option_put_commands(table, CLIENT_OPTIONS_ALL, &out);
        buf_put_text(&out, ", or a target such as ws://HOST");
    }
    cause[out.len] = '\0';
    return option_refuse(error, "unknown scenario", word, cause);
}

/* A word without any mark of a URL is meant as a scenario; `help` before it is --help. Returns the
 * operands used: 0, 1 or 2; or STATUS_INVALID. */
static int take_scenario(struct client_options *options, const struct option_args *args,
                         char error[OPTION_ERROR_BYTES])
{
    uint32_t used = args->operand_count > 0 && strcmp(args->operands[0], "help") == 0 ? 1 : 0;
    options->scenario = CLIENT_COMPARE;
    options->help = options->help || used > 0;
    if (used == args->operand_count)
        return (int)used;
    const char *word = args->operands[used];
    if (word[strcspn(word, ":/=.[")] != '\0')
        return (int)used;
    int found = find_scenario(word);
    if (found < 0)
        return refuse_scenario(word, error);
    options->scenario_named = true;
    options->scenario = (enum client_scenario)found;
    return (int)used + 1;
}

/* diff has two saved reports where the other scenarios have targets. */
static int take_files(struct client_options *options, const struct option_args *args,
                      char error[OPTION_ERROR_BYTES])
{
    if (args->operand_count != 3)
        return option_refuse(error, "diff", NULL, "expected two files: diff A.json B.json");
    options->files[0] = args->operands[1];
    options->files[1] = args->operands[2];
    return client_resolve_diff(options, error);
}

static int take_targets(struct client_options *options, const struct option_args *args,
                        uint32_t used, char error[OPTION_ERROR_BYTES])
{
    int status = target_list_parse(&options->targets, args->operands + used,
                                   args->operand_count - used, error);
    return status == STATUS_OK ? client_resolve(options, error) : status;
}

static int read_line(struct client_options *values, int argc, char *const argv[],
                     char error[OPTION_ERROR_BYTES])
{
    struct option_args args;
    int status = option_parse(&client_options_table, argc, argv, &args, error);
    if (status != STATUS_OK)
        return status;
    int used = take_scenario(values, &args, error);
    if (used < 0)
        return used;
    if (values->help || values->version)
        return STATUS_OK;
    status = option_resolve(&client_options_table, values->scenario, &args, error);
    if (status != STATUS_OK)
        return status;
    if (values->scenario == CLIENT_DIFF)
        return take_files(values, &args, error);
    return take_targets(values, &args, (uint32_t)used, error);
}

int client_options_parse(struct client_options *options, int argc, char *const argv[],
                         char error[OPTION_ERROR_BYTES])
{
    struct client_options *values = client_options_reset();
    int status = read_line(values, argc, argv, error);
    *options = *values;
    return status;
}
