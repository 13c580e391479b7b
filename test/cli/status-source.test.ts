/** What is made of somebody else's answers: a socket that hangs, has no end, or lies. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { askStatus } from '../../src/cli/status-source.ts';

const open: { server: Server; folder: string; sockets: Socket[] }[] = [];

afterEach(() => {
  for (const { server, folder, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  }
});

async function liar(answer: (socket: Socket) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-liar-'));
  const path = join(folder, 'socket');
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    answer(socket);
  });
  open.push({ server, folder, sockets });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

it('who says nothing is not waited for', async () => {
  const answer = await askStatus(await liar(() => {}), 50);
  expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('no answer within 0.05 s') });
});

it('an answer without end is not kept', async () => {
  const piece = 'x'.repeat(1 << 20);
  const path = await liar((socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  });
  const answer = await askStatus(path, 60_000);
  expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('no end') });
});

const LIES = [
  '',
  'null',
  '[]',
  '{}',
  '{"health":"__proto__","proxies":[]}',
  '{"health":"fine","proxies":[]}',
  '\u001b[2J',
];
it.each(LIES)('%j is no status', async (lie) => {
  const answer = await askStatus(await liar((socket) => socket.end(lie)), 60_000);
  expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('no Tandem that has a status') });
});
