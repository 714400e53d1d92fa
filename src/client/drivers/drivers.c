#include "client/drivers/drivers.h"

static const struct driver *const drivers[SCENARIO_COUNT] = {
    [SCENARIO_CONNECT] = &driver_connect,
    [SCENARIO_ROUNDTRIP] = &driver_roundtrip,
    [SCENARIO_THROUGHPUT] = &driver_throughput,
    [SCENARIO_SEND] = &driver_send,
    [SCENARIO_RATE] = &driver_rate,
};

const struct driver *drivers_find(enum scenario scenario)
{
    return drivers[scenario];
}
