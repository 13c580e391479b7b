// WebSocket servers that send every message back: node echo.mjs PORT PORT. Ordinary requests are answered too, for the
// checks and for /verify. Frames of up to 65,535 bytes, unfragmented: what the bench's own client sends.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The frame that answers the masked one at `at`, or undefined while it is not all there. */
function echo(bytes, at) {
  if (bytes.length < at + 2) return undefined;
  const long = (bytes[at + 1] & 0x7f) === 126;
  const head = long ? 8 : 6;
  if (bytes.length < at + head) return undefined;
  const length = long ? bytes.readUInt16BE(at + 2) : bytes[at + 1] & 0x7f;
  if (bytes.length < at + head + length) return undefined;
  const answer = Buffer.allocUnsafe(head - 4 + length);
  answer[0] = bytes[at];
  if (long) answer.writeUInt16BE(length, 2);
  answer[1] = long ? 126 : length;
  const mask = at + head - 4;
  for (let i = 0; i < length; i++) answer[head - 4 + i] = bytes[at + head + i] ^ bytes[mask + (i & 3)];
  return { answer, next: at + head + length };
}

function serve(socket) {
  let pending = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let at = 0;
    for (let frame = echo(bytes, at); frame !== undefined; frame = echo(bytes, at)) {
      socket.write(frame.answer);
      at = frame.next;
    }
    pending = bytes.subarray(at);
  });
}

for (const port of process.argv.slice(2)) {
  const server = createServer((request, response) => {
    response.end(`from ${port} for ${request.headers['x-forwarded-for'] ?? ''}\n`);
  });
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    serve(socket);
  });
  server.listen(Number(port), '127.0.0.1', 4096);
}
