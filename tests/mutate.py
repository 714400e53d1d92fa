#!/usr/bin/env python3
"""Takes each defence of NOTES, "Threats", and of the figures (2.6) away, and shows that a test fails without it.

    tests/mutate.py [WORD...]    the rows of DEFENCES whose names contain a word, or all

A row changes one place of the sources in a copy (build/mutants), which is built anew in part each time. The row's
test must fail there. All rows take ten minutes, so `make test` has no part of it: run it when a defence or
its test changes. A row whose text is not found exactly once is reported as stale.
"""

import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COPY = os.path.join(ROOT, "build", "mutants")

# Point of the review of 9a6496f and the defence; file; test, of a script with a word of its case; the text
# that is taken away; what comes in its place.
DEFENCES = [
    ("2.6 two characters change", "src/client/options/payload.c", "test_misleading.py:repeats",
     "uint32_t pair = (uint32_t)((from->start + id.sequence * from->step) % PAIRS);",
     "uint32_t pair = from->start % PAIRS;"),
    ("2.6 users have their own sequence", "src/client/options/payload.c", "test_traffic",
     "uint64_t state = key + user;",
     "uint64_t state = key;"),
    ("2.6 the number of the user", "src/client/options/payload.c", "test_payload",
     "USER_BYTES, from->user);",
     "USER_BYTES, 7);"),
    ("2.6 trials have their own messages", "src/client/campaign/campaign.c", "test_misleading.py:--seed",
     "uint64_t state = c->result->seed ^ c->trials;",
     "(void)c;\n    uint64_t state = 1;"),
    ("2.6 nothing answers what is sent later", "src/client/user/traffic.c", "test_traffic",
     "!half_sent &&\n           *find_start(m, c, sequence) <= c->loop->io.now;",
     "!half_sent;"),
    ("2.6 nothing answers what is not written", "src/client/user/traffic.c", "test_client_polling",
     "return sequence < m->written && !half_put",
     "return !half_put"),
    ("2.6 nothing answers what is half written", "src/client/user/traffic.c", "test_traffic",
     "&& !half_put &&",
     "&&"),
    ("2.6 a pong behind a message is no matter", "src/client/user/traffic.c", "test_traffic",
     "bool half_sent = equal && blocked",
     "bool half_sent = (equal || blocked) && blocked"),
    ("2.6 a reply does not begin before its question", "src/client/user/traffic.c", "test_traffic",
     "m->in.wrong = !part->message_last;",
     "m->in.wrong = false;"),
    ("2.6 acks answer what asked for one", "src/client/user/traffic.c", "test_traffic",
     "!traffic_asks_ack(c, id) ||",
     ""),
    ("2.6 unexpected messages fail", "src/measure/result/summary.c", "test_misleading.py:one reply that",
     " || t->tally.unexpected > 0 ||",
     " ||"),
    ("2.6 unexpected messages fail: duplicates", "src/measure/result/summary.c",
     "test_misleading.py:duplicates in the same",
     " || t->tally.unexpected > 0 ||",
     " ||"),
    ("2.6 other names are ignored", "src/client/user/traffic.c", "test_misleading.py:other names",
     "        c->trial->tally.ignored++;\n        return false;\n    }\n    if (form->picked)",
     "        count_unexpected(c);\n        return false;\n    }\n    if (form->picked)"),
    ("2.6 pushes are ignored", "src/client/user/destination.c", "test_misleading.py:fan-out",
     "form->picked = options->ignore_unexpected &&",
     "form->picked = false &&"),
    ("2.6 a picked reply has all of its identity", "src/client/user/traffic.c", "test_traffic",
     "return is_outstanding(m, c, *sequence) &&\n           payload_match(",
     "return is_outstanding(m, c, *sequence) || payload_match("),
    ("2.6 a picked reply answers once", "src/client/user/traffic.c", "test_misleading.py:left out, its",
     "m->sent - sequence <= c->depth && *find_start(m, c, sequence) != 0;",
     "m->sent - sequence <= c->depth;"),
    ("2.6 pushes do not extend a timeout", "src/client/user/user.c", "test_misleading.py:pushes do not",
     "if (form->picked && (in->wrong || in->offset == 0))",
     "if (form->picked && in->wrong && in->offset == 1)"),
    ("4.1 share of what is queued", "src/loop/loop_memory.c", "test_shares",
     "if (owned + bytes > loop_share(l)) {",
     "if (false) {"),
    ("4.1 reserve untouched by queues", "src/loop/loop_memory.c", "test_shares",
     "size_t keep = owned + bytes > SHARE_LEAST ? loop_reserve(l) : loop_memory_reserve(l);",
     "size_t keep = 0;"),
    ("4.1 share of all sessions of a connection", "src/server/server_session.c", "test_shares",
     "return owner != NULL ? owner->queued : session->queue_bytes + session->parts_bytes;",
     "(void)owner;\n    return session->queue_bytes + session->parts_bytes;"),
    ("4.1 share of a body's answers", "src/server/server_session.c", "test_shares",
     "(owned == 0 || owned + lease->cap <= loop_share(&v->loop));",
     "(owned < ~(size_t)0);"),
    ("4.1 a session over its share is closed when memory became short",
     "src/server/server_deadlines.c", "test_shares",
     "bool fits = server_session_owned(v, session) <= loop_share(&v->loop);",
     "bool fits = true;"),
    ("4.1 a peer over its share is closed after 2 s", "src/loop/output.c", "test_shares",
     "s->out_bytes > loop_share(l))",
     "s->out_bytes > (size_t)1 << 40)"),
    ("4.1 a large queue whose peer left", "src/server/server_deadlines.c", "test_isolation",
     "v->loop.judge_by < session->queued_at + LEFT_NS",
     "v->loop.judge_by < ~UINT64_C(0)"),
    ("4.1 memory goes back: trimmed", "src/loop/loop_memory.c", "test_isolation",
     "if (p->lately < TRIM_LEAST)",
     "if (p->lately < TRIM_LEAST || now > 0)"),
    ("4.1 memory goes back: discarded", "src/loop/loop_memory.c", "test_hostile.py:never poll",
     "if (part > 0 && is_free)",
     "if (part > 0 && is_free && l->trimmed > p->blocks)"),
    ("4.1 queue limit of a session", "src/server/server_session.c", "test_payloads",
     "return session->queue_bytes + bytes <= 2 * v->options->max_message;",
     "(void)v;\n    return session->queue_bytes + bytes > 0;"),
    ("4.1 overfull session ends", "src/server/server_deadlines.c", "test_shares",
     "if (session->overfull) {",
     "if (false) {"),
    ("4.2 slice of a receive: steps", "src/loop/input.c", "test_isolation",
     "return slice->steps >= LOOP_SLICE_STEPS || l->io.now >= slice->end;",
     "return l->io.now >= slice->end;"),
    ("4.2 slice of a receive: time", "src/loop/input.c", "test_budgets",
     "return slice->steps >= LOOP_SLICE_STEPS || l->io.now >= slice->end;",
     "return slice->steps >= LOOP_SLICE_STEPS;"),
    ("4.2 slice of a receive: clock read behind requests", "src/loop/input.c", "test_budgets",
     "if (request || used >= RECEIVE_LEAST || slice->steps % 64 == 0)",
     "if ((request && l->io.now == 0) || used >= RECEIVE_LEAST || slice->steps % 64 == 0)"),
    ("4.2 length of a turn", "src/loop/loop_work.c", "test_budgets",
     "return l->turn_start != 0 && l->io.now - l->turn_start >= LOOP_TURN_NS &&",
     "return l->turn_start != 0 && l->io.now - l->turn_start >= UINT64_MAX &&"),
    ("4.2 rows wait when a turn is over", "src/loop/loop_work.c", "test_budgets",
     "return l->work[LOOP_CHEAP].first != LOOP_NO_SLOT || loop_work_is_over(l) || is_heavy(l, s);",
     "return l->work[LOOP_CHEAP].first != LOOP_NO_SLOT || is_heavy(l, s);"),
    ("4.2 packets of a body", "src/server/longpoll.c", "test_isolation",
     "return s->paused || packets >= PACKETS_SLICE ||",
     "return s->paused ||"),
    ("4.2 a cut peer receives little", "src/loop/input.c", "test_isolation",
     "    s->receive_size = 0;\n    loop_work_add(l, s);",
     "    loop_work_add(l, s);"),
    ("4.2 jobs stop when a turn is over", "src/server/jobs.c", "test_budgets",
     "if (i > 0 && loop_work_is_over(&v->loop)) {",
     "if (i > 99999 && loop_work_is_over(&v->loop)) {"),
    ("4.2 a sender waits for its job", "src/server/delivery.c", "test_isolation",
     "    loop_pause(sender);\n",
     ""),
    ("4.2 accepts per turn: time", "src/loop/listener.c", "test_budgets",
     "if (i >= ACCEPTS_LEAST && loop_work_is_over(l))",
     "if (i >= 99999 && loop_work_is_over(l))"),
    ("4.2 accepts come though a turn is over", "src/loop/listener.c", "test_budgets",
     "if (i >= ACCEPTS_LEAST && loop_work_is_over(l))",
     "if (loop_work_is_over(l))"),
    ("4.2 deadlines of slots per turn", "src/loop/loop_turn.c", "test_budgets",
     "(i >= DEADLINES_LEAST && loop_work_is_over(l))",
     "i >= 999999"),
    ("4.2 deadlines of slots are served though a turn is over", "src/loop/loop_turn.c", "test_budgets",
     "(i >= DEADLINES_LEAST && loop_work_is_over(l))",
     "loop_work_is_over(l)"),
    ("4.2 deadlines of sessions per turn", "src/server/server_deadlines.c", "test_budgets",
     "if (i >= SESSIONS_LEAST && over)",
     "if (i >= 999999 && over)"),
    ("4.2 deadlines of sessions are served though a turn is over",
     "src/server/server_deadlines.c", "test_budgets",
     "if (i >= SESSIONS_LEAST && over)",
     "if (over)"),
    ("4.3 sessions of one connection", "src/server/server_session.c", "test_isolation",
     "peer->sessions >= SESSIONS_EACH || ",
     ""),
    ("4.3 sessions of one connection in a second", "src/server/server_session.c", "test_shares",
     " || peer->opened >= SESSIONS_PER_SECOND",
     ""),
    ("4.3 connections of an address", "src/server/server_events.c", "test_isolation",
     "return addresses_add(&v->addresses, key) <= v->options->max_per_address;",
     "addresses_add(&v->addresses, key);\n    return true;"),
    ("4.3 keepalive", "ports/posix/net.c", "test_hostile.py:keepalive",
     "    set_keepalive(fd);\n    return listen",
     "    return listen"),
    ("4.3 silent peers end", "src/server/server_start.c", "test_isolation",
     "c->silent_timeout = (uint64_t)SILENT_TIMEOUT_MS * 1000000;",
     "c->silent_timeout = 0;"),
    ("4.3 rooms of one session", "src/server/app.c", "test_apps.py:32 at once",
     "if (!joined && rooms_count(*member) >= ROOMS_EACH)",
     "if (false && !joined)"),
    ("4.3 /stats when all places are taken", "src/server/server_events.c", "test_shares",
     "return peer->crowded && kind != ROUTE_HEALTH && kind != ROUTE_STATS;",
     "return peer->crowded && kind != ROUTE_HEALTH;"),
    ("4.3 /healthz when all places are taken", "src/server/server_events.c", "test_loop",
     "return peer->crowded && kind != ROUTE_HEALTH && kind != ROUTE_STATS;",
     "return peer->crowded && kind != ROUTE_STATS;"),
    ("4.3 a place in the crowd ends", "src/server/server_events.c", "test_shares",
     "    else if (by < s->conn.deadline)\n        s->conn.deadline = by;\n",
     "    (void)by;\n"),
    ("4.4 waiters are looked at only when memory came back", "src/loop/input.c", "test_shares",
     "if (l->waiters.first == LOOP_NO_SLOT || l->wait_releases == l->pool.releases)",
     "if (l->waiters.first == LOOP_NO_SLOT)"),
    ("4.4 16 waiters per turn", "src/loop/input.c", "test_shares",
     "i < WAITERS_MAX && l->wait_look",
     "l->wait_look"),
    ("4.4 waiters go on in the next turn", "src/loop/loop_turn.c", "test_shares",
     "|| deadline == 0 || waiters)",
     "|| deadline == 0 || (waiters && deadline == 1))"),
    ("4.5 memory as bytes arrive", "src/loop/loop_memory.c", "test_loop",
     "    if (l->setup.conn->client)\n        need = wish = s->wanted;\n    s->held",
     "    need = wish = s->wanted;\n    s->held"),
    ("4.5 room for one message", "src/loop/loop_memory.c", "test_loop",
     "return lease != NULL ? lease : pool_take_room(&l->pool, all);",
     "(void)all;\n    return lease;"),
    ("4.5 a message has 30 s", "src/server/server_start.c", "test_loop",
     "c->message_timeout = (uint64_t)MESSAGE_TIMEOUT_MS * 1000000;",
     "c->message_timeout = (uint64_t)MESSAGE_TIMEOUT_MS * 100000000;"),
    ("4.5 waiting for memory ends", "src/loop/loop_turn.c", "test_loop",
     "if (s->waiting && judge_by >= s->wait_by)",
     "if (s->waiting && judge_by == ~UINT64_C(0))"),
    ("4.5 a message leaves the reserve", "src/loop/loop_memory.c", "test_shares",
     "struct lease *lease = pool_lease(&l->pool, wish, loop_reserve(l));",
     "struct lease *lease = pool_lease(&l->pool, wish, 0);"),
    ("4.5 a message leaves the room for modest queues", "src/loop/loop_memory.c", "test_shares",
     "struct lease *lease = pool_lease(&l->pool, wish, loop_reserve(l));",
     "struct lease *lease = pool_lease(&l->pool, wish, loop_memory_reserve(l));"),
    ("4.5 what was sent already is put aside", "src/loop/loop_memory.c", "test_loop",
     "bool fits = l->stash_blocks + pool_blocks(bytes) <= STASH_BLOCKS;",
     "bool fits = l->stash_blocks + pool_blocks(bytes) == 0;"),
    ("4.5 stashes are bounded", "src/loop/loop_memory.c", "test_loop",
     "bool fits = l->stash_blocks + pool_blocks(bytes) <= STASH_BLOCKS;",
     "bool fits = true;"),
    ("4.5 no receive into the common buffer without the reserve", "src/loop/input.c", "test_loop",
     "bool may = l->pool.free >= loop_memory_reserve(l) || s->conn.state == CONN_CLOSED;",
     "bool may = l->pool.free > 0 || s->conn.state == CONN_CLOSED;"),
    ("4.6 a reply has a rate", "src/client/user/user.c", "test_failures.py:without end",
     "u->moved >= u->crowd->timeout_ns / SLOWEST_NS_PER_BYTE",
     "u->moved > 0"),
    ("4.6 what passes its length does not count", "src/client/user/user.c", "test_failures.py:without end",
     "is_too_long(u)",
     "(is_too_long(u) && u->moved == 1)"),
    ("4.6 deadline of a trial", "src/client/drivers/run.c", "test_failures.py:of any length",
     "c->deadline = c->began + most;",
     "c->deadline = c->began + 1000 * most;"),
    ("4.6 --time-limit", "src/client/campaign/campaign.c", "test_failures.py:--time-limit",
     "c->run.ends_at = c->started + c->options->time_limit_ns;",
     "c->run.ends_at = 0;"),
    ("4.7 reports are written beside", "src/client/output/safe_file.c", "test_outputs.py:outputs",
     "if (allowed && make_temporary(f))",
     "if (allowed && false && make_temporary(f))"),
    ("4.7 a bad report is deleted", "src/client/output/safe_file.c", "test_outputs.py:outputs",
     "    if (!good)\n",
     "    if (false)\n"),
    ("4.7 a second signal deletes the temporary files",
     "src/client/output/safe_file.c", "test_ends.py:second",
     "        if (temporaries[i] != NULL)\n            port_file_delete",
     "        if (temporaries[i] != NULL && i > 7)\n            port_file_delete"),
    ("4.8 SIGHUP", "ports/posix/signals.c", "test_ends.py:SIGHUP",
     "requests[] = {SIGINT, SIGTERM, SIGHUP};",
     "requests[] = {SIGINT, SIGTERM};"),
    ("4.8 SIGHUP stays ignored", "ports/posix/signals.c", "test_ends.py:SIGHUP",
     "if (!is_hangup || sigaction",
     "if (true || sigaction"),
    ("4.8 SIGHUP is no second request", "ports/posix/signals.c", "test_ends.py:SIGHUP",
     "if (signal_number == SIGHUP && stops > 0)",
     "if (false && signal_number == SIGHUP)"),
    ("4.9 read before judging", "src/loop/loop_turn.c", "test_budgets",
     "    l->judge_by = l->looked_at;\n",
     "    l->judge_by = l->io.now;\n"),
    ("4.9 judging waits for what is left over", "src/loop/loop_turn.c", "test_budgets",
     "if (looked && whole && !loop_work_is_left(l))",
     "if (looked && whole)"),
    ("4.9 judging does not wait for ever", "src/loop/loop_turn.c", "test_isolation",
     "else if (is_round_over(l, looked, whole))",
     "else if (is_round_over(l, looked, whole) && l->judge_by == 1)"),
    ("4.9 a slow look is worked off before the next", "src/loop/loop_work.c", "test_isolation",
     "return l->owed > 0 && loop_work_is_left(l);",
     "return false && l->owed > 0 && loop_work_is_left(l);"),
    ("4.9 pauses are counted", "src/loop/loop_turn.c", "test_isolation",
     "if (now < due + LOOP_PAUSE_NS)",
     "if (now < due + LOOP_PAUSE_NS * 1000)"),
    ("4.9 a pause of the client is not the server's", "src/client/user/user_loop.c", "test_client_upgrade",
     "if (u->alarm_at == 0 || paused == 0)",
     "if (u->alarm_at == 0 || paused < UINT64_MAX)"),
    ("4.10 expensive slots come after cheap ones", "src/loop/loop_work.c", "test_budgets",
     "return s->heavy_until > l->io.now || s->conn.hold.len >= LOOP_HEAVY_BYTES;",
     "(void)l;\n    return s->heavy_until == 1;"),
    ("4.10 slots that hold much are expensive", "src/loop/loop_work.c", "test_budgets",
     "return s->heavy_until > l->io.now || s->conn.hold.len >= LOOP_HEAVY_BYTES;",
     "return s->heavy_until > l->io.now;"),
    ("4.10 an expensive one is served in each turn", "src/loop/loop_work.c", "test_budgets",
     "bool may = !share[i].served || !late;",
     "bool may = !late;"),
    ("4.2 an expensive one begins early in a turn", "src/loop/loop_work.c", "test_isolation",
     "bool late = i == LOOP_HEAVY ? is_half_over(l) : loop_work_is_over(l);",
     "bool late = loop_work_is_over(l);"),
    ("4.1 a blocked peer over its share gets the reason", "src/loop/output.c", "test_isolation",
     "if (all <= l->setup.queue_limit && all <= loop_share(l))",
     "if (all > 0)"),
    ("4.5 attachments of a post count for the share", "src/server/server_session.c", "test_isolation",
     "if (others > 0 && others + need > loop_share(&v->loop)) {",
     "if (others + need == 1) {"),
    ("4.11 Host is there once", "src/server/route.c", "test_route",
     "if (count > 1 || (count == 0 && head->minor > 0)) {",
     "if (count > 9) {"),
    ("4.11 Host is compared", "src/server/route.c", "test_route",
     "if (hosts == NULL || count == 0 || is_known_host(host, hosts))",
     "if (true || is_known_host(host, hosts))"),
    ("4.11 Host is compared on loopback by default", "src/server/server_events.c", "test_hostile.py:Host",
     "bool any_host = !v->options->is_loopback && hosts->count == 0;",
     "bool any_host = hosts->count == 0;"),
    ("4.11 an upgrade with a body is refused", "src/conn/handshake.c", "test_hostile.py:handshakes",
     "return has_body(head) || !offers_well(head) ? 400 : 101;",
     "return (has_body(head) && false) || !offers_well(head) ? 400 : 101;"),
    ("4.11 warning: public bind", "src/server/main.c", "test_usage.py:warnings",
     "    warn_if(!o->is_loopback,\n",
     "    warn_if(false,\n"),
    ("4.11 warning: any origin", "src/server/main.c", "test_usage.py:warnings",
     "warn_if(any_origin,",
     "warn_if(any_origin && false,"),
    ("4.11 warning: root", "src/server/main.c", "test_usage.py:warnings",
     "warn_if(!o->is_loopback && port_is_root(),",
     "warn_if(false,"),
    ("4.11 no address space", "src/client/main.c", "test_failures.py:address",
     "    result = port_region(sizeof *result);\n",
     "    static struct result all;\n    result = &all;\n"),
    ("5.1 select keeps the order of watches", "ports/posix/poller_select.c", "contract",
     "    for (size_t i = p->place[fd]; i < p->count; i++) {\n"
     "        p->watches[i] = p->watches[i + 1];\n"
     "        p->place[p->watches[i].fd] = (uint16_t)i;\n    }",
     "    p->watches[p->place[fd]] = p->watches[p->count];\n"
     "    p->place[p->watches[p->place[fd]].fd] = p->place[fd];"),
    ("5.1 select begins anew unless cut off", "ports/posix/poller_select.c", "contract",
     "p->first = left > 0 ? at : 0;",
     "p->first = at;"),
    ("5.1 select goes on where it was cut off", "ports/posix/poller_select.c", "contract",
     "p->first = left > 0 ? at : 0;",
     "p->first = 0;"),
    ("5.1 select forgets a watch before the start of its round", "ports/posix/poller_select.c", "contract",
     "    p->first -= p->place[fd] < p->first;\n",
     ""),
    ("5.2 base64 by WebSocket", "src/conn/assemble.c", "test_conn",
     "return len > 0 && text[0] == 'b';",
     "return len > 0 && text[0] == '\\0';"),
    ("5.3 the first subprotocol is chosen", "src/conn/handshake.c", "test_rfc6455",
     "bool any = list == NULL || list->count == 0;",
     "bool any = false && list == NULL;"),
    ("5.3 a listed subprotocol is chosen", "src/conn/handshake.c", "test_rfc6455",
     "if (any || is_listed(item, list))",
     "if (any)"),
    ("5.4 JSON has a bounded depth", "src/codec/json.c", "test_json",
     "if (c->depth == JSON_DEPTH_MAX) {",
     "if (c->depth == JSON_DEPTH_MAX - 8) {"),
    ("5.4 JSON of 126 levels and more", "src/codec/json.c", "test_json",
     "if (c->depth == JSON_DEPTH_MAX) {",
     "if (c->depth == 126) {"),
    ("5.5 heads of 16 KiB", "src/server/server_options.c", "test_server_options",
     ".initial = NUMBER(HEAD_LIMIT_DEFAULT)",
     ".initial = NUMBER(HEAD_LIMIT_DEFAULT / 2)"),
    ("5.6 HEAD", "src/server/route.c", "test_route",
     ' && !span_equal_text(head->method, "HEAD"))',
     ")"),
    ("5.6 HEAD has no body", "src/server/answer.c", "test_requests",
     'if (span_equal_text(head->method, "HEAD"))',
     'if (span_equal_text(head->method, "HEAD!"))'),
    ("5.6 h2c is ignored", "src/server/route.c", "test_route",
     "if (is_page(head) && offers_only_http2(head))",
     "if (false && offers_only_http2(head))"),
    ("5.7 hint: another parser", "src/client/user/user_reason.c", "test_failures.py:another",
     "    {STATUS_OK, 1005, PHASE_SIO_CONNECT,",
     "    {STATUS_OK, 1, PHASE_SIO_CONNECT,"),
    ("5.7 hint: #polling", "src/client/user/user_reason.c", "test_failures.py:refusal",
     "    {STATUS_HTTP_STATUS, 400, PHASE_UPGRADE,",
     "    {STATUS_HTTP_STATUS, 1, PHASE_UPGRADE,"),
    ("5.7 a refusal waits for its body", "src/conn/exchange.c", "test_conn",
     "#define REFUSAL_WAIT_NS UINT64_C(100000000)",
     "#define REFUSAL_WAIT_NS UINT64_C(1)"),
]


def refresh(folder):
    """Copies what differs from the tree, so that only that is built."""
    for path, _, names in os.walk(os.path.join(ROOT, folder)):
        to = path.replace(ROOT, COPY, 1)
        os.makedirs(to, exist_ok=True)
        for name in names:
            put(os.path.join(to, name), read(os.path.join(path, name)))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def put(path, data):
    if not os.path.exists(path) or read(path) != data:
        with open(path, "wb") as file:
            file.write(data)


def build(test):
    programs = ["build/wsio-server", "build/wsio-client"] if ".py" in test else ["build/tests/" + test]
    return subprocess.run(["make", "-j2", *programs], cwd=COPY, capture_output=True).returncode == 0


def passes(test):
    script, _, word = test.partition(":")
    command = ["python3", "tests/e2e/" + script, word] if word else ["build/tests/" + test]
    try:
        run = subprocess.run(command, cwd=COPY, capture_output=True, timeout=90 if word else 20,
                             env=dict(os.environ, WSIO_BIN="build"))
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


def judge(path, test, text, instead):
    """What becomes of one row, in words; `noticed` is good."""
    full = os.path.join(COPY, path)
    source = read(full)
    if source.count(text.encode()) != 1:
        return "STALE"
    put(full, source.replace(text.encode(), instead.encode()))
    try:
        return "DOES NOT BUILD" if not build(test) else "SURVIVES" if passes(test) else "noticed"
    finally:
        put(full, source)


def main():
    words = sys.argv[1:]
    for folder in ["src", "ports", "tests"]:
        refresh(folder)
    shutil.copy(os.path.join(ROOT, "Makefile"), COPY)
    bad = 0
    for name, path, test, text, instead in DEFENCES:
        if words and not any(word in name for word in words):
            continue
        found = judge(path, test, text, instead)
        bad += found != "noticed"
        print("%-14s %s: %s" % (found, name, test), flush=True)
    sys.exit(1 if bad else 0)


main()
