// Socket.IO echo on / and /custom; /private wants {"token":"secret"}; pings often.
// An event comes back under its name, or as its ack if one is asked for; "question" as "answer".
'use strict';
const http = require('http');
const { Server } = require('socket.io');

const server = http.createServer();
const io = new Server(server, { pingInterval: 100, pingTimeout: 5000 });

function serve(socket) {
    socket.onAny((name, ...args) => {
        const last = args[args.length - 1];
        if (typeof last === 'function')
            last(...args.slice(0, -1));
        else
            socket.emit(name === 'question' ? 'answer' : name, ...args);
    });
}

io.on('connection', serve);
io.of('/custom').on('connection', serve);
io.of('/private').on('connection', serve);
io.of('/private').use((socket, next) => {
    next(socket.handshake.auth.token === 'secret' ? undefined : new Error('no token'));
});
server.listen(0, '127.0.0.1', () => {
    console.log(`listening on 127.0.0.1:${server.address().port}`);
});
process.on('SIGTERM', () => process.exit(0));
