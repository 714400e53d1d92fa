// Proves that node's `ws` is served by wsio-server.
'use strict';
const { assert, main, need, next, startServer, test, version, WAIT_MS, within } =
    require('./harness');

const WebSocket = need('ws', 'node ws served');
const UNICODE = 'grüß 你好 \u{1f600} \0 \uffff';

async function open(port, options) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, options);
    await next(socket, 'open');
    return socket;
}

async function close(socket, code, reason) {
    const closed = next(socket, 'close');
    socket.close(code, reason);
    return closed;
}

async function echoed(socket, message) {
    socket.send(message);
    const [data, isBinary] = await next(socket, 'message');
    assert.strictEqual(isBinary, typeof message !== 'string');
    assert.ok(data.equals(Buffer.from(message)), 'the echo differs');
}

async function messages(port, all) {
    const socket = await open(port);
    for (const message of all)
        await echoed(socket, message);
    await close(socket, 1000);
}

async function fragments(port) {
    const socket = await open(port);
    socket.send('one, ', { fin: false });
    socket.send('', { fin: false });
    socket.ping('between');
    socket.send('two ü');
    const pong = next(socket, 'pong');
    const [data] = await next(socket, 'message');
    assert.strictEqual(String(data), 'one, two ü');
    assert.strictEqual(String((await pong)[0]), 'between');
    await close(socket, 1000);
}

async function closes(port, code, reason) {
    const socket = await open(port);
    const [answered] = await close(socket, code, reason);
    assert.strictEqual(answered, code === undefined ? 1005 : code);
}

async function compression(port) {
    const socket = await open(port, { perMessageDeflate: { threshold: 0 } });
    assert.strictEqual(socket.extensions, '');
    await echoed(socket, 'a'.repeat(1000));
    await close(socket, 1000);
}

// The first one offered, or the first one that is listed. `ws` and undici fail when none is chosen.
async function subprotocols(Socket) {
    for (const [options, chosen] of [[[], 'chat'], [['--subprotocol', 'v2'], 'v2']]) {
        const server = await startServer(options);
        const socket = new Socket(`ws://127.0.0.1:${server.port}/`, ['chat', 'v2']);
        await within(WAIT_MS, 'open', new Promise((resolve, reject) => {
            socket.addEventListener('open', resolve);
            socket.addEventListener('error', () => reject(new Error('refused')));
        }));
        assert.strictEqual(socket.protocol, chosen);
        socket.close(1000);
        assert.strictEqual(await server.stop(), 0);
    }
}

async function pipelined(port) {
    const socket = await open(port);
    const sent = Array.from({ length: 500 }, (_, i) => `message ${i}`);
    const got = [];
    const all = new Promise((resolve) => socket.on('message', (data) => {
        if (got.push(String(data)) === sent.length)
            resolve();
    }));
    sent.forEach((message) => socket.send(message));
    await all;
    assert.deepStrictEqual(got, sent);
    await close(socket, 1000);
}

async function stopped() {
    const server = await startServer();
    const socket = await open(server.port);
    await echoed(socket, 'hi');
    const closed = next(socket, 'close');
    assert.strictEqual(await server.stop(), 0);
    assert.strictEqual((await closed)[0], 1001);
}

async function all() {
    if (WebSocket === null)
        return;
    version('node ws', 'ws');
    const server = await startServer();
    const { port } = server;
    const megabyte = Buffer.alloc(1 << 20, Buffer.from([0, 1, 254, 255, 7]));
    const run = (name, body) => test(`node ws served: ${name}`, body);
    await run('text', () => messages(port, ['hi', '', 'x'.repeat(125), 'x'.repeat(70000)]));
    await run('unicode', () => messages(port, [UNICODE, UNICODE.repeat(10000)]));
    await run('binary', () => messages(port, [Buffer.alloc(0), Buffer.from([0, 255])]));
    await run('1 MiB of binary', () => messages(port, [megabyte]));
    await run('fragments with a ping between', () => fragments(port));
    await run('close without a code', () => closes(port));
    await run('close 1000', () => closes(port, 1000));
    await run('close 4999 with a reason', () => closes(port, 4999, 'ü'.repeat(61)));
    await run('offered compression', () => compression(port));
    await run('16 MiB of binary', () => messages(port, [Buffer.alloc(16 << 20, megabyte)]));
    await run('a subprotocol is chosen', () => subprotocols(WebSocket));
    await run('500 messages at once', () => pipelined(port));
    await run('wsio-server ends cleanly', async () => assert.strictEqual(await server.stop(), 0));
    await run('server stopped', stopped);
    const undici = need('undici', 'undici served');
    if (undici === null)
        return;
    version('undici', 'undici');
    await test('undici served: a subprotocol is chosen', () => subprotocols(undici.WebSocket));
}

main(all);
