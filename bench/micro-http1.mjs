// node bench/micro-http1.mjs, after npm run build: nanoseconds per head, scanned and rewritten, the best of several rounds.
import { ChunkedBody, scanChunked } from '../dist/http1/chunked.js';
import { rewriteHead } from '../dist/http1/edit.js';
import { RequestHead, scanRequestHead } from '../dist/http1/request-head.js';
import { ResponseHead, scanResponseHead } from '../dist/http1/response-head.js';

const HEADROOM = 1024;
const ROUNDS = 12;
const TIMES = 100_000;
const bytes = Buffer.from(new ArrayBuffer(65536));
const insert = Buffer.from('x-forwarded-for: 127.0.0.\r\n'); // 27 bytes
const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36';
const wrk = 'GET / HTTP/1.1\r\nHost: 127.0.0.1:18101\r\n\r\n';
const nginx = `HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Thu, 20 Nov 2026 10:51:32 GMT\r\nContent-Type: text/plain\r\n\
Content-Length: 15\r\nConnection: keep-alive\r\n\r\n`;
const browser = `GET /some/path/to/a/page.html?with=query&and=more HTTP/1.1\r\nHost: www.example.com\r\n\
Connection: keep-alive\r\nCache-Control: max-age=0\r\nsec-ch-ua: "Chromium";v="118", "Google Chrome";v="118"\r\n\
sec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: "Linux"\r\nUpgrade-Insecure-Requests: 1\r\nUser-Agent: ${agent}\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp\r\nSec-Fetch-Site: none\r\n\
Sec-Fetch-Mode: navigate\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n\
Cookie: SRV=s1; session=abcdef0123456789\r\n\r\n`;

let sink = 0;

/** Nanoseconds of one call, the best of the rounds. */
function best(call, perCall = 1) {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const begun = process.hrtime.bigint();
    for (let i = 0; i < TIMES; i++) sink += call();
    least = Math.min(least, Number(process.hrtime.bigint() - begun) / TIMES / perCall);
  }
  return least;
}

function measureHead(name, text, head, scan) {
  const source = Buffer.from(text, 'latin1');
  const restore = () => {
    bytes.set(source, HEADROOM);
    return 0;
  };
  restore();
  const end = HEADROOM + source.length;
  const scanned = best(() => scan(head, bytes, HEADROOM, end, 101));
  const restored = best(restore);
  const both = best(() => {
    restore();
    return scan(head, bytes, HEADROOM, end, 101) + rewriteHead(head, bytes, insert, insert.length);
  });
  const figures = [scanned, both - restored].map((value) => `${value.toFixed(0)} ns`.padStart(8)).join('');
  console.log(`${name.padEnd(16)}${String(source.length).padStart(5)} bytes${figures}`);
}

console.log('head                           scan  +rewrite');
measureHead('wrk request', wrk, new RequestHead(), scanRequestHead);
measureHead('nginx response', nginx, new ResponseHead(), scanResponseHead);
measureHead('browser request', browser, new RequestHead(), scanRequestHead);

const body = new ChunkedBody();
const chunks = Buffer.from('5\r\nhello\r\n'.repeat(20));
bytes.set(chunks, 0);
const tiny = best(() => {
  body.reset();
  return scanChunked(body, bytes, 0, chunks.length);
}, 20);
bytes.write('4000\r\n', 0);
bytes.write('\r\n', 16390);
const large = best(() => {
  body.reset();
  return scanChunked(body, bytes, 0, 16392);
});
console.log(`chunk of 5 bytes ${tiny.toFixed(0)} ns, of 16384 bytes ${large.toFixed(0)} ns`);
if (sink === 0) throw new Error('nothing was measured');
