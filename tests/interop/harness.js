// What the interop tests in JavaScript share: wsio-server on a free port, ended by its pid; bounded
// waits; one line per test. Run alone, a test takes WSIO_BIN (build) from the environment, or WSIO_SERVER,
// the command of the server. Words of a command have no blanks.
'use strict';
const assert = require('assert');
const { spawn } = require('child_process');
const path = require('path');

const START_MS = 10000;
const WAIT_MS = 5000;
const TEST_MS = 15000;
const BIN = path.resolve(__dirname, '../..', process.env.WSIO_BIN || 'build');
const SERVER = process.env.WSIO_SERVER ? process.env.WSIO_SERVER.split(' ')
    : [path.join(BIN, 'wsio-server')];

const children = new Set();
let failed = 0;

process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
process.on('SIGTERM', () => process.exit(1));

function within(ms, what, promise) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// The arguments of the next `event`; an 'error' meanwhile is the failure.
function next(emitter, event) {
    return within(WAIT_MS, event, new Promise((resolve, reject) => {
        emitter.once(event, (...args) => resolve(args));
        if (event !== 'error' && event !== 'close')
            emitter.once('error', reject);
    }));
}

async function startServer(options = [], port = 0) {
    const args = ['--port', String(port), '--tcp-port', '0', '--quiet', ...options];
    const child = spawn(SERVER[0], [...SERVER.slice(1), ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => {
        children.delete(child);
        resolve(code === null ? signal : code);
    }));
    const line = within(START_MS, 'first line', new Promise((resolve, reject) => {
        let text = '';
        child.once('error', reject);
        child.stdout.on('data', (data) => {
            text += data;
            if (text.includes('\n'))
                resolve(text);
        });
    }));
    return {
        port: Number(/listening on 127\.0\.0\.1:(\d+)/.exec(await line)[1]),
        // The exit status, or the signal that ended it.
        stop() {
            child.kill('SIGINT'); // Ctrl-C, which programs of every system hear
            return within(WAIT_MS, 'end of wsio-server', ended);
        },
    };
}

async function test(name, body) {
    try {
        await within(TEST_MS, 'end of the test', body());
        console.log(`ok ${name}`);
    } catch (error) {
        failed++;
        console.log(`not ok ${name} - ${String(error && error.message).replace(/\s+/g, ' ')}`);
    }
}

// The module, or null after a line that names the skipped tests.
function need(module, what) {
    try {
        return require(module);
    } catch (error) {
        if (error.code !== 'MODULE_NOT_FOUND')
            throw error;
        console.log(`skip ${what} - no node module ${module} in NODE_PATH`);
        return null;
    }
}

// For the table that `make interop` prints.
function version(peer, module) {
    console.log(`version ${peer} = ${require(`${module}/package.json`).version}`);
}

function finish() {
    process.exit(failed === 0 ? 0 : 1);
}

function main(body) {
    body().then(finish, (error) => {
        failed++;
        console.log(`not ok the test itself - ${String(error && error.message)}`);
        finish();
    });
}

module.exports = { assert, finish, main, need, next, startServer, test, version, within, WAIT_MS };
