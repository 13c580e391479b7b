/**
 * Loopback ports for tests: which are free, and whether one takes connections. Of the tests of one run (scripts/test.mjs) no two get
 * the same: haproxy shares its ports with whoever comes later, and then the one gets the other's clients.
 */
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const given = process.env['TANDEM_TEST_PORTS'];

/** False: another test of this run has it. */
function reserve(port: number): boolean {
  if (given === undefined) return true;
  try {
    closeSync(openSync(join(given, String(port)), 'wx'));
    return true;
  } catch {
    return false;
  }
}

/** A port nobody listens on. Somebody else can take it before the caller binds it; the kernel hands out others first. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = await unusedPort(host);
    if (reserve(port)) return port;
  }
}

async function unusedPort(host: string): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('not a TCP address');
  return address.port;
}

let nextQuietPort = 20_000 + ((process.pid * 37) % 9000);

/**
 * A free port that no outgoing connection is given meanwhile (those are from 32768 on), for who needs many of them before
 * anybody listens there.
 */
export async function quietPort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = nextQuietPort++;
    if (nextQuietPort === 30_000) nextQuietPort = 20_000;
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, host, () => resolve(true));
    });
    if (!free) continue;
    server.close();
    await once(server, 'close');
    if (reserve(port)) return port;
  }
}

export function connects(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
