/** A mail server that takes every letter. */
import { createServer, type Server } from 'node:net';

/** Enough of RFC 5321 to take a letter. */
export function smtpServer(): Promise<{ server: Server; port: number; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    let data = false;
    socket.write('220 mail ESMTP\r\n');
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      for (const line of chunk.split('\r\n')) {
        if (line === '') continue;
        heard.push(line);
        if (data) {
          if (line === '.') {
            data = false;
            socket.write('250 kept\r\n');
          }
        } else if (line === 'DATA') {
          data = true;
          socket.write('354 go on\r\n');
        } else if (line === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('250 fine\r\n');
      }
    });
    socket.on('error', () => {});
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' ? (address?.port ?? 0) : 0, heard });
    });
  });
}
