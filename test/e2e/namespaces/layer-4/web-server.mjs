// A web server of the article, and a name server: node web-server.mjs NAME OWN-ADDRESS ADDRESS… It answers on ports 80, 81, 443 and
// 8080 of all addresses who it is and who asked; on UDP port 53 of the named ones every name has its own address.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const [name, own, ...addresses] = process.argv.slice(2);
let starting = 0;
const started = () => --starting === 0 && process.stdout.write('ready\n');

for (const port of [80, 81, 443, 8080]) {
  starting++;
  const server = createServer(({ socket, url }, response) => {
    response.setHeader('X-Client', `${socket.remoteAddress.replace('::ffff:', '')} ${socket.remotePort}`);
    response.setHeader('X-Port', port);
    if (url === '/large') response.end(Buffer.alloc(10_000_000));
    else response.end(`This is HTTP server ${name} (${own}).\n`);
  });
  server.keepAliveTimeout = 120_000;
  server.listen(port, '::', started);
}

// RFC 1035, 4.1: one answer, whose name is the question's.
function answer(query) {
  const header = Buffer.from([query[0], query[1], 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  let end = 12;
  while (query[end] !== 0) end += query[end] + 1;
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...own.split('.').map(Number)];
  return Buffer.concat([header, query.subarray(12, end + 5), Buffer.from(record)]);
}

for (const address of addresses) {
  starting++;
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (query, { port, address: from }) => socket.send(answer(query), port, from));
  socket.bind(53, address, started);
}
