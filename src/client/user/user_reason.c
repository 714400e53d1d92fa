#include "client/user/user_reason.h"

#include <stdio.h>
#include <string.h>

#include "base/real.h"
#include "base/status.h"

void user_reason_timeout(const struct user *u, char text[FAILURE_TEXT])
{
    const struct crowd *c = u->crowd;
    const char *what = "no answer";
    text[0] = '\0';
    if (u->alarm_at == 0 || c->loop->io.now < u->alarm_at)
        return;
    if (u->state == USER_READY && u->traffic.outstanding > 0)
        what = u->traffic.in.offset > 0 ? "the reply did not end" : "no reply";
    snprintf(text, FAILURE_TEXT, "%s within %g s", what, real_of(c->timeout_ns) / 1e9);
}

/* What Socket.IO servers mean by a close that says less. */
static const struct hint {
    int status;
    unsigned code;
    enum phase phase;
    const char *text;
} hints[] = {
    /* Werkzeug cannot upgrade, and python-engineio answers in its place. */
    {STATUS_HTTP_STATUS, 400, PHASE_UPGRADE, "#polling may work"},
    /* socket.io closes when it cannot decode the CONNECT packet. */
    {STATUS_OK, 1005, PHASE_SIO_CONNECT, "the server may use another parser (msgpack)"},
};

const char *user_reason_hinted(const struct user *u, int status, unsigned code, const char *text,
                               char out[FAILURE_TEXT])
{
    if (u->crowd->destination->target->kind != TARGET_SIO)
        return text;
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        const struct hint *h = &hints[i];
        if (h->status != status || h->code != code || h->phase != u->phase)
            continue;
        snprintf(out, FAILURE_TEXT, "%.*s; %s", (int)(FAILURE_TEXT - 3 - strlen(h->text)), text,
                 h->text);
        return out;
    }
    return text;
}
