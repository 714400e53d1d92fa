/* `doctor`: the environment and the pre-flight of a planned run; nothing is started or connected.
 */
#ifndef WSIO_CLIENT_CLIENT_DOCTOR_H
#define WSIO_CLIENT_CLIENT_DOCTOR_H

#include "client/options/client_options.h"
#include "measure/result/result.h"

struct port_poller;

/* Fills the report's targets, environment and pre-flight, and its `options` with the plan in words.
 * Names are looked up; a second is spent on watching what a hypervisor takes, where there is one.
 */
void client_doctor_examine(const struct client_options *o, const struct port_poller *poller,
                           struct result *r);

#endif
