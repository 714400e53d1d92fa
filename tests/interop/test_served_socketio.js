'use strict';
// node's `socket.io-client` as a client of wsio-server, by WebSocket from the start.
const { assert, main, need, next, startServer, test, WAIT_MS } = require('./harness');

const client = need('socket.io-client', 'node socket.io-client served');
const UNICODE = 'grüß 你好 \u{1f600} "q" \\ \n \u2028';
const NESTED = { a: [1, -2.5, 1e100, true, null, { b: [[], {}, ''] }], 'ключ': { c: UNICODE } };

function begin(port, namespace = '/', options = {}) {
    return client.io(`http://127.0.0.1:${port}${namespace}`, {
        transports: ['websocket'],
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
    await echoed(socket, 'message', 'x'.repeat(500000));
}

async function binaries(socket) {
    await echoed(socket, 'message', Buffer.from([0, 1, 255]));
    await echoed(socket, 'message', Buffer.alloc(0));
    await echoed(socket, 'message', Buffer.alloc(500000, 'some pattern'));
    await echoed(socket, 'several', Buffer.from('one'), 'text', { two: Buffer.from('two'),
        deep: [Buffer.from('three'), { four: Buffer.from('four') }] }, Buffer.from('five'));
}

async function acks(socket) {
    await acked(socket, 'hi');
    await acked(socket, UNICODE, NESTED, 5);
    await acked(socket, Buffer.from([0, 255]));
    await acked(socket, { a: Buffer.from('one'), b: [Buffer.from('two'), UNICODE] }, 'x');
    const none = await new Promise((resolve) => socket.emit('none', (...reply) => resolve(reply)));
    assert.deepStrictEqual(none, []);
}

// No echo as an event beside the ack, and no answer to somebody else's.
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

// Two namespaces of one connection: what is sent in one comes back there.
async function namespaces(port) {
    const manager = new client.Manager(`http://127.0.0.1:${port}`,
        { transports: ['websocket'], reconnection: false });
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

async function tooBig(port) {
    const socket = await open(port);
    const lost = next(socket, 'disconnect');
    socket.emit('message', Buffer.alloc(1000001));
    const [reason, details] = await lost;
    assert.strictEqual(reason, 'transport close');
    assert.strictEqual(details.context.code, 1009);
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
        assert.strictEqual(socket.io.engine.transport.name, 'websocket');
    });
}

async function restarted() {
    const first = await startServer();
    const socket = await open(first.port, '/', { reconnection: true, reconnectionDelay: 50,
        reconnectionDelayMax: 100 });
    const before = socket.id;
    await echoed(socket, 'message', 'one');
    const lost = next(socket, 'disconnect');
    assert.strictEqual(await first.stop(), 0);
    assert.strictEqual((await lost)[0], 'transport close');
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

async function all() {
    if (client === null)
        return;
    const server = await startServer(['--ping-interval', '300', '--ping-timeout', '200']);
    const { port } = server;
    const run = (name, body) => test(`node socket.io-client served: ${name}`, body);
    await run('ids and transport', () => ids(port));
    await run('text', () => joined(port, '/', texts));
    await run('binary', () => joined(port, '/', binaries));
    await run('acks', () => joined(port, '/', acks));
    await run('300 acks at once', () => joined(port, '/', manyAcks));
    await run('300 events at once', () => joined(port, '/', volley));
    await run('namespaces', () => namespaces(port));
    await run('unknown namespace', () => unknownNamespace(port));
    await run('more than --max-message', () => tooBig(port));
    await run('auth', () => joined(port, '/custom', texts, { auth: { token: UNICODE, n: [1] } }));
    await run('heartbeat', () => joined(port, '/', survives));
    await run('wsio-server ends cleanly', async () => assert.strictEqual(await server.stop(), 0));
    await run('reconnects to a new server', restarted);
}

main(all);
