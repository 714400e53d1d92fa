#include "client/campaign/campaign.h"

#include "base/random.h"

void campaign_choose_seed(struct campaign *c)
{
    uint64_t chosen = 0;
    port_entropy(&chosen, sizeof chosen);
    c->seed_state = c->options->given.seed ? c->options->seed : chosen;
}

void campaign_make_turns(struct campaign *c)
{
    uint32_t points = plan_points(c->options);
    c->turn_count = 0;
    for (uint32_t target = 0; target < c->targets.count; target++)
        for (uint32_t point = 0; point < points; point++)
            c->turns[c->turn_count++] =
                (struct campaign_turn){.target = (uint8_t)target, .point = (uint8_t)point};
    if (plan_has_control(c->options))
        c->turns[c->turn_count++] = (struct campaign_turn){
            .target = (uint8_t)plan_find_against(c->options, &c->targets), .control = true};
}

void campaign_shuffle_turns(struct campaign *c)
{
    for (uint32_t i = c->turn_count; i > 1; i--) {
        uint32_t j = (uint32_t)random_below_repeatable(&c->seed_state, i);
        struct campaign_turn swap = c->turns[i - 1];
        c->turns[i - 1] = c->turns[j];
        c->turns[j] = swap;
    }
}
