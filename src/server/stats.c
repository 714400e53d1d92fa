#include "server/stats.h"

#include <stdio.h>

#include "base/config.h"
#include "base/status.h"

static const char *const stage_keys[LOOP_STAGES] = {
    [LOOP_RECEIVE] = "receive", [LOOP_DECODE] = "decode", [LOOP_HANDLE] = "handle",
    [LOOP_ENCODE] = "encode",   [LOOP_SEND] = "send",
};

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
static void put_key(struct buf *out, const char *key)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{')
        buf_put_byte(out, ',');
    buf_put_byte(out, '"');
    buf_put_text(out, key);
    buf_put_text(out, "\":");
}

static void put_number(struct buf *out, const char *key, uint64_t value)
{
    put_key(out, key);
    buf_put_u64(out, value);
}

static void put_histogram(struct buf *out, const char *key, const struct histogram *h)
{
    put_key(out, key);
    buf_put_byte(out, '{');
    put_number(out, "count", h->values.n);
    put_number(out, "min_ns", (uint64_t)h->values.min);
    put_number(out, "p50_ns", histogram_percentile(h, 50));
    put_number(out, "p99_ns", histogram_percentile(h, 99));
    put_number(out, "max_ns", (uint64_t)h->values.max);
    put_number(out, "mean_ns", (uint64_t)histogram_mean(h));
    buf_put_byte(out, '}');
}

static void begin_object(struct buf *out, const char *key)
{
    put_key(out, key);
    buf_put_byte(out, '{');
}

static void put_loop(struct buf *out, const struct loop *l)
{
    const struct loop_counters *c = &l->counters;
    begin_object(out, "loop");
    put_number(out, "accepted", c->accepted);
    put_number(out, "turned_away", c->turned_away);
    put_number(out, "open", l->used);
    put_number(out, "receives", c->receives);
    put_number(out, "sends", c->sends);
    put_number(out, "waits", c->waits);
    put_number(out, "bytes_in", c->bytes_in);
    put_number(out, "bytes_out", c->bytes_out);
    put_number(out, "memory_waits", c->lease_waits);
    put_number(out, "memory_refusals", c->lease_refusals);
    put_number(out, "stalls", c->stalls);
    put_number(out, "overflows", c->overflows);
    put_number(out, "over_share", c->over_share);
    put_number(out, "cuts", c->cuts);
    put_number(out, "longest_turn_cpu_ns", c->longest_work);
    put_number(out, "longest_turn_ns", c->longest_turn);
    put_number(out, "pauses", c->pauses);
    put_number(out, "paused_ns", c->paused);
    put_number(out, "pool_bytes", (uint64_t)l->pool.blocks * POOL_BLOCK_BYTES);
    put_number(out, "pool_most_bytes", (uint64_t)l->pool.most * POOL_BLOCK_BYTES);
    buf_put_byte(out, '}');
}

static void put_phases(struct buf *out, const struct stats *s)
{
    begin_object(out, "phases");
#define X(name, key, starts, ends) put_histogram(out, key, &s->phases[STATS_##name]);
    STATS_PHASE_LIST(X)
#undef X
    buf_put_byte(out, '}');
    begin_object(out, "service");
    for (int i = 0; i < LOOP_STAGES; i++)
        put_histogram(out, stage_keys[i], &s->service[i]);
    buf_put_byte(out, '}');
}

static void put_faults(struct buf *out, const struct stats *s)
{
    begin_object(out, "faults");
    for (int i = 1; i < STATS_FAULTS; i++)
        if (s->faults[i] > 0)
            put_number(out, status_name(-i), s->faults[i]);
    buf_put_byte(out, '}');
}

/* Nothing for faults that were not asked for. */
static void put_selftest(struct buf *out, const struct selftest *t)
{
    uint64_t first = t->stalls > SELFTEST_STALLS ? t->stalls - SELFTEST_STALLS : 0;
    if (t->delay_ns > 0) {
        begin_object(out, "delay");
        put_number(out, "asked_ns", t->delay_ns);
        put_number(out, "count", t->delays);
        put_number(out, "took_ns", t->delayed_ns);
        buf_put_byte(out, '}');
    }
    if (t->every_ns == 0)
        return;
    begin_object(out, "stall");
    put_number(out, "asked_ns", t->stall_ns);
    put_number(out, "every_ns", t->every_ns);
    put_number(out, "count", t->stalls);
    put_key(out, "last");
    buf_put_byte(out, '[');
    for (uint64_t i = first; i < t->stalls; i++) {
        const struct selftest_stall *stall = &t->last[i % SELFTEST_STALLS];
        buf_put_text(out, i > first ? ",{" : "{");
        put_number(out, "at_ns", stall->at_ns);
        put_number(out, "since_start_ns", stall->at_ns - t->started_ns);
        put_number(out, "took_ns", stall->took_ns);
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
    put_number(out, "uptime_ns", port_clock() - s->started);
    put_number(out, "cpu_ns", usage.cpu_ns);
    put_number(out, "peak_bytes", usage.peak_bytes);
    put_number(out, "messages", s->raw_messages + s->websocket_messages + s->socketio_messages);
#define X(name) put_number(out, #name, s->name);
    STATS_COUNT_LIST(X)
#undef X
    put_selftest(out, &s->selftest);
    put_loop(out, l);
    put_faults(out, s);
    put_phases(out, s);
    buf_put_text(out, "}\n");
    return buf_finish(out, mark);
}

/* ---- Text ------------------------------------------------------------------------------ */

static void put_line(struct buf *out, const char *name, uint64_t value)
{
    char line[80];
    snprintf(line, sizeof line, "  %-24s %12llu\n", name, (unsigned long long)value);
    for (char *p = line; *p != '\0'; p++)
        if (*p == '_')
            *p = ' ';
    buf_put_text(out, line);
}

static void put_times(struct buf *out, const char *name, const struct histogram *h)
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
    put_line(out, "connections accepted", l->counters.accepted);
#define X(name) put_line(out, #name, s->name);
    STATS_COUNT_LIST(X)
#undef X
    put_line(out, "bytes in", l->counters.bytes_in);
    put_line(out, "bytes out", l->counters.bytes_out);
    put_line(out, "CPU time, ms", usage.cpu_ns / 1000000);
    put_line(out, "peak memory, KiB", usage.peak_bytes / 1024);
    for (int i = 1; i < STATS_FAULTS; i++)
        if (s->faults[i] > 0)
            put_line(out, status_text(-i), s->faults[i]);
    buf_put_text(out, "  phase or stage        count      p50, us      p99, us     mean, us\n");
#define X(name, key, starts, ends) put_times(out, key, &s->phases[STATS_##name]);
    STATS_PHASE_LIST(X)
#undef X
    for (int i = 0; i < LOOP_STAGES; i++)
        put_times(out, stage_keys[i], &s->service[i]);
    return buf_finish(out, mark);
}
