// What stands behind the proxies: node web.mjs ADDRESS PORT. Answers with who asked (the proxy's address) after some time:
// /  30 ms, /slow  400 ms, /endless  a byte every 100 ms for ever.
import { createServer } from 'node:http';

const [address, port] = process.argv.slice(2);
const server = createServer((request, answer) => {
  const from = request.socket.remoteAddress;
  if (request.url === '/endless') {
    const timer = setInterval(() => answer.write('.'), 100);
    answer.on('close', () => clearInterval(timer));
  } else setTimeout(() => answer.end(from), request.url === '/slow' ? 400 : 30);
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), address, () => process.stdout.write('ready\n'));
