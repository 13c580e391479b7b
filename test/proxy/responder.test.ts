/** What a data thread answers when it is asked, and what it ends. */
import { describe, expect, it } from 'vitest';
import { PIECE_ENTRIES, type SessionReport } from '../../src/proxy/questions.ts';
import { HEADER_VERDICTS, SERVER_SESSIONS } from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, statuses, web } from '../support/web.ts';

const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';
const UPLOAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc';

function sessionsOf(proxy: SimulatedProxy, before = 0): { sessions: readonly SessionReport[]; next: number } {
  const answer = proxy.loop.answer({ type: 'sessions', before, whole: true });
  if (answer.type !== 'sessions') throw new Error(answer.type);
  return answer;
}

function end(proxy: SimulatedProxy, { serial, request }: Pick<SessionReport, 'serial' | 'request'>): number {
  const answer = proxy.loop.answer({ type: 'end-session', serial, request });
  proxy.settle();
  return answer.type === 'done' ? answer.count : -1;
}

function first(proxy: SimulatedProxy): SessionReport {
  const [session] = sessionsOf(proxy).sessions;
  if (session === undefined) throw new Error('there is no session');
  return session;
}

describe('sessions', () => {
  it('are those with a request under way, the newest first', () => {
    const proxy = new SimulatedProxy(web({}));
    proxy.ask('GET / HTTP/1.1\r\nHo');
    proxy.ask(get());
    proxy.ask(UPLOAD);
    proxy.client();
    proxy.settle();
    const { sessions, next } = sessionsOf(proxy);
    expect(next).toBe(0);
    expect(sessions).toMatchObject([
      { serial: 3, request: 1, phase: 'connected', requestDone: false, method: 3 },
      { serial: 2, request: 1, phase: 'connected', requestDone: true, method: 1, backend: 0, server: 0 },
    ]);
  });

  it('say how long is left: for the response, or for the rest of the request', () => {
    const proxy = new SimulatedProxy(web({}));
    proxy.ask(get());
    proxy.advance(100);
    expect(first(proxy)).toMatchObject({ clientMs: -1, ageMs: 100 });
    expect(first(proxy).serverMs).toBeGreaterThan(0);
    const uploads = new SimulatedProxy(web({}));
    uploads.ask(UPLOAD);
    expect(first(uploads).clientMs).toBeGreaterThan(0);
  });

  it('that wait for a server say so', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }));
    proxy.ask(get());
    proxy.ask(get());
    expect(first(proxy)).toMatchObject({ phase: 'queued', server: -1, serverFd: -1 });
    expect(first(proxy).requestHeld).toBeGreaterThan(0);
  });

  it('come in pieces; none is missing and none comes twice, whoever comes meanwhile', () => {
    const proxy = new SimulatedProxy(web({}));
    const count = 2 * PIECE_ENTRIES + 3;
    for (let i = 0; i < count; i++) proxy.ask(get());
    const serials: number[] = [];
    let before = 0;
    do {
      const piece = sessionsOf(proxy, before);
      expect(piece.sessions.length).toBeLessThanOrEqual(PIECE_ENTRIES);
      serials.push(...piece.sessions.map(({ serial }) => serial));
      before = piece.next;
      proxy.ask(get());
    } while (before !== 0);
    expect(serials).toEqual(Array.from({ length: count }, (_, i) => count - i));
  });

  it('exactly one piece of them needs no second', () => {
    const proxy = new SimulatedProxy(web({}));
    for (let i = 0; i < PIECE_ENTRIES; i++) proxy.ask(get());
    expect(sessionsOf(proxy)).toMatchObject({ next: 0 });
  });
});

describe('a session that is ended', () => {
  it('gets 502 where it waits for its response, a cut where it has some of it', () => {
    const proxy = new SimulatedProxy(web({}));
    const waits = proxy.ask(get());
    expect(end(proxy, first(proxy))).toBe(1);
    expect(statuses(waits.text)).toEqual([502]);
    const reads = proxy.ask(get());
    proxy.accepted(PORT).send(HALF);
    proxy.settle();
    expect(end(proxy, first(proxy))).toBe(1);
    expect([reads.text.endsWith('half'), reads.gone]).toEqual([true, true]);
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(0);
    proxy.expectNoStreams();
  });

  it('gets nothing where it uploads, waits for a server, or has none that stands', () => {
    const uploads = new SimulatedProxy(web({}));
    const one = uploads.ask(UPLOAD);
    end(uploads, first(uploads));
    expect([one.text, one.gone]).toEqual(['', true]);
    uploads.expectNoStreams();
    const queue = new SimulatedProxy(web({ server: 'maxconn 1' }));
    const served = queue.ask(get());
    const waits = queue.ask(get());
    end(queue, first(queue));
    expect([waits.text, waits.gone, served.gone]).toEqual(['', true, false]);
    queue.accepted(PORT).send(ok());
    queue.settle();
    expect(statuses(served.text)).toEqual([200]);
    queue.expectNoStreams();
  });

  it('ends in TCP mode on both sides', () => {
    const proxy = new SimulatedProxy(web({}).replace('mode http', 'mode tcp'));
    const client = proxy.ask('hello');
    end(proxy, first(proxy));
    expect([client.gone, proxy.accepted(PORT).gone]).toEqual([true, true]);
    proxy.expectClean();
  });

  it('is not the next request of the same connection, nor another connection', () => {
    const proxy = new SimulatedProxy(web({}));
    const client = proxy.ask(get());
    const old = first(proxy);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(end(proxy, old)).toBe(0);
    client.send(get());
    proxy.settle();
    expect(first(proxy)).toMatchObject({ serial: old.serial, request: 2 });
    expect(end(proxy, old)).toBe(0);
    expect(end(proxy, { serial: old.serial + 1, request: 1 })).toBe(0);
    expect(client.gone).toBe(false);
    expect(end(proxy, first(proxy))).toBe(1);
  });

  it('is one of its server, where all of a server end', () => {
    const proxy = new SimulatedProxy(web({ servers: 2 }));
    const clients = [proxy.ask(get()), proxy.ask(get()), proxy.ask(get())];
    expect(proxy.loop.answer({ type: 'end-sessions', server: 0 })).toEqual({ type: 'done', count: 2 });
    proxy.settle();
    expect(clients.map(({ text }) => statuses(text))).toEqual([[502], [], [502]]);
  });
});

it('figures are of the thread as it is', () => {
  const proxy = new SimulatedProxy(web({}));
  proxy.ask(get());
  proxy.client();
  proxy.settle();
  const answer = proxy.loop.answer({ type: 'figures' });
  expect(answer).toMatchObject({ figures: { accepted: 2, clients: 2, streams: 1, waiting: 0, ready: 0 } });
  if (answer.type !== 'figures') throw new Error(answer.type);
  expect(answer.figures.loops).toBeGreaterThan(0);
  expect(answer.figures.buffers).toMatchObject({ sizeBytes: 16_384, failures: 0 });
});

it('descriptors are those of listeners, clients and servers, then the idle ones', () => {
  const proxy = new SimulatedProxy(web({}));
  proxy.ask(get());
  proxy.accepted(PORT).send(ok());
  proxy.settle();
  proxy.ask(get('/2'), 0);
  const kinds = (before: number): [number[], number] => {
    const answer = proxy.loop.answer({ type: 'descriptors', before });
    if (answer.type !== 'descriptors') throw new Error(answer.type);
    return [answer.descriptors.map(({ kind }) => kind), answer.next];
  };
  const [all, next] = kinds(0);
  expect(all[0]).toBe(0);
  expect(all.filter((kind) => kind === 1).length).toBe(2);
  expect(next).toBe(-1);
  expect(kinds(next)[1]).toBe(0);
});

it('a look heeds what control has written', () => {
  const proxy = new SimulatedProxy(web({ server: 'on-marked-down shutdown-sessions' }));
  const client = proxy.ask(get());
  proxy.shared.set(proxy.shared.server(0), 0);
  proxy.shared.add(HEADER_VERDICTS, 1);
  proxy.loop.answer({ type: 'look' });
  proxy.settle();
  expect(statuses(client.text)).toEqual([502]);
});
