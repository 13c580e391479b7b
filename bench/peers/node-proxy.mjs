// What one would write in Node without a loop of one's own: node:http in front, undici pools behind; node:net for TCP.
//   node node-proxy.mjs http|tcp PORT SERVERPORT SERVERPORT
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { Pool } from 'undici';

const [mode, port, ...serverPorts] = process.argv.slice(2);
let turn = 0;

if (mode === 'http') {
  const servers = serverPorts.map((serverPort, index) => ({
    pool: new Pool(`http://127.0.0.1:${serverPort}`, { connections: 256, pipelining: 1 }),
    cookie: `SRV=${'ab'[index]}; path=/`,
  }));
  createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
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
        if (error === null) return;
        if (!response.headersSent) response.writeHead(502);
        response.end();
      },
    );
  }).listen(Number(port), '127.0.0.1', 4096);
} else {
  createTcpServer({ allowHalfOpen: true }, (client) => {
    const server = connect({
      port: Number(serverPorts[turn++ % serverPorts.length]),
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
    client.pipe(server);
    server.pipe(client);
  }).listen(Number(port), '127.0.0.1', 4096);
}
