/* The table of options of wsio-client. Inner part of client_options. */
#ifndef WSIO_CLIENT_CLIENT_OPTIONS_TABLE_H
#define WSIO_CLIENT_CLIENT_OPTIONS_TABLE_H

#include "base/option.h"
#include "client/options/client_options.h"

/* Masks of scenarios, as `commands` of a row has them. */
#define CLIENT_OPTIONS_BIT(scenario) (UINT32_C(1) << (scenario))
#define CLIENT_OPTIONS_ALL           (CLIENT_OPTIONS_BIT(CLIENT_SCENARIOS) - 1)

/* Its commands are the scenarios, in the order of enum client_scenario. */
extern const struct option_table client_options_table;

/* Clears the options that the table's rows point at, before a parse. They are static. */
struct client_options *client_options_reset(void);

#endif
