// A line of httplog per request to the UDP sink, for the proxies written in Node.
import { createSocket } from 'node:dgram';

/** Nothing when `sinkPort` is 0: then the work has no log. */
export function logger(sinkPort) {
  if (sinkPort === 0) return () => undefined;
  const socket = createSocket('udp4');
  socket.unref();
  return (request, response, server, begunMs) => {
    const { remoteAddress, remotePort } = request.socket;
    const took = (performance.now() - begunMs).toFixed(0);
    const line = `<134>bench: ${remoteAddress}:${remotePort} [${new Date().toISOString()}] bench bench/${server} 0/0/0/${took}/${took} ${response.statusCode} - - - ---- 1/1/0/0/0 0/0 "${request.method} ${request.url} HTTP/1.1"\n`;
    socket.send(line, sinkPort, '127.0.0.1');
  };
}
