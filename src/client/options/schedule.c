#include "client/options/schedule.h"

#define SECOND UINT64_C(1000000000)

/* Whole seconds hold whole numbers of messages; only the rest is multiplied, which cannot overflow.
 */

uint64_t schedule_due(uint64_t k, uint64_t rate)
{
    return k / rate * SECOND + k % rate * SECOND / rate;
}

uint64_t schedule_count(uint64_t ns, uint64_t rate)
{
    return ns / SECOND * rate + (ns % SECOND * rate + SECOND - 1) / SECOND;
}
