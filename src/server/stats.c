#include "server/stats.h"

#include <stdio.h>

#include "base/config.h"
#include "base/status.h"

static const char stage_keys[] = "receive\0decode\0handle\0encode\0send";

/* ---- Counting -------------------------------------------------------------------------- */

void stats_count_fault(struct stats *s, int status)
{
    if (status < 0 && -status < STATS_FAULTS)
        s->faults[-status]++;
}

void stats_end_phase(struct stats *s, enum stats_phase phase, uint64_t *mark, uint64_t now)
{
    if (*mark != 0)
        histogram_record(&s->phases[phase], now - *mark);
    *mark = now;
}

void stats_add_sample(struct stats *s, const uint64_t ns[LOOP_STAGES])
{
    for (int i = 0; i < LOOP_STAGES; i++)
        if (ns[i] > 0)
            histogram_record(&s->service[i], ns[i]);
}

/* ---- JSON ------------------------------------------------------------------------------ */

/* Puts `"key":`, behind a comma unless it is the first of its object. */
static void key_put(struct buf *out, const char *key)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{')
        buf_put_byte(out, ',');
    buf_put_byte(out, '"');
    buf_put_text(out, key);
    buf_put_text(out, "\":");
}

static void number_put(struct buf *out, const char *key, uint64_t value)
{
    key_put(out, key);
    buf_put_u64(out, value);
}

static void histogram_put(struct buf *out, const char *key, const struct histogram *h)
{
    key_put(out, key);
    buf_put_byte(out, '{');
    number_put(out, "count", h->values.n);
    number_put(out, "min_ns", (uint64_t)h->values.min);
    number_put(out, "p50_ns", histogram_percentile(h, 50));
    number_put(out, "p99_ns", histogram_percentile(h, 99));
    number_put(out, "max_ns", (uint64_t)h->values.max);
    number_put(out, "mean_ns", (uint64_t)histogram_mean(h));
    buf_put_byte(out, '}');
}

static void object_begin(struct buf *out, const char *key)
{
    key_put(out, key);
    buf_put_byte(out, '{');
}

static void loop_put(struct buf *out, const struct loop *l)
{
    const struct loop_counters *c = &l->counters;
    object_begin(out, "loop");
    number_put(out, "accepted", c->accepted);
    number_put(out, "turned_away", c->turned_away);
    number_put(out, "open", l->used);
    number_put(out, "receives", c->receives);
    number_put(out, "sends", c->sends);
    number_put(out, "waits", c->waits);
    number_put(out, "bytes_in", c->bytes_in);
    number_put(out, "bytes_out", c->bytes_out);
    number_put(out, "memory_waits", c->lease_waits);
    number_put(out, "memory_refusals", c->lease_refusals);
    number_put(out, "stalls", c->stalls);
    number_put(out, "overflows", c->overflows);
    number_put(out, "pool_bytes", (uint64_t)l->pool.blocks * POOL_BLOCK_BYTES);
    number_put(out, "pool_most_bytes", (uint64_t)l->pool.most * POOL_BLOCK_BYTES);
    buf_put_byte(out, '}');
}

static void phases_put(struct buf *out, const struct stats *s)
{
    object_begin(out, "phases");
#define X(name, key, starts, ends) histogram_put(out, key, &s->phases[STATS_##name]);
    STATS_PHASE_LIST(X)
#undef X
    buf_put_byte(out, '}');
    object_begin(out, "service");
    for (int i = 0; i < LOOP_STAGES; i++)
        histogram_put(out, bytes_word(stage_keys, (size_t)i), &s->service[i]);
    buf_put_byte(out, '}');
}

static void faults_put(struct buf *out, const struct stats *s)
{
    object_begin(out, "faults");
    for (int i = 1; i < STATS_FAULTS; i++)
        if (s->faults[i] > 0)
            number_put(out, status_name(-i), s->faults[i]);
    buf_put_byte(out, '}');
}

/* Only what was asked for. */
static void selftest_put(struct buf *out, const struct selftest *t)
{
    uint64_t first = t->stalls > SELFTEST_STALLS ? t->stalls - SELFTEST_STALLS : 0;
    if (t->delay_ns > 0) {
        object_begin(out, "delay");
        number_put(out, "asked_ns", t->delay_ns);
        number_put(out, "count", t->delays);
        number_put(out, "took_ns", t->delayed_ns);
        buf_put_byte(out, '}');
    }
    if (t->every_ns == 0)
        return;
    object_begin(out, "stall");
    number_put(out, "asked_ns", t->stall_ns);
    number_put(out, "every_ns", t->every_ns);
    number_put(out, "count", t->stalls);
    key_put(out, "last");
    buf_put_byte(out, '[');
    for (uint64_t i = first; i < t->stalls; i++) {
        const struct selftest_stall *stall = &t->last[i % SELFTEST_STALLS];
        buf_put_text(out, i > first ? ",{" : "{");
        number_put(out, "at_ns", stall->at_ns);
        number_put(out, "since_start_ns", stall->at_ns - t->started_ns);
        number_put(out, "took_ns", stall->took_ns);
        buf_put_byte(out, '}');
    }
    buf_put_text(out, "]}");
}

int stats_put_json(const struct stats *s, const struct loop *l, struct buf *out)
{
    size_t mark = out->len;
    struct port_usage usage = {0};
    port_usage_read(0, &usage);
    buf_put_text(out, "{\"schema\":\"wsio-stats-1\",\"version\":\"" WSIO_VERSION "\"");
    number_put(out, "uptime_ns", port_clock() - s->started);
    number_put(out, "cpu_ns", usage.cpu_ns);
    number_put(out, "peak_bytes", usage.peak_bytes);
    number_put(out, "messages", s->raw_messages + s->websocket_messages + s->socketio_messages);
#define X(name) number_put(out, #name, s->name);
    STATS_COUNT_LIST(X)
#undef X
    selftest_put(out, &s->selftest);
    loop_put(out, l);
    faults_put(out, s);
    phases_put(out, s);
    buf_put_text(out, "}\n");
    return buf_finish(out, mark);
}

/* ---- Text ------------------------------------------------------------------------------ */

static void line_put(struct buf *out, const char *name, uint64_t value)
{
    char line[80];
    snprintf(line, sizeof line, "  %-24s %12llu\n", name, (unsigned long long)value);
    for (char *p = line; *p != '\0'; p++)
        if (*p == '_')
            *p = ' ';
    buf_put_text(out, line);
}

static void times_put(struct buf *out, const char *name, const struct histogram *h)
{
    char line[96];
    if (h->values.n == 0)
        return;
    snprintf(line, sizeof line, "  %-16s %10llu %12.1f %12.1f %12.1f\n", name,
             (unsigned long long)h->values.n, (double)histogram_percentile(h, 50) / 1e3,
             (double)histogram_percentile(h, 99) / 1e3, histogram_mean(h) / 1e3);
    buf_put_text(out, line);
}

int stats_put_text(const struct stats *s, const struct loop *l, struct buf *out)
{
    size_t mark = out->len;
    struct port_usage usage = {0};
    port_usage_read(0, &usage);
    buf_put_text(out, "wsio-server " WSIO_VERSION " served\n");
    line_put(out, "connections accepted", l->counters.accepted);
#define X(name) line_put(out, #name, s->name);
    STATS_COUNT_LIST(X)
#undef X
    line_put(out, "bytes in", l->counters.bytes_in);
    line_put(out, "bytes out", l->counters.bytes_out);
    line_put(out, "CPU time, ms", usage.cpu_ns / 1000000);
    line_put(out, "peak memory, KiB", usage.peak_bytes / 1024);
    for (int i = 1; i < STATS_FAULTS; i++)
        if (s->faults[i] > 0)
            line_put(out, status_text(-i), s->faults[i]);
    buf_put_text(out, "  phase or stage        count      p50, us      p99, us     mean, us\n");
#define X(name, key, starts, ends) times_put(out, key, &s->phases[STATS_##name]);
    STATS_PHASE_LIST(X)
#undef X
    for (int i = 0; i < LOOP_STAGES; i++)
        times_put(out, bytes_word(stage_keys, (size_t)i), &s->service[i]);
    return buf_finish(out, mark);
}
