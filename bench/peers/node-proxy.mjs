// What one would write in Node without a loop of one's own: node:http in front, undici pools behind; node:net for TCP.
//   node node-proxy.mjs http|tcp PORT SINKPORT SERVERPORT SERVERPORT
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { Pool } from 'undici';
import { logger } from './log-line.mjs';

const [mode, port, sinkPort, ...serverPorts] = process.argv.slice(2);
const log = logger(Number(sinkPort));
let turn = 0;

/** Both directions until either side is gone. */
function join(client, server) {
  client.on('error', () => server.destroy());
  server.on('error', () => client.destroy());
  client.pipe(server);
  server.pipe(client);
}

function connectToServer() {
  const serverPort = Number(serverPorts[turn++ % serverPorts.length]);
  return connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true });
}

function startHttp() {
  const servers = serverPorts.map((serverPort, index) => ({
    name: 'ab'[index],
    pool: new Pool(`http://127.0.0.1:${serverPort}`, { connections: 256, pipelining: 1 }),
    cookie: `SRV=${'ab'[index]}; path=/`,
  }));
  const front = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    const begunMs = performance.now();
    const server = servers[turn++ % servers.length];
    const { connection: _connection, 'keep-alive': _keepAlive, ...headers } = request.headers;
    headers['x-forwarded-for'] = request.socket.remoteAddress;
    const withBody = request.method !== 'GET' && request.method !== 'HEAD';
    server.pool.stream(
      { path: request.url, method: request.method, headers, body: withBody ? request : null },
      ({ statusCode, headers: answer }) => {
        const { connection: _upstream, 'keep-alive': _timeout, ...rest } = answer;
        response.writeHead(statusCode, { ...rest, 'set-cookie': server.cookie });
        return response;
      },
      (error) => {
        log(request, response, server.name, begunMs);
        if (error === null) return;
        if (!response.headersSent) response.writeHead(502);
        response.end();
      },
    );
  });
  front.on('upgrade', (request, client, head) => {
    const server = connectToServer();
    const lines = [`${request.method} ${request.url} HTTP/1.1`];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
    }
    lines.push(`X-Forwarded-For: ${client.remoteAddress}`);
    server.write(`${lines.join('\r\n')}\r\n\r\n`);
    server.write(head);
    join(client, server);
  });
  front.listen(Number(port), '127.0.0.1', 4096);
}

function startTcp() {
  const front = createTcpServer({ allowHalfOpen: true }, (client) => join(client, connectToServer()));
  front.listen(Number(port), '127.0.0.1', 4096);
}

if (mode === 'http') startHttp();
else startTcp();
