#include "client/campaign/client_doctor.h"

#include <stdio.h>

#include "base/real.h"
#include "base/status.h"
#include "client/user/destination.h"
#include "client/plan/plan.h"
#include "client/campaign/sibling.h"

/* The targets of a run that names none. The ports, which are free ones in a real run, do not
 * matter.
 */
static const char *const sibling_urls[SIBLING_URLS] = {
    [SIBLING_TCP] = "tcp=tcp://127.0.0.1:9001",
    [SIBLING_WS] = "ws=ws://127.0.0.1:9000/",
    [SIBLING_SIO] = "sio=http://127.0.0.1:9000/",
    [SIBLING_SIO_UPGRADE] = "sio-upgrade=http://127.0.0.1:9000/#upgrade",
};

/* What came of looking up the hosts of all targets. */
struct lookup {
    unsigned found;                 /* targets with an address */
    bool loopback;                  /* every target is on this machine */
    char failure[PREFLIGHT_ADVICE]; /* the first one; "": there is none */
};

static void look_up_target(const struct target *target, struct result *r, struct lookup *lookup)
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

static void judge_names(struct preflight *p, const struct lookup *lookup, unsigned needed)
{
    struct preflight_row *row = &p->rows[p->count++];
    snprintf(row->name, sizeof row->name, "addresses");
    snprintf(row->needed, sizeof row->needed, "%u", needed);
    snprintf(row->found, sizeof row->found, "%u", lookup->found);
    row->state = lookup->found < needed ? PREFLIGHT_SHORT : PREFLIGHT_FINE;
    snprintf(row->advice, sizeof row->advice, "%s", lookup->failure);
}

/* The scenario is not known, so the one that needs most is assumed: all clients are open at once,
 * unless --concurrency is given. */
static void widen_plan(struct client_options *planned)
{
    if (planned->given.clients && !planned->given.concurrency)
        planned->concurrency = planned->clients;
}

void client_doctor_examine(const struct client_options *o, const struct port_poller *poller,
                           struct result *r)
{
    static struct client_options planned;
    char error[OPTION_ERROR_BYTES];
    struct lookup lookup = {.loopback = true};
    planned = *o;
    widen_plan(&planned);
    if (o->targets.count == 0)
        target_list_parse(&planned.targets, sibling_urls, SIBLING_URLS, error);
    for (uint32_t i = 0; i < o->targets.count; i++)
        look_up_target(&o->targets.item[i], r, &lookup);
    environment_read(&r->environment, poller->name);
    environment_watch(&r->environment);
    r->environment.loopback = lookup.loopback;
    struct preflight_plan plan =
        plan_preflight(&planned, &planned.targets, poller->most(), lookup.loopback);
    preflight_check(&r->preflight, &plan, &r->environment);
    if (o->targets.count > 0)
        judge_names(&r->preflight, &lookup, o->targets.count);
    snprintf(r->options, sizeof r->options,
             "%u target%s, %u block%s, at most %u connections at once, about %.0f s",
             planned.targets.count, planned.targets.count == 1 ? "" : "s", planned.blocks,
             planned.blocks == 1 ? "" : "s", (unsigned)plan.sockets,
             real_of(plan.duration_ns) / 1e9);
}
