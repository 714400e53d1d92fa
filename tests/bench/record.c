/* Proves that recording one value costs under 20 ns (else exit 1), and prints what the whole
 * bookkeeping of one reply costs: the clock, two histograms, the client's own figures and the
 * tally. Best of several rounds. */
#include <stdio.h>

#include "measure/record/trial.h"
#include "port.h"

#define ROUNDS 15
#define COUNT  1000000
#define LIMIT  20.0 /* ns of histogram_record */

static uint64_t values[COUNT]; /* latencies from 1 us to 1 s, no pattern a processor could learn */
static struct trial trial;
static struct running client;

static void values_make(void)
{
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < COUNT; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        values[i] = 1000 + (x & ((UINT64_C(1) << (10 + (x >> 32) % 20)) - 1));
    }
}

static void record_one(uint64_t ns)
{
    histogram_record(&trial.latency, ns);
}

/* As the client's drivers do with each reply that was matched. */
static void keep_one(uint64_t ns)
{
    uint64_t now = port_clock();
    trial.tally.answered++;
    trial.tally.payload_in += 2;
    histogram_record(&trial.latency, ns);
    histogram_record(now % 2 == 0 ? &trial.first_third : &trial.last_third, ns);
    running_add(&client, (double)ns);
}

static double round_ns(void (*one)(uint64_t))
{
    uint64_t before = port_clock();
    for (size_t i = 0; i < COUNT; i++)
        one(values[i]);
    return (double)(port_clock() - before) / COUNT;
}

static double best_ns(void (*one)(uint64_t))
{
    double best = round_ns(one);
    for (int i = 1; i < ROUNDS; i++) {
        double again = round_ns(one);
        best = again < best ? again : best;
    }
    return best;
}

int main(void)
{
    values_make();
    double record = best_ns(record_one);
    printf("%-34s %6.2f ns\n", "histogram_record", record);
    printf("%-34s %6.2f ns\n", "all that is kept of one reply", best_ns(keep_one));
    return record < LIMIT ? 0 : 1;
}
