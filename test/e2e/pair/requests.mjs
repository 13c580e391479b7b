// What an HTTP client loses: node requests.mjs ADDRESS PORT, until its standard input ends; then one line of JSON.
//   once   100 requests a second, each with its own connection, one in ten slow
//   keep   4 connections that are kept, each with the next request 10 ms after the last answer
// A request counts as failed when it gets no whole 200 within 5 s. Nothing is tried again. `longestMs`: in which
// requests were sent and none of them was answered.
import { Agent, get } from 'node:http';

const EVERY_MS = 10;
const TIMEOUT_MS = 5000;
const [host, port] = process.argv.slice(2);
const results = {
  once: { sent: 0, answered: 0, slowestMs: 0, failures: [], from: [] },
  keep: { sent: 0, answered: 0, slowestMs: 0, failures: [], from: [], connections: 0 },
};
const start = performance.now();
/** When those of `once` were sent. */
const answeredMs = [];
const failedMs = [];
let asking = true;
let open = 0;

function ask(result, agent, done) {
  const path = result.sent++ % 10 === 0 ? '/slow' : '/';
  const sentMs = performance.now();
  open++;
  let over = false;
  const end = (from, error) => {
    if (over) return;
    over = true;
    open--;
    const ms = Math.round(performance.now() - sentMs);
    result.slowestMs = Math.max(result.slowestMs, ms);
    if (result === results.once) (from === null ? failedMs : answeredMs).push(sentMs);
    if (from === null) result.failures.push(`${error} after ${ms} ms, sent at ${Math.round(sentMs - start)} ms`);
    else {
      result.answered++;
      if (result.from.at(-1) !== from) result.from.push(from);
    }
    done();
  };
  const request = get({ host, port, path, agent, timeout: TIMEOUT_MS }, (answer) => {
    let body = '';
    answer.setEncoding('utf8').on('data', (text) => (body += text));
    answer.on('end', () => (answer.statusCode === 200 ? end(body) : end(null, answer.statusCode)));
    answer.on('error', (error) => end(null, error.code));
  });
  if (!request.reusedSocket && result.connections !== undefined) {
    request.once('socket', () => {
      if (!request.reusedSocket) result.connections++;
    });
  }
  request.on('timeout', () => request.destroy(new Error('nothing')));
  request.on('error', (error) => end(null, error.code ?? error.message));
}

const once = new Agent({ keepAlive: false });
const timer = setInterval(() => ask(results.once, once, () => {}), EVERY_MS);
for (let i = 0; i < 4; i++) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const next = () => {
    if (asking) setTimeout(() => ask(results.keep, agent, next), EVERY_MS);
  };
  next();
}

process.stdout.write('asking\n');
process.stdin.resume().on('end', () => {
  asking = false;
  clearInterval(timer);
  setInterval(() => {
    if (open > 0) return;
    answeredMs.sort((a, b) => a - b);
    const gaps = answeredMs.slice(1).map((toMs, i) => {
      const fromMs = answeredMs[i];
      // A client that was not scheduled sent nothing.
      return failedMs.some((ms) => fromMs < ms && ms < toMs) ? toMs - fromMs - EVERY_MS : 0;
    });
    results.once.longestMs = Math.round(Math.max(0, ...gaps));
    process.stdout.write(`${JSON.stringify(results)}\n`);
    process.exit(0);
  }, 20);
});
