#include "client/user/transport.h"

#include <stdio.h>

#include "base/status.h"

void transport_put_close(const struct conn_event *event, char text[FAILURE_TEXT])
{
    text[0] = '\0';
    if (event->status == STATUS_HTTP_STATUS)
        snprintf(text, FAILURE_TEXT, "HTTP %u", event->code);
    else if (event->status == STATUS_OK && event->code != 0)
        snprintf(text, FAILURE_TEXT, "close code %u", event->code);
}
