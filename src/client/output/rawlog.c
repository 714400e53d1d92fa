#include "client/output/rawlog.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/real.h"
#include "base/status.h"

#define RAW_MAX ((size_t)1 << 28) /* latencies, which take 2 GiB */

int rawlog_prepare(struct run *r, const struct client_options *options,
                   char error[OPTION_ERROR_BYTES])
{
    uint64_t count = (uint64_t)options->clients * options->roundtrips;
    r->memory.raw = count <= RAW_MAX ? port_region((size_t)count * sizeof *r->memory.raw) : NULL;
    r->memory.raw_count = (size_t)count;
    if (r->memory.raw != NULL)
        return STATUS_OK;
    snprintf(error, OPTION_ERROR_BYTES, "--log: no memory to keep %" PRIu64 " latencies", count);
    return STATUS_NO_MEMORY;
}

static void write_heading(FILE *out, const struct run *r, const char *target)
{
    char when[32] = "";
    time_t now = (time_t)(port_wall_clock() / 1000000000);
    const struct tm *utc = gmtime(&now);
    if (utc != NULL)
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", utc);
    fprintf(out, "# %s %s throughput clients=%u concurrency=%u roundtrips=%u size=%zu unit=ms\n",
            when, target, r->course.plan.clients, r->course.plan.concurrency,
            r->course.plan.roundtrips, r->course.crowd.destination->form.plain.size);
}

void rawlog_write(FILE *out, struct run *r, const char *target)
{
    write_heading(out, r, target);
    for (uint32_t client = 0; client < r->course.crowd.opened; client++) {
        const uint64_t *latencies = r->memory.raw + (size_t)client * r->course.plan.roundtrips;
        fprintf(out, "%s %u", target, client);
        for (uint32_t i = 0; i < r->course.plan.roundtrips; i++)
            if (latencies[i] != 0)
                fprintf(out, " %.6f", real_of(latencies[i]) / 1e6);
        fprintf(out, "\n");
    }
    memset(r->memory.raw, 0, r->memory.raw_count * sizeof *r->memory.raw);
}
