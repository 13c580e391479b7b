import { describe, expect, it } from 'vitest';
import { defaultAnswer, type ErrorPage, errorFileAnswers } from '../../src/proxy/error-pages.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, web } from '../support/web.ts';

const text = (page: ErrorPage | null) => page?.slab.bytes.toString('latin1', 0, page.end) ?? null;
const head = (page: ErrorPage | null) => page?.slab.bytes.toString('latin1', 0, page.headEnd) ?? null;

function fromFile(content: string, status = 503) {
  const answer = errorFileAnswers({ [status]: Buffer.from(content).toString('base64') }).get(status);
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

describe('the answers of HAProxy', () => {
  const STATUSES = [400, 403, 405, 408, 413, 414, 417, 429, 431, 500, 501, 502, 503, 504, 505];

  it.each(STATUSES)('%i is a response whose length is right', (status) => {
    const { keep, close } = defaultAnswer(status);
    for (const page of keep === null ? [close] : [keep, close]) {
      const whole = text(page) ?? '';
      expect(whole).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z][^\\r\\n]+\\r\\n`));
      const body = whole.slice(page.headEnd);
      expect(Number(/Content-Length: (\d+)\r\n/.exec(whole)?.[1])).toBe(body.length);
      expect(body).toContain(`<h1>${status} `);
      expect(whole).toContain('Cache-Control: no-cache\r\n');
    }
    expect(text(close)).toContain('\r\nConnection: close\r\n');
    expect(text(keep) ?? '').not.toContain('Connection:');
  });

  it('that say that what follows cannot be trusted end the connection', () => {
    expect(STATUSES.filter((status) => defaultAnswer(status).keep === null)).toEqual([
      400, 408, 413, 414, 417, 431, 501, 505,
    ]);
  });

  it('are that of 500 where there is none', () => {
    expect(defaultAnswer(599)).toBe(defaultAnswer(500));
  });
});

describe('an errorfile', () => {
  it('is sent as it is, but for its Connection fields', () => {
    const file = 'HTTP/1.0 503 No\r\nX: y\r\nconnection: close\r\nKeep-Alive: 3\r\nContent-Length: 4\r\n\r\nbody';
    const { keep, close } = fromFile(file.replace('close', 'keep-alive'));
    expect(text(keep)).toBe('HTTP/1.0 503 No\r\nX: y\r\nContent-Length: 4\r\n\r\nbody');
    expect(text(close)).toBe('HTTP/1.0 503 No\r\nX: y\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody');
  });

  it('that says Connection: close ends the connection', () => {
    const { keep, close } = fromFile('HTTP/1.1 503 No\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n');
    expect([keep, text(close)]).toEqual([null, 'HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n']);
  });

  it('without a length ends the connection', () => {
    expect(fromFile('HTTP/1.0 503 No\r\n\r\nbody').keep).toBeNull();
  });

  it('with a status that ends the connection does so', () => {
    expect(fromFile('HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n', 400).keep).toBeNull();
  });

  it('may have bare line feeds in its head', () => {
    const { keep } = fromFile('HTTP/1.1 503 No\nContent-Length: 3\n\na\nb');
    expect(text(keep)).toBe('HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\na\nb');
  });

  it('may be a head alone, without its blank line', () => {
    const { close } = fromFile('HTTP/1.1 503 No\r\nX: y\r\n');
    expect(text(close)).toBe('HTTP/1.1 503 No\r\nX: y\r\nConnection: close\r\n\r\n');
  });

  it('that is empty is no answer at all', () => {
    const { keep, close } = fromFile('');
    expect([keep, text(close)]).toEqual([null, '']);
  });

  it('answers HEAD with its head alone', () => {
    const { keep } = fromFile('HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbody');
    expect(head(keep)).toBe('HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\n');
  });
});

describe('the answer that a client gets', () => {
  it('lets the connection go on, also after HEAD', () => {
    const proxy = new SimulatedProxy(web({ servers: 0 }));
    const client = proxy.ask(get().replace('GET', 'HEAD') + get());
    expect(client.text).toBe(`${head(defaultAnswer(503).keep)}${text(defaultAnswer(503).keep)}`);
    expect(client.sawEnd).toBe(false);
    proxy.expectClean();
  });

  it('lets a client of HTTP/1.0 go on that has asked for it, and says so', () => {
    const proxy = new SimulatedProxy(web({ servers: 0 }));
    const client = proxy.ask('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    expect(client.text).toBe(text(defaultAnswer(503).keepOld));
    expect(client.text).toContain('\r\nConnection: keep-alive\r\n\r\n');
    expect(client.sawEnd).toBe(false);
    proxy.expectClean();
  });

  it('is for other clients of HTTP/1.0 the last one', () => {
    const proxy = new SimulatedProxy(web({ servers: 0 }));
    const client = proxy.ask('GET / HTTP/1.0\r\n\r\n');
    expect(client.text).toBe(text(defaultAnswer(503).close));
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });

  it('is the errorfile, when there is one', () => {
    const proxy = new SimulatedProxy(web({ servers: 0, lines: 'errorfile 503 /some/file' }));
    const client = proxy.ask(get());
    expect(client.text).toBe('HTTP/1.0 503 No\r\nConnection: close\r\n\r\ncontent of /some/file');
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });
});
