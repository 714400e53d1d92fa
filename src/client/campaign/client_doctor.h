/* `doctor`: the environment and the pre-flight of a planned run; nothing is started or connected.
 */
#ifndef WSIO_CLIENT_CLIENT_DOCTOR_H
#define WSIO_CLIENT_CLIENT_DOCTOR_H

#include "client/options/client_options.h"
#include "measure/result/result.h"

struct port_poller;

/* Fills the report's targets, environment and pre-flight, and its `options` with the plan in words.
 * Looks the names of all targets up. On a virtual machine it takes a second, to see what the
 * hypervisor takes. */
void client_doctor_examine(const struct client_options *o, const struct port_poller *poller,
                           struct result *r);

#endif
