/* Which pollers there are, the best one first. */
#include <string.h>

#include "private.h"

static const struct port_poller *const pollers[] = {&native_poller, &posix_poller_select};

#define POLLERS (sizeof pollers / sizeof pollers[0])

const struct port_poller *port_poller_find(const char *name)
{
    if (name == NULL)
        return pollers[0];
    for (size_t i = 0; i < POLLERS; i++) {
        if (strcmp(pollers[i]->name, name) == 0)
            return pollers[i];
    }
    return NULL;
}

const char *port_poller_names(void)
{
    static char names[64];
    struct buf out = buf_over(names, sizeof names - 1);

    for (size_t i = 0; i < POLLERS; i++) {
        if (i > 0)
            buf_put_byte(&out, '|');
        buf_put_text(&out, pollers[i]->name);
    }
    names[out.len] = '\0';
    return names;
}
