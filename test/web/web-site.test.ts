/** What the web server listens on: addresses that come, stay and go with a keepalived.conf that is read again. */
import { afterEach, expect, it } from 'vitest';
import { httpAddress } from '../../src/config/http-address.ts';
import { silentJournal } from '../../src/daemon/journal.ts';
import { WebSite } from '../../src/web/web-site.ts';
import { PROXIES } from '../support/admin-scene.ts';
import { FakeAdminSide } from '../support/admin-side.ts';
import { connects, freePort } from '../support/ports.ts';

const sites: WebSite[] = [];
afterEach(() => {
  for (const site of sites.splice(0)) site.close();
});

function newSite(): WebSite {
  const proxies = new FakeAdminSide(PROXIES);
  const site = new WebSite(() => ({ proxies, pair: null, journal: silentJournal }));
  sites.push(site);
  return site;
}

const at = (port: number, admin = false) => ({ address: { family: 4, ip: '127.0.0.1', port } as const, admin });
const hasForms = async (port: number): Promise<boolean> =>
  (await (await fetch(`http://127.0.0.1:${port}/stats`)).text()).includes('<select');

it('addresses come and go; one that stays may become one for changes, and back', async () => {
  const site = newSite();
  const [one, two] = [await freePort(), await freePort()];
  expect(site.listen([at(one)])).toEqual([]);
  expect(await hasForms(one)).toBe(false);
  expect(site.listen([at(one, true), at(two)])).toEqual([]);
  expect(site.urls).toEqual([`http://127.0.0.1:${one}/`, `http://127.0.0.1:${two}/`]);
  expect([await hasForms(one), await hasForms(two)]).toEqual([true, false]);
  expect(site.listen([at(two), at(one)])).toEqual([]);
  expect(await hasForms(one)).toBe(false);
  expect(site.listen([at(two)])).toEqual([]);
  await expect.poll(() => connects(one), { timeout: 20_000 }).toBe(false);
  expect(await connects(two)).toBe(true);
});

it('what cannot be had is said, and the rest is there', async () => {
  const other = newSite();
  const site = newSite();
  const [taken, free] = [await freePort(), await freePort()];
  expect(other.listen([at(taken)])).toEqual([]);
  const [trouble = '', ...more] = site.listen([at(taken), at(free)]);
  expect(trouble).toMatch(new RegExp(`^http: .* for \\[127\\.0\\.0\\.1:${taken}\\]$`));
  expect(more).toEqual([]);
  expect(await connects(free)).toBe(true);
});

it('pages are where they are said to be', async () => {
  const site = newSite();
  site.listen([at(await freePort())]);
  const [url = ''] = site.urls;
  const kinds = await Promise.all(
    ['', 'stats', 'stats;csv', 'metrics', 'status', 'nothing'].map(async (path) => {
      const response = await fetch(url + path);
      await response.arrayBuffer();
      return [path, response.status, response.headers.get('content-type')?.split(';')[0]];
    }),
  );
  expect(kinds).toEqual([
    ['', 200, 'text/html'],
    ['stats', 200, 'text/html'],
    ['stats;csv', 200, 'text/plain'],
    ['metrics', 200, 'text/plain'],
    ['status', 200, 'application/json'],
    ['nothing', 404, 'text/plain'],
  ]);
});

it.each([
  ['127.0.0.1:8405', '127.0.0.1 8405'],
  ['*:80', '0.0.0.0 80'],
  ['localhost:0', '127.0.0.1 0'],
  ['[::1]:8405', '::1 8405'],
  ['8405', null],
  [':8405', null],
  ['127.0.0.1', null],
  ['127.0.0.1:65536', null],
  ['::1:8405', null],
  ['[127.0.0.1]:1', null],
  ['example.org:80', null],
  ['', null],
])('%j is %s', (text, meant) => {
  const address = httpAddress(text);
  expect(address === null ? null : `${address.ip} ${address.port}`).toBe(meant);
});
