#include "client/campaign/client_doctor.h"

#include <stdio.h>

#include "base/real.h"
#include "base/status.h"
#include "client/user/destination.h"
#include "client/plan/plan.h"
#include "client/campaign/sibling.h"

/* What a run without targets measures; which ports the sibling takes does not matter. */
static const char sibling_urls[] = "tcp=tcp://127.0.0.1:9001\0ws=ws://127.0.0.1:9000/\0"
                                   "sio=http://127.0.0.1:9000/\0"
                                   "sio-upgrade=http://127.0.0.1:9000/#upgrade";

/* Of the names that were looked up. */
struct lookup {
    unsigned found;
    bool loopback; /* all of them */
    char failure[PREFLIGHT_ADVICE];
};

static void target_look_up(const struct target *target, struct result *r, struct lookup *lookup)
{
    static struct destination d;
    d.target = target;
    int count = destination_resolve(&d);
    struct result_target *t = result_add_target(r);
    snprintf(t->name, sizeof t->name, "%s", target->name);
    snprintf(t->url, sizeof t->url, "%s", target_url(target));
    if (count > 0) {
        port_address_text(&d.addresses[0], t->address);
        lookup->found++;
    } else if (lookup->failure[0] == '\0') {
        snprintf(lookup->failure, sizeof lookup->failure, "%.90s: %s", target->host,
                 status_text(count < 0 ? count : STATUS_NO_NAME));
    }
    lookup->loopback = lookup->loopback && count > 0 && port_address_is_loopback(&d.addresses[0]);
}

static void names_judge(struct preflight *p, const struct lookup *lookup, unsigned needed)
{
    struct preflight_row *row = &p->rows[p->count++];
    snprintf(row->name, sizeof row->name, "addresses");
    snprintf(row->needed, sizeof row->needed, "%u", needed);
    snprintf(row->found, sizeof row->found, "%u", lookup->found);
    row->state = lookup->found < needed ? PREFLIGHT_SHORT : PREFLIGHT_FINE;
    snprintf(row->advice, sizeof row->advice, "%s", lookup->failure);
}

/* Which scenario is planned is not known, so the one that needs most: all clients open at once,
 * unless it was said how many. */
static void plan_widen(struct client_options *planned)
{
    if (planned->given.clients && !planned->given.concurrency)
        planned->concurrency = planned->clients;
}

void client_doctor_examine(const struct client_options *o, const struct port_poller *poller,
                           struct result *r)
{
    static struct client_options planned;
    char error[OPTION_ERROR_BYTES];
    struct lookup lookup = {0, true, ""};
    planned = *o;
    plan_widen(&planned);
    if (o->targets.count == 0) {
        const char *urls[SIBLING_URLS];
        for (size_t i = 0; i < SIBLING_URLS; i++)
            urls[i] = bytes_word(sibling_urls, i);
        target_list_parse(&planned.targets, urls, SIBLING_URLS, error);
    }
    for (uint32_t i = 0; i < o->targets.count; i++)
        target_look_up(&o->targets.item[i], r, &lookup);
    environment_read(&r->environment, poller->name);
    environment_watch(&r->environment);
    r->environment.loopback = lookup.loopback;
    struct preflight_plan plan =
        plan_preflight(&planned, &planned.targets, poller->most(), lookup.loopback);
    preflight_check(&r->preflight, &plan, &r->environment);
    if (o->targets.count > 0)
        names_judge(&r->preflight, &lookup, o->targets.count);
    snprintf(r->options, sizeof r->options,
             "%u target%s, %u block%s, at most %u connections at once, about %.0f s",
             planned.targets.count, planned.targets.count == 1 ? "" : "s", planned.blocks,
             planned.blocks == 1 ? "" : "s", (unsigned)plan.sockets,
             real_of(plan.duration_ns) / 1e9);
}
