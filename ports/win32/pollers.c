/* Which pollers there are: one. */
#include "private.h"

#include <string.h>

const struct port_poller *port_poller_find(const char *name)
{
    bool known = name == NULL || strcmp(name, win32_poller_select.name) == 0;

    return known ? &win32_poller_select : NULL;
}

const char *port_poller_names(void)
{
    return win32_poller_select.name;
}
