// Counts the log lines that arrive: the kernel's count of datagrams dropped at a socket that nobody reads.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const HOLDER = join(import.meta.dirname, 'sink-holder.mjs');
const START_MS = 10_000;

/** The count for a local port, from the text of /proc/net/udp; undefined when nobody has that port. */
export function droppedAt(table, port) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const line = table.split('\n').find((one) => one.trim().split(/\s+/)[1]?.endsWith(`:${hex}`));
  return line === undefined ? undefined : Number(line.trim().split(/\s+/).at(-1));
}

const dropped = (port) => droppedAt(readFileSync('/proc/net/udp', 'latin1'), port) ?? 0;

/** Sends until the socket is full: from then on every datagram is one drop. */
async function fill(port) {
  const socket = createSocket('udp4');
  const full = Buffer.alloc(8192);
  const send = () => new Promise((resolve) => socket.send(full, port, '127.0.0.1', resolve));
  for (let sent = 0; dropped(port) === 0; sent++) {
    if (sent > 100_000) throw new Error('the UDP sink does not fill');
    await send();
  }
  // A large datagram may be refused where a short one still fits.
  const short = Buffer.alloc(1);
  for (let before = -1; dropped(port) < before + 100; ) {
    before = dropped(port);
    for (let i = 0; i < 100; i++) await new Promise((resolve) => socket.send(short, port, '127.0.0.1', resolve));
  }
  socket.close();
}

export async function startSink({ programs, cores }) {
  const program = programs.start([process.execPath, HOLDER], { cores: cores.load });
  const said = () => /^port (\d+)$/m.exec(program.output);
  await programs.until(program, () => said() !== null, START_MS, 'the UDP sink');
  const port = Number(said()[1]);
  await fill(port);
  return { port, lines: () => dropped(port) };
}
