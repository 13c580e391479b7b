/**
 * The case tables of test/e2e/hostile over a real Tandem on loopback. TANDEM_E2E_PROGRAM=/usr/sbin/haproxy shows where
 * haproxy stands (2.6 is more lenient in a few places).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { REQUEST_CASES, type RequestCase } from './hostile/request-cases.ts';
import { RESPONSE_CASES, type ResponseCase } from './hostile/response-cases.ts';
import { readMessage, readMessages } from './hostile/strict-http.ts';
import { type ClientView, RecordingServer, send } from './hostile/wire.ts';

const configuration = (port: number, serverPort: number) => `
global
  nbthread 1
defaults
  mode http
  retries 0
  http-reuse never
  timeout connect 1s
  timeout client 2s
  timeout server 2s
  timeout http-request 2s
listen hostile
  bind 127.0.0.1:${port}
  server s 127.0.0.1:${serverPort}
`;

const statusesOf = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((one) => Number(one[1]));

let proxy: ProxyProcess;
let server: RecordingServer;
let port: number;

beforeAll(async () => {
  const listening = await RecordingServer.listen();
  server = listening.server;
  port = await freePort();
  proxy = await ProxyProcess.start(TANDEM_HAPROXY, configuration(port, listening.port), port);
});
afterAll(async () => {
  await proxy.stop();
  await server.close();
});

/** What is wrong with the outcome of a request; empty when nothing is. */
function judgeRequest(one: RequestCase, client: ClientView): string[] {
  const seen = server.seen();
  const complete = seen.flatMap((connection) => connection.messages.complete);
  const faults = seen.flatMap(({ messages }) =>
    messages.fault === undefined ? [] : [`the server got what is not HTTP: ${messages.fault}`],
  );
  const allowed = one.requests ?? 1;
  if (complete.length > allowed)
    faults.push(`the server saw ${complete.length} requests: ${complete.at(-1)?.startLine}`);
  const [status] = statusesOf(client.raw).filter((code) => code >= 200);

  const stopped = complete.length === 0;
  const unseen = seen.length === 0;
  if (one.expect === 'forward' && complete.length !== allowed) faults.push(`${complete.length} requests got through`);
  if (one.expect === 'refuse' && !unseen)
    faults.push(`reached the server: ${JSON.stringify(seen[0]?.raw.slice(0, 80))}`);
  if (one.expect === 'cut' && !stopped) faults.push('got through whole');
  if (stopped) {
    if (!client.closed) faults.push('the connection stayed open');
    const silent = status === undefined && (one.halfClose === true || !unseen);
    if (!silent && !(status !== undefined && status >= 400)) faults.push(`status ${status}`);
    return faults;
  }
  if (one.expect === 'refuse' || one.expect === 'cut') return faults;

  const first = complete[0];
  if (one.body !== undefined && first?.body !== one.body)
    faults.push(`body ${JSON.stringify(first?.body.slice(0, 80))}`);
  const head = [first?.startLine, ...(first?.fields ?? []).map(([name, value]) => `${name}: ${value}`)]
    .join('\n')
    .toLowerCase();
  for (const piece of one.has ?? []) if (!head.includes(piece)) faults.push(`lacks ${JSON.stringify(piece)}`);
  for (const piece of one.lacks ?? []) if (head.includes(piece)) faults.push(`has ${JSON.stringify(piece)}`);
  if (status !== 200) faults.push(`status ${status}`);
  return faults;
}

async function request(one: RequestCase, cutEvery?: number): Promise<string[]> {
  server.begin();
  const allowed = one.requests ?? 1;
  const client = await send(port, one.raw, {
    enough: (answer) => statusesOf(answer).filter((code) => code >= 200).length >= allowed && answer.endsWith('ok'),
    ...(one.halfClose === true ? { halfClose: true } : {}),
    ...(cutEvery === undefined ? {} : { cutEvery }),
  });
  return judgeRequest(one, client);
}

describe('requests', () => {
  it.each(REQUEST_CASES)('%s', async (_group, cases) => {
    const wrong: string[] = [];
    for (const one of cases) {
      for (const fault of await request(one)) wrong.push(`${one.name} [${one.expect}, ${one.rule}]: ${fault}`);
    }
    expect(wrong).toEqual([]);
  });

  it('come out the same when they arrive byte by byte', async () => {
    const wrong: string[] = [];
    const short = REQUEST_CASES.slice(0, -1).flatMap(([, cases]) => cases.filter((one) => one.raw.length < 300));
    for (const one of short) {
      for (const fault of await request(one, 1)) wrong.push(`${one.name} [${one.expect}, ${one.rule}]: ${fault}`);
    }
    expect(wrong).toEqual([]);
  });
});

function judgeResponse(one: ResponseCase, client: ClientView): string[] {
  const faults: string[] = [];
  const head = one.request?.startsWith('HEAD') === true;
  let rest = client.raw;
  let final = readMessage(rest, false, client.closed, head);
  while (final.kind === 'complete' && / 1\d\d /.test(final.startLine) && !final.startLine.includes(' 101 ')) {
    rest = rest.slice(final.end);
    final = readMessage(rest, false, client.closed, head);
  }
  if (final.kind === 'fault') return [`the client got what is not HTTP: ${final.what}`];
  const lower = client.raw.toLowerCase();
  for (const piece of one.lacks ?? [])
    if (lower.includes(piece)) faults.push(`the client got ${JSON.stringify(piece)}`);
  const status = statusesOf(rest)[0];
  if (status === 502) {
    if (one.expect === 'forward') faults.push('502');
    return faults;
  }
  if (one.expect === 'bad') faults.push(`status ${status}: ${JSON.stringify(client.raw.slice(0, 120))}`);
  if (one.expect === 'cut') {
    if (final.kind === 'complete') faults.push('looks whole');
    if (!client.closed) faults.push('the connection stayed open');
    return faults;
  }
  if (final.kind !== 'complete') return [...faults, `unfinished: ${JSON.stringify(client.raw.slice(0, 120))}`];
  if (status !== (one.status ?? 200)) faults.push(`status ${status}`);
  if (one.body !== undefined && final.body !== one.body) faults.push(`body ${JSON.stringify(final.body.slice(0, 80))}`);
  const after = rest.slice(final.end);
  if (after !== '' && !final.untilClose) faults.push(`bytes after the answer: ${JSON.stringify(after.slice(0, 80))}`);
  return faults;
}

describe('answers', () => {
  it.each(RESPONSE_CASES.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    server.begin(one.raw);
    const head = one.request?.startsWith('HEAD') === true;
    const client = await send(port, one.request ?? 'GET / HTTP/1.1\r\nHost: outer\r\n\r\n', {
      enough: (answer) => {
        const [last] = readMessages(answer, false, false).complete.slice(-1);
        const whole = head ? answer.includes('\r\n\r\n') : last !== undefined;
        return whole && !/^HTTP\/1\.1 1\d\d [^\r]*\r\n[\s\S]*\r\n\r\n$/.test(answer);
      },
    });
    expect(judgeResponse(one, client)).toEqual([]);
  });
});
