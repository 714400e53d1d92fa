#include "each_poller.h"

#include <stdio.h>
#include <string.h>

int each_poller(int (*run)(const struct port_poller *))
{
    int sum = 0;

    for (const char *list = port_poller_names(); *list != '\0';) { /* "epoll|select" */
        char name[32];
        size_t length = strcspn(list, "|");
        snprintf(name, sizeof name, "%.*s", (int)length, list);
        sum += run(port_poller_find(name));
        list += length + (list[length] == '|');
    }
    return sum;
}
