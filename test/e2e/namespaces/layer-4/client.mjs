// Clients at many addresses, told what to ask by lines of JSON on standard input: { id, what, ip, port, from, fromPort, name }. A line
// answers each: { id, who, client, port }; `who` is the server, or what went wrong.
//   get    a connection for one request         hold   a connection that stays, by its name
//   again  another request on one that is held  dns    a query of its own socket, or of the one at `fromPort`
//   large  a long answer, whose { bytes } count
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** SYN is sent again after 1 s and 3 s. */
const WITHIN_MS = 7000;
const DNS_AGAIN_MS = 1000;
const DNS_TRIES = 5;
const held = new Map();

function field(text, name) {
  return new RegExp(`x-${name}: (.*)\\r`, 'i').exec(text)?.[1];
}

function ask(socket, { ip, port }) {
  return new Promise((resolve) => {
    let text = '';
    const end = (answer) => {
      clearTimeout(timer);
      for (const event of ['data', 'error', 'close']) socket.removeAllListeners(event);
      socket.on('error', () => {});
      resolve(answer);
    };
    const timer = setTimeout(() => end({ who: 'nobody' }), WITHIN_MS);
    socket.on('error', (error) => end({ who: error.code }));
    socket.on('close', () => end({ who: 'closed' }));
    socket.on('data', (chunk) => {
      text += chunk;
      const who = /HTTP server (\S+) /.exec(text)?.[1];
      if (who !== undefined) end({ who, client: field(text, 'client'), port: field(text, 'port') });
    });
    if (socket.destroyed) end({ who: 'closed' });
    else socket.write(`GET / HTTP/1.1\r\nHost: ${ip}:${port}\r\n\r\n`);
  });
}

function open({ ip, port, from, fromPort }) {
  return connect({ host: ip, port, localAddress: from, ...(fromPort === undefined ? {} : { localPort: fromPort }) });
}

const ASKS = {
  async get(question) {
    const socket = open(question);
    const answer = await ask(socket, question);
    socket.destroy();
    return answer;
  },
  large(question) {
    return new Promise((resolve) => {
      const socket = open(question);
      let bytes = 0;
      const path = `GET /large HTTP/1.0\r\n\r\n`;
      socket.on('connect', () => socket.write(path));
      socket.on('error', ({ code }) => resolve({ who: code }));
      socket.on('data', (chunk) => {
        const head = bytes === 0 ? chunk.indexOf('\r\n\r\n') + 4 : 0;
        bytes += chunk.length - head;
      });
      socket.on('end', () => resolve({ who: 'end', bytes }));
    });
  },
  hold(question) {
    const socket = open(question);
    held.set(question.name, { socket, question });
    return ask(socket, question);
  },
  again({ name }) {
    const { socket, question } = held.get(name);
    return ask(socket, question);
  },
  dns({ ip, from, fromPort = 0 }) {
    return new Promise((resolve) => {
      const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
      let left = DNS_TRIES;
      const end = (who) => {
        clearInterval(timer);
        socket.close();
        resolve({ who });
      };
      const timer = setInterval(() => (--left === 0 ? end('nobody') : send()), DNS_AGAIN_MS);
      socket.on('error', ({ code }) => end(code));
      socket.on('message', (answer) => end([...answer.subarray(-4)].join('.')));
      const query = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0x77, 0x77, 0x77, 0, 0, 1, 0, 1];
      const send = () => socket.send(Buffer.from(query), 53, ip);
      socket.bind(fromPort, from, send);
    });
  },
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const question = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id: question.id, ...(await ASKS[question.what](question)) })}\n`);
});
process.stdout.write('{}\n');
