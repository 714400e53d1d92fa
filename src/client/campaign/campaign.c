#include "client/campaign/campaign.h"

#include <inttypes.h>
#include <string.h>

#include "base/random.h"
#include "base/real.h"
#include "client/output/rawlog.h"
#include "report/csv.h"

/* ---- One trial ------------------------------------------------------------------------- */

static void show_progress(struct run *r, uint64_t now)
{
    struct campaign *c = r->owner;
    progress_show(&c->progress, now);
}

static void note_address(struct campaign *c, uint32_t target)
{
    const struct destination *d = &c->destinations[target];
    if (d->reached)
        port_address_text(&d->addresses[d->address], c->result->targets[target].address);
}

static void note_peak(struct campaign *c, uint32_t target)
{
    struct port_usage usage;
    if (c->sibling == NULL && c->pids[target] != 0 && port_usage_read(c->pids[target], &usage) >= 0)
        c->result->targets[target].server_peak_bytes = usage.peak_bytes;
}

/* The system calls of the sibling so far; 0 when they are not known. */
static uint64_t ask_calls(struct campaign *c)
{
    struct server_figures figures;
    if (c->sibling == NULL || c->run.stopped)
        return 0;
    c->questions++;
    return sibling_ask(c->sibling, &c->run.loop, &figures) ? figures.calls : 0;
}

/* Before the first trial two questions follow one another, so that what lies between them is what a
 * question costs. That is an estimate: it depends on whether its parts arrive together. */
static void begin_calls(struct campaign *c)
{
    uint64_t first = ask_calls(c);
    c->server_calls = ask_calls(c);
    c->question_calls = c->server_calls > first ? c->server_calls - first : 0;
}

static void note_calls(struct campaign *c)
{
    uint64_t before = c->server_calls + c->question_calls;
    c->server_calls = ask_calls(c);
    if (before > 0 && c->server_calls > before)
        c->trial.server_calls = c->server_calls - before;
}

static struct summary *find_summary(struct campaign *c, const struct campaign_turn *turn,
                                    enum scenario scenario)
{
    struct result *r = c->result;
    if (turn->control)
        return &r->control[scenario];
    if (r->sweep.count > 0)
        return &r->sweep.points[turn->target][turn->point];
    return &r->targets[turn->target].summaries[scenario];
}

static void note_progress(struct campaign *c, const struct campaign_turn *turn,
                          enum scenario scenario, unsigned block)
{
    const struct result_sweep *sweep = &c->result->sweep;
    char step[128];
    char value[RESULT_NAME + 24] = "";
    if (sweep->count > 0)
        snprintf(value, sizeof value, ", %s %" PRIu64, sweep->key, sweep->values[turn->point]);
    snprintf(step, sizeof step, "block %u of %u: %s, %s%s", block + 1, c->result->blocks,
             c->result->targets[turn->target].name, scenario_key(scenario), value);
    progress_step(&c->progress, step);
}

/* Keeps the deciding figure of this trial, for the picture of the order of trials. A sweep has
 * none: a step has no room for the value that is swept. */
static void note_step(struct campaign *c, const struct campaign_turn *turn, enum scenario scenario,
                      unsigned block, uint64_t at)
{
    struct result *r = c->result;
    const struct summary *s = find_summary(c, turn, scenario);
    if (scenario != r->verdict_scenario || r->sweep.count > 0 || r->step_count == RESULT_STEPS)
        return;
    r->steps[r->step_count++] = (struct result_step){
        .at_ns = at - c->started,
        .value = s->beyond[r->verdict_figure][block] ? 0 : s->figures[r->verdict_figure][block],
        .block = (uint8_t)block,
        .target = turn->target,
        .control = turn->control,
    };
}

static void write_rows(struct campaign *c, const struct campaign_turn *turn, enum scenario scenario,
                       unsigned block)
{
    const struct result_sweep *sweep = &c->result->sweep;
    const char *name = c->result->targets[turn->target].name;
    struct csv_trial about = {
        .order = c->trials++,
        .block = block,
        .target = name,
        .control = turn->control,
        .sweep_value = sweep->count > 0 ? sweep->values[turn->point] : 0,
    };
    FILE *csv = c->outputs->files[OUTPUTS_CSV].safe.file;
    FILE *log = c->outputs->files[OUTPUTS_LOG].safe.file;
    if (csv != NULL)
        csv_write_trial(csv, &about, &c->trial);
    if (log != NULL && scenario == SCENARIO_THROUGHPUT) /* --log is of no other scenario */
        rawlog_write(log, &c->run, name);
}

/* Whether no client of the trial got anywhere. What is sent one way may stay unanswered. */
static bool is_vain(const struct trial *t)
{
    bool one_way = scenario_flow(t->scenario) == FLOW_ONE_WAY;
    bool silent = t->tally.answered + t->tally.wrong == 0 && !one_way;
    return t->ready == 0 || (silent && failures_count(&t->failures) > 0);
}

/* Gives a target up after a trial in vain: the next trial would fare no better. Without any
 * connection that is so for every value of a sweep. The control alone gives no target up: its own
 * trials are what a report shows. */
static void note_dead(struct campaign *c, const struct campaign_turn *turn)
{
    bool *dead = c->dead[turn->target];
    if (!is_vain(&c->trial) || turn->control)
        return;
    dead[turn->point] = true;
    if (!c->destinations[turn->target].reached)
        memset(dead, true, sizeof c->dead[turn->target]);
}

/* Each trial has a key of its own, which --seed repeats. */
static uint64_t choose_key(const struct campaign *c)
{
    uint64_t state = c->result->seed ^ c->trials;
    return random_next_repeatable(&state);
}

static void measure_trial(struct campaign *c, const struct campaign_turn *turn,
                          enum scenario scenario, unsigned block)
{
    const struct sweep *sweep = &c->options->sweep;
    struct plan plan = plan_of(c->options, scenario, turn->point);
    uint64_t at = port_clock();
    if (sweep->count > 0 && sweep->kind == SWEEP_SIZE)
        destination_resize(&c->destinations[turn->target], (size_t)sweep->values[turn->point]);
    note_progress(c, turn, scenario, block);
    c->run.server_pid = c->pids[turn->target];
    c->run.key = choose_key(c);
    run_trial(&c->run, &c->destinations[turn->target], scenario, &plan, &c->trial);
    note_address(c, turn->target);
    note_peak(c, turn->target);
    note_calls(c);
    summary_add(find_summary(c, turn, scenario), block, &c->trial);
    note_step(c, turn, scenario, block, at);
    write_rows(c, turn, scenario, block);
    note_dead(c, turn);
}

/* ---- Running --------------------------------------------------------------------------- */

static void run_block(struct campaign *c, unsigned block)
{
    for (uint32_t i = 0; i < c->turn_count; i++) {
        const struct campaign_turn *turn = &c->turns[i];
        for (int s = 0; s < SCENARIO_COUNT; s++)
            if (plan_has_of(c->options, &c->targets.item[turn->target], (enum scenario)s) &&
                !c->dead[turn->target][turn->point] && !c->run.stopped)
                measure_trial(c, turn, (enum scenario)s, block);
    }
}

/* Whether the next block may begin. The plan assumes a near and fast server, so the blocks that are
 * done are a better estimate: if the next one would pass --time-limit and as many as needed are
 * done, the run ends here. */
static bool has_time_left(struct campaign *c, unsigned done)
{
    uint64_t limit = c->options->time_limit_ns;
    uint64_t spent = port_clock() - c->started;
    c->progress.planned_ns = spent / done * c->result->blocks;
    if (limit == 0 || done < plan_blocks_min(c->options) || spent + spent / done <= limit)
        return true;
    result_add_note(c->result,
                    "%u of %u blocks were run: the next one would have passed --time-limit", done,
                    c->result->blocks);
    c->result->blocks = done;
    return false;
}

/* Up to that many blocks, or to the end of the time. */
static void run_blocks(struct campaign *c, unsigned from)
{
    bool ordered = c->options->blocks == 1 && c->options->scenario != CLIENT_COMPARE;
    for (unsigned block = from; block < c->result->blocks && !c->run.stopped; block++) {
        if (block > 0 && !has_time_left(c, block))
            return;
        if (!ordered)
            campaign_shuffle_turns(c);
        run_block(c, block);
    }
}

static bool is_decided(struct campaign *c)
{
    result_conclude(c->result);
    result_judge_gates(c->result, c->gates);
    return result_is_decided(c->result);
}

/* As many blocks again, or as there is time for. The last look is at whatever there is then. */
static unsigned count_more(const struct campaign *c, unsigned done)
{
    uint64_t limit = c->options->time_limit_ns;
    uint64_t spent = port_clock() - c->started;
    uint64_t fit = limit > spent ? (limit - spent) / (spent / done + 1) : 0;
    return fit < done ? (unsigned)fit : done;
}

/* The first blocks, then twice as many at each further look. */
static void run_until_decided(struct campaign *c)
{
    struct result *r = c->result;
    unsigned done = 0;
    for (unsigned look = 1; look <= CAMPAIGN_LOOKS && !c->run.stopped; look++) {
        run_blocks(c, done);
        done = r->blocks;
        r->until.undecided = !is_decided(c);
        unsigned more = count_more(c, done);
        if (!r->until.undecided || look == CAMPAIGN_LOOKS || more == 0)
            break;
        r->blocks += more;
    }
    if (r->until.undecided)
        result_add_note(r, "--until-decided: after %u blocks and %.0f s not all is decided.", done,
                        real_of(port_clock() - c->started) / 1e9);
}

/* One line on stderr before a run of several trials. */
static void announce(const struct campaign *c)
{
    const struct result *r = c->result;
    bool many = r->blocks > 1 || r->sweep.count > 0 || plan_has_control(c->options);
    if (many && !c->options->quiet)
        fprintf(stderr, "wsio-client: %u target%s, %u block%s, %s %.0f s\n", c->targets.count,
                c->targets.count == 1 ? "" : "s", r->blocks, r->blocks == 1 ? "" : "s",
                c->options->until_decided ? "at least" : "about", real_of(r->planned_ns) / 1e9);
    fflush(stderr);
}

void campaign_run(struct campaign *c)
{
    struct result *r = c->result;
    bool terminal = port_is_terminal(2) && !c->options->quiet;
    announce(c);
    begin_calls(c);
    c->started = port_clock();
    progress_start(&c->progress, terminal, c->started, r->planned_ns);
    if (c->options->time_limit_ns > 0 && c->options->scenario != CLIENT_COMPARE)
        c->run.ends_at = c->started + c->options->time_limit_ns;
    c->run.progress = terminal ? show_progress : NULL;
    c->run.owner = c;
    if (c->options->until_decided)
        run_until_decided(c);
    else
        run_blocks(c, 0);
    progress_end(&c->progress);
    r->partial = c->run.stopped;
    r->took_ns = port_clock() - c->started;
}

/* Figures of a client that did not run for a while show that, not the servers. */
static void note_pauses(const struct campaign *c)
{
    const struct loop_counters *counters = &c->run.loop.counters;
    if (counters->pauses > 0)
        result_add_note(c->result, "wsio-client itself did not run for %.0f ms in all.",
                        real_of(counters->paused) / 1e6);
}

/* The pre-flight could only count cores. */
static void note_placement(struct campaign *c)
{
    const unsigned *trials = c->result->placement.all.trials;
    c->needs.shared = trials[PLACEMENT_SAME] + trials[PLACEMENT_MOVING];
    c->needs.placed = c->needs.shared + trials[PLACEMENT_APART];
}

void campaign_close(struct campaign *c)
{
    struct result *r = c->result;
    note_pauses(c);
    result_conclude(r);
    result_note_overloads(r);
    environment_finish(&r->environment);
    note_placement(c);
    preflight_check(&r->preflight, &c->needs, &r->environment); /* more is known now */
    struct server_figures *figures = &r->server;
    if (c->sibling != NULL && sibling_ask(c->sibling, &c->run.loop, figures))
        figures->connections -= c->questions + 1;
    run_close(&c->run);
}
