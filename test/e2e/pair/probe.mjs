// What a client loses: node probe.mjs ADDRESS PORT SECONDS. A datagram every 5 ms; at the end one line of JSON:
// the holes (from when, how long, from whom to whom) and how many were never answered.
import { createSocket } from 'node:dgram';

const EVERY_MS = 5;
const LATE_MS = 300;
const [address, port, seconds] = process.argv.slice(2);
const total = Math.round((Number(seconds) * 1000) / EVERY_MS);
const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
const sentAt = [];
const answers = new Map();
const start = performance.now();

socket.on('error', () => {});
socket.on('message', (message) => {
  const [sequence, name] = message.toString().split('|');
  if (!answers.has(Number(sequence))) answers.set(Number(sequence), name);
});

function report() {
  const holes = [];
  let last = null;
  for (let i = 0; i < sentAt.length; i++) {
    if (!answers.has(i)) continue;
    if (last !== null) {
      const lengthMs = sentAt[i] - sentAt[last] - EVERY_MS;
      // Only what was sent and not answered is a hole; a client that was not scheduled sent nothing.
      if (i - last > 1) {
        holes.push({ atMs: Math.round(sentAt[last] - start), lengthMs: Math.round(lengthMs), missed: i - last - 1 });
      }
    }
    last = i;
  }
  const names = [...new Set([...answers].sort(([a], [b]) => a - b).map(([, name]) => name))];
  const unanswered = last === null ? sentAt.length : sentAt.length - 1 - last;
  const longestMs = Math.max(0, ...holes.map(({ lengthMs }) => lengthMs));
  process.stdout.write(
    `${JSON.stringify({ sent: sentAt.length, lost: sentAt.length - answers.size, longestMs, unanswered, names, holes })}\n`,
  );
  process.exit(0);
}

process.stdout.write('probing\n');
const timer = setInterval(() => {
  const due = Math.min(total, Math.floor((performance.now() - start) / EVERY_MS));
  if (sentAt.length < due) {
    socket.send(String(sentAt.length), Number(port), address, () => {});
    sentAt.push(performance.now());
  }
  if (performance.now() - start >= Number(seconds) * 1000) {
    clearInterval(timer);
    setTimeout(report, LATE_MS);
  }
}, 1);
