// http-proxy-3, the maintained successor of the most used proxy package of npm, with keep-alive to the servers.
//   node http-proxy-3.mjs NODE_MODULES PORT SINKPORT SERVERPORT SERVERPORT
import { Agent, createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { logger } from './log-line.mjs';

const [modules, port, sinkPort, ...serverPorts] = process.argv.slice(2);
const { createProxyServer } = createRequire(join(modules, 'from-here.cjs'))('http-proxy-3');
const log = logger(Number(sinkPort));
let turn = 0;

const servers = serverPorts.map((serverPort, index) => {
  const name = 'ab'[index];
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const proxy = createProxyServer({ target: `http://127.0.0.1:${serverPort}`, agent, xfwd: true, ws: true });
  proxy.on('proxyRes', (answer) => {
    answer.headers['set-cookie'] = [`SRV=${name}; path=/`];
    answer.rawHeaders.push('Set-Cookie', `SRV=${name}; path=/`);
  });
  proxy.on('error', (_error, _request, response) => {
    if (response.writeHead === undefined) return response.destroy();
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  return { name, proxy };
});

const front = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const begunMs = performance.now();
  const server = servers[turn++ % servers.length];
  response.once('finish', () => log(request, response, server.name, begunMs));
  server.proxy.web(request, response);
});
front.on('upgrade', (request, socket, head) => servers[turn++ % servers.length].proxy.ws(request, socket, head));
front.listen(Number(port), '127.0.0.1', 4096);
