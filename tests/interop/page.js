// Proves wsio-server in Chromium. stock_served_chromium.py serves this page, gets each result by POST, and
// restarts wsio-server on request. SETUP (from /setup.js) has the addresses of two servers: `allowed` knows
// the origin of this page, `closed` does not.
'use strict';
const WAIT_MS = 5000;
const TEST_MS = 12000;
const BY = { websocket: ['websocket'], polling: ['polling'], upgrade: ['polling', 'websocket'] };
const UNICODE = 'grüß 你好 \u{1f600} "q" \\ \n \u2028';
const NESTED = { a: [1, -2.5, true, null, { b: [[], {}, ''] }], 'ключ': { c: UNICODE } };
const MEGABYTE = new Uint8Array(1 << 20).map((_, i) => i * 7 + (i >> 8));

function within(ms, what, promise) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function post(path, value) {
    return fetch(path, { method: 'POST', body: JSON.stringify(value) });
}

async function test(name, body) {
    try {
        await within(TEST_MS, 'end of the test', body());
        await post('/result', { name });
    } catch (error) {
        await post('/result', { name, why: String(error && error.message) });
    }
}

// Byte arrays as text, for comparing: a Uint8Array that was sent comes back as ArrayBuffer.
function plain(value) {
    return JSON.stringify(value, (_, v) => {
        const bytes = v instanceof ArrayBuffer ? new Uint8Array(v) : v;
        if (!(bytes instanceof Uint8Array))
            return v;
        return `bytes ${bytes.length} ${bytes.reduce((sum, b) => (sum * 31 + b) % 4294967291, 7)}`;
    });
}

function equal(found, wanted) {
    if (plain(found) !== plain(wanted))
        throw new Error(`found ${plain(found).slice(0, 200)}, not ${plain(wanted).slice(0, 200)}`);
}

// ---- Socket.IO ------------------------------------------------------------------------------

function next(emitter, event) {
    return within(WAIT_MS, event, new Promise((resolve, reject) => {
        emitter.once(event, (...args) => resolve(args));
        if (event === 'connect')
            emitter.once('connect_error', reject);
    }));
}

async function open(url, transports, options) {
    const socket = io(url, { transports, forceNew: true, reconnection: false, ...options });
    await next(socket, 'connect');
    return socket;
}

async function echoed(socket, ...args) {
    const back = next(socket, 'message');
    socket.emit('message', ...args);
    equal(await back, args);
}

async function values(transports) {
    const socket = await open(SETUP.allowed, transports);
    for (const value of ['hi', UNICODE, NESTED, new Uint8Array([0, 255]), new Uint8Array(0),
        { one: new Uint8Array([1]), two: [new Uint8Array([2]), UNICODE] }, 'x'.repeat(500000)]) {
        await echoed(socket, value, 5);
        equal(await socket.timeout(WAIT_MS).emitWithAck('message', value), value);
    }
    if (transports.length > 1 && socket.io.engine.transport.name === 'polling')
        await next(socket.io.engine, 'upgrade');
    equal(socket.io.engine.transport.name, transports[transports.length - 1]);
    await echoed(socket, 'after that');
    socket.disconnect();
}

async function megabyte(transports) {
    const socket = await open(SETUP.allowed, transports);
    await echoed(socket, MEGABYTE);
    equal(await socket.timeout(WAIT_MS).emitWithAck('message', MEGABYTE), MEGABYTE);
    socket.disconnect();
}

async function namespaces(transports) {
    const manager = new io.Manager(SETUP.allowed, { transports });
    const [root, custom] = ['/', '/custom'].map((name) => manager.socket(name));
    await Promise.all([next(root, 'connect'), next(custom, 'connect')]);
    await echoed(custom, new Uint8Array([1, 2]), UNICODE);
    await echoed(root, UNICODE);
    const [error] = await next(manager.socket('/nowhere'), 'connect_error');
    equal(error.message, 'Invalid namespace');
    const lost = next(custom, 'disconnect');
    custom.emit('disconnect-me');
    equal((await lost)[0], 'io server disconnect');
    await echoed(root, 'still here');
    root.disconnect();
}

async function rooms(transports) {
    const [one, two] = await Promise.all([1, 2].map(() => open(SETUP.allowed, transports)));
    await two.timeout(WAIT_MS).emitWithAck('join', UNICODE);
    const heard = next(two, 'news');
    one.emit('broadcast', UNICODE, 'news', NESTED, new Uint8Array([0, 255]));
    equal(await heard, [NESTED, new Uint8Array([0, 255])]);
    [one, two].forEach((socket) => socket.disconnect());
}

// Headers of its own and credentials: the browser asks with OPTIONS first.
async function preflight(transports) {
    const socket = await open(SETUP.allowed, transports,
        { withCredentials: true, extraHeaders: { 'x-test': 'yes' } });
    await echoed(socket, UNICODE, new Uint8Array([3]));
    socket.disconnect();
}

async function survives(transports) {
    const socket = await open(SETUP.allowed, transports);
    let pings = 0;
    socket.io.on('ping', () => pings++);
    await new Promise((resolve) => { setTimeout(resolve, 1100); });
    await echoed(socket, 'alive');
    if (pings < 2)
        throw new Error(`${pings} pings`);
    socket.disconnect();
}

async function restarted(transports) {
    const socket = await open(SETUP.allowed, transports,
        { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 100 });
    await echoed(socket, 'one');
    const lost = next(socket, 'disconnect');
    const again = lost.then(() => within(WAIT_MS, 'reconnect',
        new Promise((resolve) => { socket.once('connect', resolve); })));
    await post('/restart');
    await again;
    await echoed(socket, 'two');
    socket.disconnect();
}

async function refused(transports) {
    const socket = io(SETUP.closed, { transports, forceNew: true, reconnection: false });
    await within(WAIT_MS, 'refusal', new Promise((resolve, reject) => {
        socket.once('connect_error', resolve);
        socket.once('connect', () => reject(new Error('connected all the same')));
    }));
}

async function served(by) {
    const transports = BY[by];
    const run = (name, body) => test(`Chromium, socket.io-client served, ${by}: ${name}`,
        () => body(transports));
    await run('text, binary, acks', values);
    await run('1 MiB of binary', megabyte);
    await run('namespaces', namespaces);
    await run('rooms', rooms);
    await run('heartbeat', survives);
    await run('reconnects to a new server', restarted);
    await run('another origin is refused', refused);
    if (by !== 'websocket')
        await run('preflight and credentials', preflight);
}

// ---- Its own WebSocket ------------------------------------------------------------------------

function on(socket, event) {
    return within(WAIT_MS, event, new Promise((resolve, reject) => {
        socket.addEventListener(event, resolve, { once: true });
        if (event !== 'close')
            socket.addEventListener('close', () => reject(new Error('closed')), { once: true });
    }));
}

async function opened() {
    const socket = new WebSocket(SETUP.allowed.replace('http', 'ws'));
    socket.binaryType = 'arraybuffer';
    await on(socket, 'open');
    equal([socket.protocol, socket.extensions], ['', '']);
    return socket;
}

async function messages(...all) {
    const socket = await opened();
    for (const message of all) {
        const back = on(socket, 'message');
        socket.send(message);
        equal((await back).data, message);
    }
    socket.close();
    const { code, wasClean } = await on(socket, 'close');
    equal([code, wasClean], [1005, true]);
}

async function closes(code, reason) {
    const socket = await opened();
    socket.close(code, reason);
    const closed = await on(socket, 'close');
    equal([closed.code, closed.wasClean], [code, true]);
}

async function subprotocol() {
    const socket = new WebSocket(SETUP.allowed.replace('http', 'ws'), ['chat', 'v2']);
    await on(socket, 'open');
    equal(socket.protocol, 'chat');
    socket.close(1000);
    equal((await on(socket, 'close')).code, 1000);
}

async function stranger() {
    const socket = new WebSocket(SETUP.closed.replace('http', 'ws'));
    equal((await on(socket, 'close')).code, 1006);
}

async function stopped() {
    const socket = await opened();
    const closed = on(socket, 'close');
    await post('/restart');
    equal((await closed).code, 1001);
}

async function native() {
    const run = (name, body, ...args) => test(`Chromium, WebSocket served, websocket: ${name}`,
        () => body(...args));
    await run('text', messages, 'hi', '', 'x'.repeat(125), 'x'.repeat(70000));
    await run('unicode', messages, UNICODE, UNICODE.repeat(10000));
    await run('binary', messages, new Uint8Array([0, 255]), new Uint8Array(0));
    await run('1 MiB of binary', messages, MEGABYTE);
    await run('close 1000', closes, 1000, '');
    await run('close 4999 with a reason', closes, 4999, 'ü'.repeat(61));
    await run('a subprotocol is chosen', subprotocol);
    await run('another origin is refused', stranger);
    await run('server stopped', stopped);
}

async function all() {
    await native();
    for (const by of Object.keys(BY))
        await served(by);
    await post('/end', { version: navigator.userAgent });
}

all();
