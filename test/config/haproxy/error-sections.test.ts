/** `errorfiles` and `errorloc`: which page a proxy ends up with. */
import { describe, expect, it } from 'vitest';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';

/** A page is known by its reason, which is the name of its file. */
function load(text: string) {
  const timeouts = ' mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';
  const { model, problems } = loadHaproxyConfig(
    [{ name: 'x.cfg', text: text.replace('defaults\n', `defaults\n${timeouts}`) }],
    { env: {}, readFile: (path) => Buffer.from(`HTTP/1.1 503 ${path}\r\nContent-Length: 0\r\n\r\n`) },
  );
  const pages = model?.proxies[0]?.errorFiles.map(
    ({ status, content }) => `${status} ${content.toString('latin1').split('\r\n')[0]?.slice(13)}`,
  );
  return { pages, problems };
}

const SECTIONS =
  'http-errors one\n errorfile 503 one503\n errorfile 404 one404\nhttp-errors two\n errorfile 503 two503\n';

describe('errorfiles', () => {
  it.each([
    ['takes over all pages of a section', 'errorfiles one', ['404 one404', '503 one503']],
    ['or those that it names', 'errorfiles one 503', ['503 one503']],
    ['counts more than what stands before it', 'errorfile 503 own\n errorfiles one 503', ['503 one503']],
    ['counts less than what stands behind it', 'errorfiles one 503\n errorfile 503 own', ['503 own']],
    ['the last of several wins', 'errorfiles one\n errorfiles two', ['404 one404', '503 two503']],
    [
      'between two, a file wins over the first only',
      'errorfiles one\n errorfile 404 own\n errorfiles two',
      ['404 own', '503 two503'],
    ],
  ])('%s', (_, lines, pages) => {
    const proxy = `defaults\nfrontend f\n bind :80\n ${lines}\n`;
    expect(load(`${SECTIONS}${proxy}`).pages).toEqual(pages);
    // The section may come later.
    expect(load(`${proxy}${SECTIONS}`).pages).toEqual(pages);
  });

  it('is inherited from defaults, where a proxy has nothing of its own', () => {
    const text = `${SECTIONS}defaults\n errorfiles one\nfrontend f\n bind :80\n`;
    expect(load(text).pages).toEqual(['404 one404', '503 one503']);
    expect(load(`${text} errorfile 404 own\n`).pages).toEqual(['404 own', '503 one503']);
  });

  it.each([
    ['a section that does not exist', 'errorfiles three', 'error'],
    ['a status without pages', 'errorfiles one 299', 'error'],
    ['a status that the section has no page for', 'errorfiles two 404', 'warning'],
  ])('says what is wrong with %s', (_, lines, severity) => {
    const { problems } = load(`${SECTIONS}defaults\nfrontend f\n bind :80\n ${lines}\n`);
    expect(problems.map((problem) => problem.severity)).toContain(severity);
  });

  it.each(['http-errors\n', `${SECTIONS}http-errors one\n`, 'http-errors a!b\n', 'http-errors x\n bind :1\n'])(
    'cannot be read from %j',
    (text) => {
      const { problems } = load(`${text}defaults\nfrontend f\n bind :80\n`);
      expect(problems.some((problem) => problem.severity === 'error')).toBe(true);
    },
  );
});

describe('errorloc', () => {
  it.each([
    ['errorloc 503 /sorry', '302 Found'],
    ['errorloc302 503 /sorry', '302 Found'],
    ['errorloc303 503 /sorry', '303 See Other'],
  ])('%s is a page that redirects', (line, status) => {
    const { model } = loadHaproxyConfig(
      [{ name: 'x.cfg', text: `frontend f\n mode http\n timeout client 1s\n bind :80\n ${line}\n` }],
      { env: {}, readFile: () => Buffer.alloc(0) },
    );
    const [page] = model?.proxies[0]?.errorFiles ?? [];
    expect(page?.status).toBe(503);
    expect(page?.content.toString()).toContain(`HTTP/1.1 ${status}\r\n`);
    expect(page?.content.toString()).toContain('\r\nLocation: /sorry\r\n');
  });

  it('must not hold more than its location', () => {
    const text = 'frontend f\n mode http\n timeout client 1s\n bind :80\n errorloc 503 "/x\\r\\n\\r\\nbody"\n';
    const file = { name: 'x.cfg', text };
    expect(loadHaproxyConfig([file], { env: {}, readFile: () => Buffer.alloc(0) }).model).toBeNull();
  });
});
