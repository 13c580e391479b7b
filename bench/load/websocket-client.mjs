// WebSocket messages there and back: node websocket-client.mjs PORT CONNECTIONS SECONDS BYTES. Each connection has one
// masked message under way and sends the next one when the echo is complete.
import { connect } from 'node:net';
import { percentile } from '../statistics.mjs';

const [port, connections, seconds, size] = process.argv.slice(2).map(Number);
const HANDSHAKE_MS = 10_000;

function maskedFrame(payload) {
  const long = payload.length > 125;
  const head = Buffer.from(
    long ? [0x82, 0x80 | 126, payload.length >> 8, payload.length & 0xff] : [0x82, 0x80 | payload.length],
  );
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index & 3])]);
}

const payload = Buffer.alloc(size, 'tandem ');
const frame = maskedFrame(payload);
const echoBytes = frame.length - 4;
const latencies = [];
let running = false;
let lost = 0;

function open() {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let answer = '';
    let received = -1;
    let sentMs = 0;
    const send = () => {
      sentMs = performance.now();
      received = 0;
      socket.write(frame);
    };
    const deadline = setTimeout(() => reject(new Error(`no handshake within ${HANDSHAKE_MS} ms`)), HANDSHAKE_MS);
    socket.on('connect', () => {
      socket.write(
        'GET /ws HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGFuZGVtLWJlbmNoLWtleQ==\r\n\r\n',
      );
    });
    socket.on('data', (chunk) => {
      if (received === -1) {
        answer += chunk.toString('latin1');
        if (!answer.includes('\r\n\r\n')) return;
        clearTimeout(deadline);
        if (answer.startsWith('HTTP/1.1 101')) resolve({ socket, send });
        else reject(new Error(`no handshake: ${answer.slice(0, 200)}`));
        return;
      }
      received += chunk.length;
      if (received < echoBytes) return;
      if (received > echoBytes) lost += 1;
      if (!running) return;
      latencies.push(performance.now() - sentMs);
      send();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (running) lost += 1;
    });
  });
}

const clients = await Promise.all(Array.from({ length: connections }, open));
running = true;
const begunMs = performance.now();
for (const client of clients) client.send();
setTimeout(() => {
  running = false;
  const took = (performance.now() - begunMs) / 1000;
  latencies.sort((a, b) => a - b);
  const latencyMs = {
    p50: percentile(latencies, 0.5),
    p90: percentile(latencies, 0.9),
    p99: percentile(latencies, 0.99),
    p999: percentile(latencies, 0.999),
  };
  const trouble = lost === 0 ? '' : `${lost} connections lost or echoes wrong`;
  console.log(`\n${JSON.stringify({ requests: latencies.length, seconds: took, latencyMs, trouble })}`);
  process.exit(0);
}, seconds * 1000);
