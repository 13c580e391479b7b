// The web servers of the articles, and the syslog of their balancers, in one process: node article-servers.mjs NAME=ADDRESS:PORT…
// A server says who it is and what it got as a cookie; a POST makes it set the cookie that is the body. GET /log on any of them: the
// lines that came to 127.0.0.1:514 so far.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const lines = [];
createSocket('udp4', (message) => lines.push(message.toString('latin1').trimEnd())).bind(514, '127.0.0.1');

let starting = 0;
for (const argument of process.argv.slice(2)) {
  const [name, place = ''] = argument.split('=');
  const [address, port] = place.split(':');
  starting++;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.method === 'POST') response.setHeader('Set-Cookie', body);
    if (request.url === '/log') response.end(lines.join('\n'));
    else {
      response.setHeader('X-Cookie', request.headers.cookie ?? 'none');
      response.setHeader('X-Client', request.headers['x-forwarded-for'] ?? 'unknown');
      response.end(`This is HTTP server ${name} (${address}).\n`);
    }
  });
  server.listen(Number(port), address, () => --starting === 0 && process.stdout.write('ready\n'));
}
