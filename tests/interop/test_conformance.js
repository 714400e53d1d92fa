// Proves that `wsio-server --app conformance` keeps the rules of the public protocol tests, each by its name:
// Engine.IO at /engine.io/, Socket.IO at /socket.io/, over long polling (fetch) and WebSocket (ws).
'use strict';
const { assert, main, need, next, startServer, test, within, WAIT_MS } = require('./harness');

const WebSocket = need('ws', 'conformance');
const client = need('socket.io-client', 'conformance');
const PING_INTERVAL = 300;
const PING_TIMEOUT = 200;
const CONNECT_TIMEOUT = 1000;
const SLACK = 150; // ms that a loaded machine may be late
const UNICODE = 'grüß 你好 \u{1f600}';
const PLACEHOLDER = (num) => `{"_placeholder":true,"num":${num}}`;

let port = 0;

// ---- Peers by hand ------------------------------------------------------------------------------

const url = (path, query) => `http://127.0.0.1:${port}${path}?${query}`;

async function poll(path, query, options) {
    const response = await within(WAIT_MS, 'response', fetch(url(path, query), options));
    return { status: response.status, type: response.headers.get('content-type'),
        text: await response.text() };
}

// A session by long polling.
class Polling {
    constructor(path) {
        this.path = path;
        this.queue = [];
    }

    async open() {
        const { status, text } = await poll(this.path, 'EIO=4&transport=polling');
        assert.strictEqual(status, 200);
        this.handshake = JSON.parse(text.slice(1));
        this.query = `EIO=4&transport=polling&sid=${this.handshake.sid}`;
        return this;
    }

    get() {
        return poll(this.path, this.query);
    }

    post(body) {
        return poll(this.path, this.query, { method: 'POST', body });
    }

    async send(...packets) {
        const encoded = packets.map((p) => (typeof p === 'string' ? p : `b${p.toString('base64')}`));
        const { status, text } = await this.post(encoded.join('\x1e'));
        assert.deepStrictEqual([status, text], [200, 'ok']);
    }

    // The next packet; pings are answered.
    async take() {
        while (this.queue.length === 0) {
            const { status, text } = await this.get();
            assert.strictEqual(status, 200);
            this.queue = text.split('\x1e');
        }
        const packet = this.queue.shift();
        if (packet === '2') {
            await this.send('3');
            return this.take();
        }
        return packet[0] === 'b' ? Buffer.from(packet.slice(1), 'base64') : packet;
    }

    // The session is over: waiting requests are released, and then its sid is unknown.
    async ended() {
        for (let i = 0; i < 5; i++)
            if ((await this.get()).status === 400)
                return;
        assert.fail('the session goes on');
    }

    async leave() {
        await this.post('1');
    }
}

// A session by WebSocket; packets that come are kept in order.
class Web {
    constructor(path) {
        this.path = path;
        this.queue = [];
        this.waiters = [];
    }

    async open(query = 'EIO=4&transport=websocket') {
        this.socket = new WebSocket(url(this.path, query).replace('http', 'ws'));
        this.closed = new Promise((resolve) => this.socket.once('close', () => resolve(true)));
        this.socket.on('message', (data, isBinary) => {
            const packet = isBinary ? data : String(data);
            if (packet === '2' && !this.silent)
                this.socket.send('3');
            else
                this.arrived(packet);
        });
        await next(this.socket, 'open');
        if (!query.includes('sid'))
            this.handshake = JSON.parse((await this.take()).slice(1));
        return this;
    }

    arrived(packet) {
        const waiter = this.waiters.shift();
        if (waiter)
            waiter(packet);
        else
            this.queue.push(packet);
    }

    async send(...packets) {
        packets.forEach((packet) => this.socket.send(packet));
    }

    take() {
        if (this.queue.length > 0)
            return Promise.resolve(this.queue.shift());
        return within(WAIT_MS, 'packet', new Promise((resolve) => this.waiters.push(resolve)));
    }

    async ended() {
        await within(WAIT_MS, 'close', this.closed);
    }

    async leave() {
        this.socket.close();
    }
}

const KINDS = { polling: Polling, websocket: Web };

async function expect(session, ...packets) {
    for (const packet of packets)
        assert.deepStrictEqual(await session.take(), packet);
}

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// `begin` was taken before that was asked for from which the server counts.
function near(begin, ms) {
    const took = performance.now() - begin;
    assert.ok(took >= ms - 1 && took <= ms + SLACK, `${took} ms instead of ${ms}`);
}

// ---- Engine.IO ----------------------------------------------------------------------------------

const EIO = '/engine.io/';

function handshakeKeys(handshake, upgrades) {
    const { sid, ...rest } = handshake;
    assert.strictEqual(typeof sid, 'string');
    assert.deepStrictEqual(rest, { upgrades, pingInterval: PING_INTERVAL, pingTimeout: PING_TIMEOUT,
        maxPayload: 1000000 });
}

async function handshakePolling() {
    const { status, type, text } = await poll(EIO, 'EIO=4&transport=polling');
    assert.deepStrictEqual([status, type, text[0]], [200, 'text/plain; charset=UTF-8', '0']);
    handshakeKeys(JSON.parse(text.slice(1)), ['websocket']);
}

async function handshakeWebSocket() {
    handshakeKeys((await new Web(EIO).open()).handshake, []);
}

async function refused(query, code, options) {
    const { status, text } = await poll(EIO, query, options);
    assert.deepStrictEqual([status, JSON.parse(text).code], [400, code]);
}

async function handshakeRefusals() {
    await refused('transport=polling', 5);
    await refused('EIO=3&transport=polling', 5);
    await refused('EIO=abc&transport=polling', 5);
    await refused('EIO=4', 0);
    await refused('EIO=4&transport=abc', 0);
    await refused('EIO=4&transport=polling', 2, { method: 'POST', body: '' });
    await refused('EIO=4&transport=polling', 2, { method: 'PUT', body: '' });
    await refused('EIO=4&transport=polling&sid=unknown', 1);
    await refused('EIO=4&transport=websocket', 3);
}

async function webSocketRefused(query) {
    const socket = new WebSocket(url(EIO, query).replace('http', 'ws'));
    const [error] = await next(socket, 'error');
    assert.match(error.message, /400/);
}

async function webSocketRefusals() {
    await webSocketRefused('transport=websocket');
    await webSocketRefused('EIO=3&transport=websocket');
    await webSocketRefused('EIO=4');
    await webSocketRefused('EIO=4&transport=abc');
    await webSocketRefused('EIO=4&transport=websocket&sid=unknown');
}

async function messages(Kind) {
    const session = await new Kind(EIO).open();
    const large = Buffer.alloc(400000, 'a pattern');
    for (const packet of ['4hello', '4', `4${UNICODE}`, '40', '451-["no","Socket.IO"]',
        `4${'l'.repeat(500000)}`, Buffer.from([0, 1, 255]), Buffer.alloc(0), large]) {
        await session.send(packet);
        await expect(session, packet);
    }
    await session.leave();
}

async function payloads() {
    const session = await new Polling(EIO).open();
    const packets = ['4one', Buffer.from([1, 2, 3, 4]), '4', `4${UNICODE}`, Buffer.from('x')];
    await session.send(...packets);
    const { text } = await session.get();
    assert.strictEqual(text, `4one\x1ebAQIDBA==\x1e4\x1e4${UNICODE}\x1ebeA==`);
    await session.leave();
}

async function invalidPackets(Kind) {
    for (const packet of ['abc', '', '2', '2probe', '9']) {
        const session = await new Kind(EIO).open();
        if (Kind === Polling)
            await session.post(packet);
        else
            await session.send(packet);
        await session.ended();
    }
}

async function packetsBefore() {
    const session = await new Polling(EIO).open();
    const pending = session.get();
    await session.post('4one\x1eabc\x1e4two');
    assert.strictEqual((await pending).text.split('\x1e').filter((p) => p[0] === '4').join(), '4one');
    await session.ended();
}

async function octetStream() {
    const session = await new Polling(EIO).open();
    const { status } = await poll(EIO, session.query, { method: 'POST', body: '4a',
        headers: { 'content-type': 'application/octet-stream' } });
    assert.strictEqual(status, 400);
    await session.ended();
}

// Four of them take longer than --connect-timeout, which is Socket.IO's alone.
async function pingsPolling() {
    let begin = performance.now();
    const session = await new Polling(EIO).open();
    for (let i = 0; i < 4; i++) {
        assert.strictEqual((await session.get()).text, '2');
        near(begin, PING_INTERVAL);
        begin = performance.now();
        await session.send('3');
    }
    await session.leave();
}

async function pingsWebSocket() {
    let begin = performance.now();
    const session = await new Web(EIO).open();
    session.silent = true;
    for (let i = 0; i < 4; i++) {
        await expect(session, '2');
        near(begin, PING_INTERVAL);
        begin = performance.now();
        await session.send('3');
    }
    await session.leave();
}

async function timeoutPolling() {
    const begin = performance.now();
    const session = await new Polling(EIO).open();
    assert.strictEqual((await session.get()).text, '2');
    await session.get(); // released when the session is over
    near(begin, PING_INTERVAL + PING_TIMEOUT);
    assert.strictEqual((await session.get()).status, 400);
}

async function timeoutUnfetched() {
    const session = await new Polling(EIO).open();
    await pause(PING_INTERVAL + PING_TIMEOUT + 5);
    assert.strictEqual((await session.get()).status, 400);
}

async function timeoutWebSocket() {
    const begin = performance.now();
    const session = await new Web(EIO).open();
    session.silent = true;
    await session.ended();
    near(begin, PING_INTERVAL + PING_TIMEOUT);
}

async function closePolling() {
    const session = await new Polling(EIO).open();
    const pending = session.get();
    await pause(20);
    await session.send('1');
    const { status, text } = await pending;
    assert.deepStrictEqual([status, text], [200, '6']);
    assert.strictEqual((await session.get()).status, 400);
}

async function closeWebSocket() {
    const session = await new Web(EIO).open();
    await session.send('1');
    await session.ended();
    const other = await new Web(EIO).open();
    other.socket.close();
    await other.ended();
}

async function twoPolls() {
    const session = await new Polling(EIO).open();
    const first = session.get();
    await pause(20);
    assert.strictEqual((await session.get()).status, 400);
    const { status, text } = await first;
    assert.deepStrictEqual([status, text], [200, '1']);
    assert.strictEqual((await session.get()).status, 400);
}

async function abortedPoll() {
    const session = await new Polling(EIO).open();
    const controller = new AbortController();
    const pending = fetch(url(EIO, session.query), { signal: controller.signal });
    await pause(20);
    controller.abort();
    await pending.then(() => assert.fail('not aborted'), () => null);
    await pause(20);
    assert.strictEqual((await session.get()).status, 400);
}

// The session by polling, and the WebSocket on which it went on.
async function upgraded() {
    const polling = await new Polling(EIO).open();
    const query = polling.query.replace('=polling', '=websocket');
    const web = await new Web(EIO).open(query);
    await web.send('2probe');
    await expect(web, '3probe');
    await web.send('5');
    return { polling, query, web };
}

async function upgrade() {
    const { polling, query, web } = await upgraded();
    await web.send('4hello', Buffer.from([7]));
    await expect(web, '4hello', Buffer.from([7]));
    assert.strictEqual((await polling.get()).status, 400);
    assert.strictEqual((await polling.post('4lost')).status, 400);
    const second = await new Web(EIO).open(query);
    await second.ended();
    await web.send('4still');
    await expect(web, '4still');
    await web.leave();
}

async function pendingPollOfUpgrade() {
    const polling = await new Polling(EIO).open();
    const pending = polling.get();
    const web = await new Web(EIO).open(polling.query.replace('=polling', '=websocket'));
    await web.send('2probe');
    await expect(web, '3probe');
    const { status, text } = await pending;
    assert.deepStrictEqual([status, text], [200, '6']);
    const begin = performance.now();
    assert.strictEqual((await polling.get()).text, '6'); // the next within 100 ms, too
    assert.ok(performance.now() - begin < 100 + SLACK);
    await polling.send('4by polling');
    await expect(polling, '4by polling');
    await polling.send('4queued');
    await web.send('5');
    await expect(web, '4queued');
    await web.leave();
}

async function failedProbe() {
    const polling = await new Polling(EIO).open();
    const web = await new Web(EIO).open(polling.query.replace('=polling', '=websocket'));
    await web.send('2bad');
    await web.ended();
    await polling.send('4still here');
    await expect(polling, '4still here');
    await polling.leave();
}

async function otherEndpoint() {
    const session = await new Polling(EIO).open();
    assert.strictEqual((await poll('/socket.io/', session.query)).status, 400);
    await session.send('4here');
    await expect(session, '4here');
    await session.leave();
}

// ---- Socket.IO ----------------------------------------------------------------------------------

const SIO = '/socket.io/';

function connectAnswer(packet, session, namespace) {
    assert.ok(packet.startsWith(`40${namespace}{`), packet);
    const { sid, ...rest } = JSON.parse(packet.slice(2 + namespace.length));
    assert.deepStrictEqual(rest, {});
    assert.strictEqual(typeof sid, 'string');
    assert.notStrictEqual(sid, session.handshake.sid);
}

async function join(session, namespace = '', auth = '') {
    await session.send(`40${namespace}${auth}`);
    connectAnswer(await session.take(), session, namespace);
    await expect(session, `42${namespace}["auth",${auth || '{}'}]`);
}

async function joined(Kind) {
    const session = await new Kind(SIO).open();
    await join(session);
    return session;
}

async function connects(Kind) {
    const session = await joined(Kind);
    await join(session, '/custom,', '{"z":1,"token":"ü","a":{"b":[null,1.50,-2e3]}}');
    await session.leave();
    const large = await new Kind(SIO).open();
    await join(large, '', `{"token":"${'t'.repeat(900000)}"}`);
    await large.leave();
    const noComma = await new Kind(SIO).open();
    await noComma.send('40/custom');
    connectAnswer(await noComma.take(), noComma, '/custom,');
    await expect(noComma, '42/custom,["auth",{}]');
    await noComma.leave();
}

async function unknownNamespace(Kind) {
    const session = await new Kind(SIO).open();
    for (let i = 0; i < 2; i++) {
        await session.send('40/random');
        await expect(session, '44/random,{"message":"Invalid namespace"}');
    }
    await join(session);
    await session.leave();
}

async function connectTimeout(Kind) {
    const begin = performance.now();
    const session = await new Kind(SIO).open();
    if (Kind === Web) {
        await session.ended();
    } else {
        let last = { text: '' };
        for (; last.text !== '1' && last.status !== 400; last = await session.get())
            if (last.text === '2')
                await session.send('3');
    }
    near(begin, CONNECT_TIMEOUT);
}

async function connectOnce(Kind) {
    const session = await joined(Kind);
    await session.send('41');
    const got = await Promise.race([session.take().catch(() => 'lost'), pause(CONNECT_TIMEOUT + 100)]);
    assert.strictEqual(got, undefined); // neither a packet nor the end
    await session.leave();
}

async function disconnects(Kind) {
    const session = await joined(Kind);
    await join(session, '/custom,');
    await session.send('41/custom');
    await session.send('42["message","still in /"]');
    await expect(session, '42["message-back","still in /"]');
    await session.send('41');
    await join(session);
    await session.leave();
}

async function plainEvents(Kind) {
    const session = await joined(Kind);
    for (const args of ['', '1', '"2",{"3":[true]}', '{"z":0,"a":1}', `"${UNICODE}"`, '1.50,-0,1e3',
        `"${'l'.repeat(600000)}"`]) {
        await session.send(`42["message"${args && ','}${args}]`);
        await expect(session, `42["message-back"${args && ','}${args}]`);
    }
    await session.send('428["message",1]'); // an id changes nothing: this one is not acknowledged
    await expect(session, '42["message-back",1]');
    await session.send('4256["message-with-ack",1,"2",{"3":[false]}]');
    await expect(session, '4356[1,"2",{"3":[false]}]');
    await session.send('420["message-with-ack"]');
    await expect(session, '430[]');
    // An event without a handler gets nothing, with an ack id or without.
    await session.send('42["other"]', '427["other",1]', '42["message-with-ack",1]', '42', '43', '437[]');
    await join(session, '/custom,');
    await session.send('42/custom,["message",1]', '42/custom,8["message-with-ack",1]');
    await session.send('42["message","last"]');
    await expect(session, '42["message-back","last"]');
    await session.leave();
}

async function binaryEvents(Kind) {
    const session = await joined(Kind);
    const [one, two] = [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])];
    await session.send(`452-["message",${PLACEHOLDER(0)},{"deep":[${PLACEHOLDER(1)}]}]`, one, two);
    await expect(session, `452-["message-back",${PLACEHOLDER(0)},{"deep":[${PLACEHOLDER(1)}]}]`, one,
        two);
    await session.send(`452-789["message-with-ack",${PLACEHOLDER(1)},${PLACEHOLDER(0)}]`, one, two);
    await expect(session, `462-789[${PLACEHOLDER(1)},${PLACEHOLDER(0)}]`, one, two);
    const large = Buffer.alloc(600000, 'a pattern');
    await session.send(`451-["message",${PLACEHOLDER(0)}]`, large);
    await expect(session, `451-["message-back",${PLACEHOLDER(0)}]`, large);
    // Header and attachments in requests of their own, too.
    await session.send(`452-["message",${PLACEHOLDER(0)}]`);
    await session.send(one);
    await session.send(two);
    await expect(session, `452-["message-back",${PLACEHOLDER(0)}]`, one, two);
    await session.leave();
}

const INVALID = [
    ['4'], ['4abc'], ['47'], ['42{}'], ['42[]'], ['42[null]'], ['42[{}]'], ['42["message"'],
    ['42["message"] x'], ['42"message"'], ['42["connect"]'], ['42["disconnecting"]'],
    ['42["newListener"]'], ['430{}'], ['44{"message":"x"}'], ['41{}'], ['40'],
    ['42/custom,["message"]'], ['43/custom,1[]'], ['41/custom'], ['42/random,["message"]'],
    ['450-["message"]'], ['45["message"]'], ['4511-["message"]'], ['451-'], ['451-{}'],
    [`451-["message",${PLACEHOLDER(1)}]`], ['451-["message",{"_placeholder":true,"num":"x"}]'],
    ['451-["message",{"_placeholder":true}]'], [Buffer.from('unasked')],
    [`451-["message",${PLACEHOLDER(0)}]`, '42["message"]'],
    ['41', '42["message"]'], ['41', '41'],
];

const CONNECTS = ['40[]', '40"x"', '40null', '401x', '40{', '42["message"]', '41', '431[]'];

async function invalidInput(Kind) {
    const expectEnd = async (session, packets) => {
        for (const packet of packets) {
            if (Kind === Web)
                await session.send(packet);
            else if (Buffer.isBuffer(packet))
                await session.post(`b${packet.toString('base64')}`);
            else
                await session.post(packet);
        }
        await session.ended().catch(() => assert.fail(`lives on after ${packets}`));
    };
    // `451-` alone is legal: JSON that is not there means nothing; then the attachment is missing.
    for (const packets of INVALID)
        await expectEnd(await joined(Kind), packets[0] === '451-' ? ['451-', '42'] : packets);
    for (const packet of CONNECTS)
        await expectEnd(await new Kind(SIO).open(), [packet]);
}

// ---- The stock client ---------------------------------------------------------------------------

async function stockClient(transports) {
    const auth = { token: UNICODE, n: [1, { deep: true }] };
    const manager = new client.Manager(`http://127.0.0.1:${port}`, { transports, reconnection: false });
    for (const [name, given] of [['/', undefined], ['/custom', auth]]) {
        const socket = manager.socket(name, { auth: given });
        const event = next(socket, 'auth');
        await next(socket, 'connect');
        assert.deepStrictEqual(await event, [given || {}]);
    }
    const root = manager.socket('/');
    root.emit('message', 1, UNICODE, Buffer.from([0, 255]), { b: [Buffer.from('deep')] });
    assert.deepStrictEqual(await next(root, 'message-back'),
        [1, UNICODE, Buffer.from([0, 255]), { b: [Buffer.from('deep')] }]);
    const reply = root.timeout(WAIT_MS).emitWithAck('message-with-ack', Buffer.from('x'));
    assert.deepStrictEqual(await reply, Buffer.from('x'));
    const nowhere = manager.socket('/random');
    assert.strictEqual((await next(nowhere, 'connect_error'))[0].message, 'Invalid namespace');
    manager._close();
}

// ---- All ----------------------------------------------------------------------------------------

const BOTH = {
    'engine.io: messages, text and binary, come back': messages,
    'engine.io: invalid packets end the session': invalidPackets,
    'socket.io: connect to / and /custom, with auth': connects,
    'socket.io: unknown namespace is 44': unknownNamespace,
    'socket.io: no namespace in time closes': connectTimeout,
    'socket.io: leaving does not arm the connect timeout again': connectOnce,
    'socket.io: disconnect keeps the connection': disconnects,
    'socket.io: plain events and acks': plainEvents,
    'socket.io: binary events and acks': binaryEvents,
    'socket.io: invalid packets end the connection': invalidInput,
};

const ONE = {
    'engine.io: handshake by polling': handshakePolling,
    'engine.io: handshake by websocket': handshakeWebSocket,
    'engine.io: handshakes that are refused': handshakeRefusals,
    'engine.io: websocket handshakes that are refused': webSocketRefusals,
    'engine.io: several packets in one payload': payloads,
    'engine.io: packets before an invalid one count': packetsBefore,
    'engine.io: octet-stream is refused': octetStream,
    'engine.io: pings at the interval, polling': pingsPolling,
    'engine.io: pings at the interval, websocket': pingsWebSocket,
    'engine.io: a missed pong closes, polling': timeoutPolling,
    'engine.io: a ping that is not fetched closes': timeoutUnfetched,
    'engine.io: a missed pong closes, websocket': timeoutWebSocket,
    'engine.io: close by polling releases the poll with 6': closePolling,
    'engine.io: close by websocket': closeWebSocket,
    'engine.io: two polls at once end the session': twoPolls,
    'engine.io: an aborted poll ends the session': abortedPoll,
    'engine.io: upgrade; then HTTP and a second websocket are refused': upgrade,
    'engine.io: upgrade releases the poll with 6, and keeps the queue': pendingPollOfUpgrade,
    'engine.io: a probe that fails leaves polling alone': failedProbe,
    'engine.io: its sessions are not known at /socket.io/': otherEndpoint,
};

async function all() {
    if (WebSocket === null || client === null)
        return;
    const server = await startServer(['--app', 'conformance', '--ping-interval',
        String(PING_INTERVAL), '--ping-timeout', String(PING_TIMEOUT), '--connect-timeout',
        String(CONNECT_TIMEOUT)]);
    port = server.port;
    for (const [name, body] of Object.entries(ONE))
        await test(`conformance, ${name}`, body);
    for (const [name, body] of Object.entries(BOTH))
        for (const [kind, Kind] of Object.entries(KINDS))
            await test(`conformance, ${name}, ${kind}`, () => body(Kind));
    for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']])
        await test(`conformance, socket.io-client by ${transports.join(' then ')}`,
            () => stockClient(transports));
    await test('conformance, wsio-server ends cleanly',
        async () => assert.strictEqual(await server.stop(), 0));
}

main(all);
