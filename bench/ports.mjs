// Ports that nobody listens on. Below the kernel's ephemeral range, so that no outgoing connection takes one between
// the look and the use; bound without SO_REUSEPORT, which fails even where another program listens with it.
import { createServer } from 'node:net';

const FIRST = 20_000;
const COUNT = 10_000;

let next = Math.floor(Math.random() * COUNT);

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

export async function freePorts(count) {
  const ports = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries > COUNT) throw new Error(`no free port from ${FIRST} to ${FIRST + COUNT - 1}`);
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}
