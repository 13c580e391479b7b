// Connections that had one answer and then say nothing: node idle-holder.mjs PORT COUNT. Prints `ready` when all stand,
// and on a line on its stdin how many still do; ends with its stdin.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [port, count] = process.argv.slice(2).map(Number);
const AT_ONCE = 50;
const ANSWER_MS = 10_000;
const sockets = [];

function openOne() {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    socket.on('error', reject);
    socket.once('connect', () => socket.write('GET / HTTP/1.1\r\nHost: bench\r\n\r\n'));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (!answer.includes('hello')) return;
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

const lines = createInterface({ input: process.stdin });
lines.on('line', () => {
  const standing = sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length;
  console.log(`standing ${standing}`);
});
// Resets leave no TIME_WAIT behind, which the next peer's connections would meet.
lines.on('close', () => {
  for (const socket of sockets) socket.resetAndDestroy();
  process.exit(0);
});

while (sockets.length < count) {
  const batch = Math.min(AT_ONCE, count - sockets.length);
  sockets.push(...(await Promise.all(Array.from({ length: batch }, openOne))));
}
console.log('ready');
