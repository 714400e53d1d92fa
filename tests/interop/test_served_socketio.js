// Proves that node's `socket.io-client` is served by wsio-server, by each of its transports.
'use strict';
const { assert, main, need, next, startServer, test, version, WAIT_MS } = require('./harness');

const client = need('socket.io-client', 'node socket.io-client served');
const BY = { websocket: ['websocket'], polling: ['polling'], upgrade: ['polling', 'websocket'] };
const UNICODE = 'grüß 你好 \u{1f600} "q" \\ \n \u2028';
const NESTED = { a: [1, -2.5, 1e100, true, null, { b: [[], {}, ''] }], 'ключ': { c: UNICODE } };
const DEEP = JSON.parse('['.repeat(1000) + ']'.repeat(1000));
const MEGABYTE = Buffer.alloc(1 << 20, Buffer.from([0, 1, 254, 255, 7]));

let transports; // of the tests that run now

function begin(port, namespace = '/', options = {}) {
    return client.io(`http://127.0.0.1:${port}${namespace}`, {
        transports,
        forceNew: true,
        reconnection: false,
        timeout: WAIT_MS,
        ...options,
    });
}

async function open(port, namespace, options) {
    const socket = begin(port, namespace, options);
    await next(socket, 'connect');
    return socket;
}

// Runs the body with a connected socket and leaves.
async function joined(port, namespace, body, options) {
    const socket = await open(port, namespace, options);
    try {
        await body(socket);
    } finally {
        socket.disconnect();
    }
}

async function echoed(socket, name, ...args) {
    socket.emit(name, ...args);
    assert.deepStrictEqual(await next(socket, name), args);
}

async function acked(socket, ...args) {
    const byCallback = new Promise((resolve) => {
        socket.emit('message', ...args, (...reply) => resolve(reply));
    });
    assert.deepStrictEqual(await byCallback, args);
    const byPromise = await socket.timeout(WAIT_MS).emitWithAck('message', ...args);
    assert.deepStrictEqual(byPromise, args[0]);
}

async function texts(socket) {
    await echoed(socket, 'message', 'hi');
    await echoed(socket, 'message', UNICODE);
    await echoed(socket, UNICODE, 'as a name');
    await echoed(socket, 'none');
    await echoed(socket, 'several', 1, 'two', null, [3], false);
    await echoed(socket, 'message', NESTED);
    await echoed(socket, 'message', DEEP);
    await echoed(socket, 'message', 'x'.repeat(500000));
}

async function binaries(socket) {
    await echoed(socket, 'message', Buffer.from([0, 1, 255]));
    await echoed(socket, 'message', Buffer.alloc(0));
    await echoed(socket, 'message', Buffer.alloc(500000, 'some pattern'));
    await echoed(socket, 'several', Buffer.from('one'), 'text', { two: Buffer.from('two'),
        deep: [Buffer.from('three'), { four: Buffer.from('four') }] }, Buffer.from('five'));
}

// The same as base64 in text frames: what comes back is binary, in frames or packets of the transport.
const FORCED = { forceBase64: true };

async function forced(socket) {
    await binaries(socket);
    await acked(socket, Buffer.from([0, 255]));
    await acked(socket, { a: Buffer.from('one'), b: [Buffer.from('two'), UNICODE] }, 'x');
    await volley(socket);
    await upgraded(socket);
    await binaries(socket);
}

async function acks(socket) {
    await acked(socket, 'hi');
    await acked(socket, UNICODE, NESTED, 5);
    await acked(socket, Buffer.from([0, 255]));
    await acked(socket, { a: Buffer.from('one'), b: [Buffer.from('two'), UNICODE] }, 'x');
    const none = await new Promise((resolve) => socket.emit('none', (...reply) => resolve(reply)));
    assert.deepStrictEqual(none, []);
}

// No echo as an event beside the ack, and no answer to another client's event.
async function manyAcks(socket) {
    let events = 0;
    socket.onAny(() => events++);
    const numbers = Array.from({ length: 300 }, (_, i) => i);
    const replies = numbers.map((i) => socket.timeout(WAIT_MS).emitWithAck('message', i));
    assert.deepStrictEqual(await Promise.all(replies), numbers);
    assert.strictEqual(events, 0);
}

async function volley(socket) {
    const sent = Array.from({ length: 300 }, (_, i) => (i % 3 ? i : Buffer.from(`${i}`)));
    const got = [];
    const all = new Promise((resolve) => socket.on('message', (value) => {
        if (got.push(value) === sent.length)
            resolve();
    }));
    sent.forEach((value) => socket.emit('message', value));
    await all;
    assert.deepStrictEqual(got, sent);
}

// Two namespaces of one connection: a message comes back in its own namespace.
async function namespaces(port) {
    const manager = new client.Manager(`http://127.0.0.1:${port}`,
        { transports, reconnection: false });
    const root = manager.socket('/');
    const custom = manager.socket('/custom');
    await Promise.all([next(root, 'connect'), next(custom, 'connect')]);
    assert.notStrictEqual(root.id, custom.id);
    let stray = 0;
    root.onAny(() => stray++);
    await texts(custom);
    await binaries(custom);
    await acks(custom);
    assert.strictEqual(stray, 0);
    root.offAny();
    custom.disconnect();
    await echoed(root, 'message', 'alone');
    custom.connect();
    await next(custom, 'connect');
    await echoed(custom, 'message', 'back');
    root.disconnect();
    custom.disconnect();
}

async function unknownNamespace(port) {
    const root = await open(port);
    const nowhere = root.io.socket('/nowhere');
    for (let turn = 0; turn < 2; turn++) {
        const [error] = await next(nowhere, 'connect_error');
        assert.strictEqual(error.message, 'Invalid namespace');
        nowhere.connect();
    }
    await echoed(root, 'message', 'not concerned');
    root.disconnect();
}

async function upgraded(socket) {
    if (transports.length > 1 && socket.io.engine.transport.name === 'polling')
        await next(socket.io.engine, 'upgrade');
}

// By WebSocket a Close, by polling a 413: the client leaves for that.
async function tooBig(port) {
    const socket = await open(port);
    await upgraded(socket);
    const lost = next(socket, 'disconnect');
    socket.emit('message', Buffer.alloc(1000001));
    const [reason, details] = await lost;
    if (transports.includes('websocket'))
        assert.deepStrictEqual([reason, details.context.code], ['transport close', 1009]);
    else
        assert.deepStrictEqual([reason, details.description], ['transport error', 413]);
}

// In base64 it is a third longer, and one message of a poll and of a post.
async function megabyte() {
    const server = await startServer(['--max-message', '2M']);
    await joined(server.port, '/', (socket) => echoed(socket, 'message', MEGABYTE));
    await joined(server.port, '/', (socket) => acked(socket, MEGABYTE));
    assert.strictEqual(await server.stop(), 0);
}

// Three clients in two rooms, and one in another namespace: only those that joined the room get it.
async function rooms(port) {
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => open(port)));
    const custom = await open(port, '/custom');
    let stray = 0;
    [three, custom].forEach((socket) => socket.on('news', () => stray++));
    const call = (socket, ...args) => socket.timeout(WAIT_MS).emitWithAck(...args);
    for (const [socket, room] of [[one, UNICODE], [two, UNICODE], [three, 'b'], [custom, UNICODE]])
        await call(socket, 'join', room);
    for (const news of ['hi', NESTED, Buffer.from([0, 255]), Buffer.alloc(100000, 'x')]) {
        const heard = next(two, 'news');
        one.emit('broadcast', UNICODE, 'news', news, 5);
        assert.deepStrictEqual(await heard, [news, 5]);
    }
    await call(two, 'leave', UNICODE);
    two.on('news', () => stray++);
    one.emit('broadcast', UNICODE, 'news', 'unheard');
    await Promise.all([one, two, three, custom].map((socket) => echoed(socket, 'message', 'end')));
    assert.strictEqual(stray, 0);
    [one, two, three, custom].forEach((socket) => socket.disconnect());
}

// The server ends one namespace; the connection and the other one go on.
async function thrownOut(port) {
    const manager = new client.Manager(`http://127.0.0.1:${port}`, { transports });
    const root = manager.socket('/');
    const custom = manager.socket('/custom');
    await Promise.all([next(root, 'connect'), next(custom, 'connect')]);
    const lost = next(custom, 'disconnect');
    custom.emit('disconnect-me');
    assert.strictEqual((await lost)[0], 'io server disconnect');
    await echoed(root, 'message', 'still here');
    custom.connect();
    await next(custom, 'connect');
    await echoed(custom, 'message', 'back');
    root.disconnect();
    custom.disconnect();
}

// Its WebSocket fails when none is chosen.
async function subprotocol(port) {
    await joined(port, '/', async (socket) => {
        await upgraded(socket);
        if (transports.includes('websocket'))
            assert.strictEqual(socket.io.engine.transport.ws.protocol, 'chat');
        await echoed(socket, 'message', UNICODE);
    }, { protocols: ['chat', 'v2'] });
}

async function survives(socket) {
    let pings = 0;
    socket.io.on('ping', () => pings++);
    const lost = next(socket, 'disconnect').then(() => true, () => false);
    await new Promise((resolve) => { setTimeout(resolve, 1300); });
    await echoed(socket, 'message', 'alive');
    assert.ok(pings >= 3, `${pings} pings in 1.3 s`);
    const left = socket.connected;
    socket.disconnect();
    await lost;
    assert.ok(left);
}

async function ids(port) {
    await joined(port, '/', async (socket) => {
        assert.strictEqual(typeof socket.id, 'string');
        assert.notStrictEqual(socket.id, socket.io.engine.id);
        await upgraded(socket);
        assert.strictEqual(socket.io.engine.transport.name, transports[transports.length - 1]);
    });
}

// A poll that was about to be sent when the server stopped is an error of the transport.
async function restarted() {
    const first = await startServer();
    const socket = await open(first.port, '/', { reconnection: true, reconnectionDelay: 50,
        reconnectionDelayMax: 100 });
    const before = socket.id;
    await upgraded(socket);
    await echoed(socket, 'message', 'one');
    const lost = next(socket, 'disconnect');
    assert.strictEqual(await first.stop(), 0);
    const [reason] = await lost;
    assert.ok(reason === 'transport close' ||
        (reason === 'transport error' && transports.length === 1), reason);
    const again = next(socket, 'connect');
    socket.emit('message', 'kept meanwhile');
    const kept = next(socket, 'message');
    const second = await startServer([], first.port);
    await again;
    assert.notStrictEqual(socket.id, before);
    assert.deepStrictEqual(await kept, ['kept meanwhile']);
    socket.disconnect();
    assert.strictEqual(await second.stop(), 0);
}

async function served(by) {
    transports = BY[by];
    const server = await startServer(['--ping-interval', '300', '--ping-timeout', '200']);
    const { port } = server;
    const run = (name, body) => test(`node socket.io-client served, ${by}: ${name}`, body);
    await run('ids and transport', () => ids(port));
    await run('text', () => joined(port, '/', texts));
    await run('binary', () => joined(port, '/', binaries));
    await run('binary with forceBase64', () => joined(port, '/', forced, FORCED));
    await run('1 MiB of binary', megabyte);
    await run('acks', () => joined(port, '/', acks));
    await run('300 acks at once', () => joined(port, '/', manyAcks));
    await run('300 events at once', () => joined(port, '/', volley));
    await run('namespaces', () => namespaces(port));
    await run('unknown namespace', () => unknownNamespace(port));
    await run('rooms', () => rooms(port));
    await run('disconnected by the server', () => thrownOut(port));
    await run('more than --max-message', () => tooBig(port));
    await run('auth', () => joined(port, '/custom', texts, { auth: { token: UNICODE, n: [1] } }));
    await run('a subprotocol', () => subprotocol(port));
    await run('heartbeat', () => joined(port, '/', survives));
    await run('wsio-server ends cleanly', async () => assert.strictEqual(await server.stop(), 0));
    await run('reconnects to a new server', restarted);
}

async function all() {
    if (client === null)
        return;
    version('node socket.io-client', 'socket.io-client');
    for (const by of Object.keys(BY))
        await served(by);
}

main(all);
