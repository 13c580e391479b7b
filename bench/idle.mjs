// What an idle client connection costs a proxy: thousands of them, each after one request, and the growth of its memory.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree, residentBytes } from './process-tree.mjs';

const AT_ONCE = 50;
const ANSWER_MS = 10_000;
/** Opened before the measurement: what is made once, at the first connections, is no cost of the later ones. */
const WARM = 200;

/** Proxies plan for two descriptors a connection, the server's side too, and a few of their own. */
export function maxConnections(descriptors) {
  return Math.floor((descriptors - 200) / 2);
}

/** How many idle connections fit beside the warm ones. */
export function idleCount(wanted, descriptors) {
  return Math.min(wanted, maxConnections(descriptors) - WARM - 100);
}

async function openOne(port) {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: bench\r\n\r\n');
  let answer = '';
  while (!answer.includes('hello')) {
    const [chunk] = await once(socket, 'data');
    answer += chunk.toString('latin1');
  }
  socket.setTimeout(0);
  socket.on('error', () => undefined);
  return socket;
}

export async function measureIdle(port, pid, count) {
  const pids = processTree(pid);
  const sockets = [];
  const open = async (until) => {
    while (sockets.length < until) {
      const batch = Math.min(AT_ONCE, until - sockets.length);
      sockets.push(...(await Promise.all(Array.from({ length: batch }, () => openOne(port)))));
    }
  };
  try {
    await open(WARM);
    await sleep(1500);
    const before = residentBytes(pids);
    const opened = sockets.length;
    await open(opened + count);
    await sleep(1500);
    const after = residentBytes(pids);
    const alive = sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length;
    return { bytesPerConnection: (after - before) / count, alive, asked: opened + count };
  } finally {
    for (const socket of sockets) socket.destroy();
    await sleep(500);
  }
}
