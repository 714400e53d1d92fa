/* Addresses: storage[0] is the host's place in the table below, storage[1] the port. */
#include "scripted.h"

#include <stdio.h>
#include <string.h>

static const struct host {
    const char *name;
    const char *text;
    bool loopback;
} hosts[] = {
    {"127.0.0.1", "127.0.0.1", true},
    {"127.0.0.2", "127.0.0.2", true},
    {"::1", "[::1]", true},
    {"192.0.2.1", "192.0.2.1", false},
};

#define HOSTS (sizeof hosts / sizeof hosts[0])

static const struct host *host_of(const struct port_address *a)
{
    return a->length > 0 && a->storage[0] < HOSTS ? &hosts[a->storage[0]] : NULL;
}

int port_resolve(const char *host, uint16_t port, struct port_address *out, size_t cap)
{
    const char *name = strcmp(host, "localhost") == 0 ? hosts[0].name : host;

    for (size_t i = 0; i < HOSTS && cap > 0; i++) {
        if (strcmp(hosts[i].name, name) == 0) {
            out[0] = (struct port_address){.length = 16, .storage = {i, port}};
            return 1;
        }
    }
    return STATUS_NO_NAME;
}

void port_address_text(const struct port_address *a, char out[PORT_ADDRESS_TEXT])
{
    const struct host *host = host_of(a);

    if (host == NULL)
        snprintf(out, PORT_ADDRESS_TEXT, "-");
    else
        snprintf(out, PORT_ADDRESS_TEXT, "%s:%u", host->text, (unsigned)port_address_port(a));
}

uint16_t port_address_port(const struct port_address *a)
{
    return host_of(a) != NULL ? (uint16_t)a->storage[1] : 0;
}

bool port_address_is_loopback(const struct port_address *a)
{
    return host_of(a) != NULL && host_of(a)->loopback;
}
