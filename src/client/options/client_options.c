#include "client/options/client_options.h"

#include <string.h>

bool client_options_read_pid(const struct client_options *options, uint32_t index, uint32_t *target,
                             int64_t *pid)
{
    const char *text = options->server_pids.item[index];
    const char *equals = strchr(text, '=');
    uint64_t number;
    if (equals == NULL || !span_to_u64(span_text(equals + 1), &number) || number == 0 ||
        number > INT32_MAX)
        return false;
    *pid = (int64_t)number;
    struct span name = span_of(text, (size_t)(equals - text));
    for (*target = 0; *target < options->targets.count; ++*target)
        if (span_equal(name, span_text(options->targets.item[*target].name)))
            return true;
    return false;
}
