#include "measure/record/identity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/real.h"

#define LITTLE_TOLERANCE 0.05

/* The edge of the window may cut each outstanding message once. With so many round trips
 * per place, that is at most half of the tolerance. */
#define LITTLE_MIN_PER_PLACE 40u

const char *identity_key(enum identity identity)
{
    static const char *const keys[IDENTITY_COUNT] = {
        [IDENTITY_BALANCE] = "balance",
        [IDENTITY_LITTLE] = "little",
        [IDENTITY_BYTES] = "bytes",
    };
    return (unsigned)identity < IDENTITY_COUNT ? keys[identity] : "-";
}

static enum identity_outcome check_balance(const struct trial *t, char *text)
{
    const struct tally *c = &t->tally;
    bool holds = tally_balanced(c);
    snprintf(text, IDENTITY_TEXT,
             "%" PRIu64 " sent %s %" PRIu64 " answered + %" PRIu64 " wrong + %" PRIu64
             " unanswered",
             c->sent, holds ? "=" : "is not", c->answered, c->wrong, c->unanswered);
    return holds ? IDENTITY_HOLDS : IDENTITY_BROKEN;
}

/* A place that stood empty, or whose round trip is not in the histogram, says nothing about the
 * meter. */
static bool is_every_place_taken(const struct trial *t)
{
    return t->failed == 0 && t->lost == 0 && t->tally.wrong == 0 && t->tally.unanswered == 0 &&
           t->latency.outside == 0;
}

static enum identity_outcome check_little(const struct trial *t, char *text)
{
    double places = real_of(t->clients) * real_of(t->depth);
    double n = real_of(t->latency.values.n);
    if (scenario_flow(t->scenario) != FLOW_CLOSED || places < 1.0 || t->window_ns == 0 ||
        n < places * LITTLE_MIN_PER_PLACE || !is_every_place_taken(t))
        return IDENTITY_SKIPPED;
    double found = trial_rate(t) * t->latency.values.mean / 1e9;
    /* What the client does with a reply before it sends again is no part of a round trip; one that
     * an edge of the window has cut is in the histogram whole, or not at all. */
    double moved = real_of(t->early_ns) - real_of(t->vacant_ns);
    double kept = places + moved / real_of(t->window_ns);
    bool holds = fabs(found - kept) <= LITTLE_TOLERANCE * kept;
    snprintf(text, IDENTITY_TEXT,
             "%.1f/s x mean latency %.3f us = %.3f messages outstanding, and %.4g were kept",
             trial_rate(t), t->latency.values.mean / 1e3, found, kept);
    return holds ? IDENTITY_HOLDS : IDENTITY_BROKEN;
}

static bool is_direction_whole(uint64_t frames, uint32_t size, uint64_t bytes)
{
    return size == 0 || frames * size == bytes;
}

static enum identity_outcome check_bytes(const struct trial *t, char *text)
{
    const struct tally *c = &t->tally;
    if ((t->frame_size_out == 0 || c->frames_out == 0) &&
        (t->frame_size_in == 0 || c->frames_in == 0))
        return IDENTITY_SKIPPED;
    bool out = is_direction_whole(c->frames_out, t->frame_size_out, c->frame_bytes_out);
    bool in = is_direction_whole(c->frames_in, t->frame_size_in, c->frame_bytes_in);
    bool show_in = out && (!in || t->frame_size_out == 0);
    snprintf(text, IDENTITY_TEXT,
             "%" PRIu64 " frames of %" PRIu32 " bytes %s: %" PRIu64 " bytes counted",
             show_in ? c->frames_in : c->frames_out, show_in ? t->frame_size_in : t->frame_size_out,
             show_in ? "in" : "out", show_in ? c->frame_bytes_in : c->frame_bytes_out);
    return out && in ? IDENTITY_HOLDS : IDENTITY_BROKEN;
}

enum identity_outcome identity_check(enum identity identity, const struct trial *t,
                                     char text[IDENTITY_TEXT])
{
    text[0] = '\0';
    switch (identity) {
    case IDENTITY_BALANCE:
        return check_balance(t, text);
    case IDENTITY_LITTLE:
        return check_little(t, text);
    case IDENTITY_BYTES:
        return check_bytes(t, text);
    case IDENTITY_COUNT:
        break;
    }
    return IDENTITY_SKIPPED;
}
