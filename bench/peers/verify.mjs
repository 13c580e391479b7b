// Before a peer is measured it has to show that it does the work: both servers answer, the cookie and X-Forwarded-For
// are there, a log line goes out.
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const REQUESTS = 4;
const LOG_TRIES = 40;

function ask(port, withinMs) {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    const asked = request({ port, host: '127.0.0.1', path: '/verify', agent, timeout: withinMs }, (answer) => {
      let body = '';
      answer.setEncoding('latin1');
      answer.on('data', (chunk) => {
        body += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, cookies: answer.headers['set-cookie'] ?? [], body }));
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${withinMs} ms`)));
    asked.on('error', reject);
    asked.end();
  });
}

/** What is wrong with the answers, or undefined. */
export function faultOf(answers, mode, servers) {
  const odd = answers.find((answer) => answer.status !== 200 || !/^from \d+ for/.test(answer.body));
  if (odd !== undefined) return `answers ${odd.status} ${odd.body.slice(0, 100)}`;
  const seen = new Set(answers.map((answer) => Number(/^from (\d+)/.exec(answer.body)[1])));
  if (servers.some((port) => !seen.has(port))) return `only server ${[...seen].join(', ')} answers`;
  if (mode === 'tcp') return undefined;
  if (answers.some((answer) => !answer.body.includes('for 127.0.0.1'))) return 'adds no X-Forwarded-For';
  if (answers.some((answer) => !answer.cookies.some((cookie) => cookie.startsWith('SRV=')))) return 'sets no cookie';
  return undefined;
}

export async function verify({ port }, { stage, servers, sink, withinMs }) {
  const before = sink?.lines() ?? 0;
  const answers = [];
  for (let i = 0; i < REQUESTS; i++) answers.push(await ask(port, withinMs));
  const fault = faultOf(answers, stage.mode, servers);
  if (fault !== undefined) throw new Error(`it ${fault}`);
  if (!stage.log) return;
  for (let tries = 0; sink.lines() < before + REQUESTS; tries++) {
    if (tries === LOG_TRIES) throw new Error('it sends no log');
    await sleep(50);
  }
}
