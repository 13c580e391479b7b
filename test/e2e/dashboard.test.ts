/**
 * The dashboard in a real browser, on `tandem demo` as `npm start` runs it: what happens is shown, buttons do what they say, it
 * asks nobody else for anything, and it is there for who cannot see it well.
 */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { RealServerStatus } from '../../src/l4/status.ts';
import { Chromium, type Page } from '../support/chromium.ts';
import { DemoProgram } from '../support/demo-program.ts';
import { instanceStatus } from '../support/instance-status.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { quietPort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import {
  deadServer,
  destinationFigures,
  realServerStatus,
  sorryServer,
  virtualServerStatus,
} from '../support/virtual-server-status.ts';
import { CONTRAST, NAMES } from './dashboard/accessibility.ts';
import { DashboardFixture } from './dashboard/fixture.ts';

const row = (backend: string, server: string): string => `[data-backend=${backend}] [data-server=${server}]`;
const one = (selector: string): string => `document.querySelector(${JSON.stringify(selector)})`;
const text = (selector: string): string => `(${one(selector)}?.innerText ?? '')`;

describeWithPeer('chromium', 'dashboard in a browser', () => {
  let port = 0;
  let demo: DemoProgram;
  let browser: Chromium;
  let page: Page;

  beforeAll(async () => {
    port = await quietPort();
    demo = await DemoProgram.start(port);
    browser = await Chromium.start(programPath('chromium'));
    page = await browser.newPage();
    await page.resize(1280, 900);
    await page.look({ theme: 'light' });
    await page.open(demo.dashboard);
    await page.until(`${text('#link')}.includes('live') && ${one(row('shop', 'web2'))} !== null`);
  });

  afterAll(async () => {
    await browser?.stop();
    await demo?.stop();
  });

  it('shows servers, and figures that move', async () => {
    expect(demo.output.indexOf('Dashboard: ')).toBeLessThan(demo.output.indexOf('Try, in another'));
    await page.until(`${text(row('shop', 'web1'))}.includes('L7OK 200')`);
    await page.until(`Number.parseFloat(${text('[data-backend=shop] .facts dd')}) > 0`);
    // A line of more than two points.
    await page.until(`${one('#overview .line')}.getAttribute('d')?.split('L').length > 3`);
    await page.until(`${text('#health')}.includes('all is well')`);
  });

  it('can be read without eyes, and with weak ones', async () => {
    expect(await page.value(NAMES)).toEqual([]);
    for (const theme of ['light', 'dark'] as const) {
      await page.look({ theme });
      expect(await page.value(CONTRAST), theme).toEqual([]);
    }
    await page.look({ theme: 'light' });
  });

  it('changes servers, when it was asked twice', async () => {
    const drain = `${row('demo', 'web1')} [data-what=drain]`;
    await page.click(drain);
    await page.until(`${one('#confirm')}.open && ${text('#confirm-title')} === 'Drain demo/web1?'`);
    await page.press('Escape');
    await page.until(`!${one('#confirm')}.open && document.activeElement === ${one(drain)}`);
    expect(await page.value(text(`${row('demo', 'web1')} .state`))).toContain('up');

    await page.press('Enter');
    await page.until(`${one('#confirm')}.open`);
    expect(await page.value('document.activeElement.textContent')).toBe('Drain');
    await page.press('Enter');
    await page.until(`${text(`${row('demo', 'web1')} .state`)}.includes('draining')`);
    await page.until(`${one(drain)}.getAttribute('aria-pressed') === 'true'`);
    // Each on a way of its own: the answer, and what the program prints.
    await page.until(`${text('#notice')} === 'demo/web1: drain'`);
    await expect.poll(() => demo.output, { timeout: 60_000 }).toContain('dashboard: demo/web1 drain');
    expect(await page.value(CONTRAST)).toEqual([]);

    await page.click(`${row('demo', 'web1')} [data-what=ready]`);
    await page.until(`${one('#confirm')}.open`);
    await page.click('#confirm .go');
    await page.until(`${text(`${row('demo', 'web1')} .state`)}.includes('up')`);
  });

  it('sets weights, and says why one cannot be', async () => {
    await page.click(`${row('demo', 'web2')} [data-what=weight]`);
    await page.until(`${one('#confirm')}.open`);
    await page.type('300');
    await page.click('#confirm .go');
    await page.until(`${text('#confirm-trouble')} !== ''`);
    await page.value(`${one('#confirm input')}.select()`);
    await page.type('7');
    await page.press('Enter');
    await page.until(`!${one('#confirm')}.open`);
    await page.until(`${text(`${row('demo', 'web2')} [data-label=Weight]`)} === '7'`);
  });

  it('shows that a server died', async () => {
    await demo.toggle('web2');
    await page.until(`${one(row('shop', 'web2'))}.dataset.tone === 'bad'`);
    const entry = `[...document.querySelectorAll('.log li')].find((item) => item.innerText.includes('shop/web2'))`;
    await page.until(`${entry} !== undefined`);
    // Control's own clock, and the browser's, are the same.
    const late = await page.value<number>(`Date.now() - Date.parse(${entry}.querySelector('time').dateTime)`);
    console.log(`a server that died was seen ${late} ms after the control process knew`);
    await page.until(`${text('#complaints')}.includes('shop/web2')`);
    await page.until(`document.title.startsWith('(!)')`);
    await page.until(`${text('[data-backend=shop] .told')}.includes('degraded')`);
    expect(await page.value(NAMES)).toEqual([]);
    for (const theme of ['light', 'dark'] as const) {
      await page.look({ theme });
      expect(await page.value(CONTRAST), theme).toEqual([]);
    }
    await demo.toggle('web2');
    await page.until(`${one(row('shop', 'web2'))}.dataset.tone === 'good' && ${one('#complaints')}.hidden`);
  });

  it('can be used by keyboard, from the first element on', async () => {
    await page.value(`(document.activeElement?.blur(), window.scrollTo(0, 0), getSelection().removeAllRanges())`);
    await page.open(demo.dashboard);
    await page.until(`${text('#link')}.includes('live')`);
    const order: string[] = [];
    for (let i = 0; i < 6; i++) {
      await page.press('Tab');
      order.push(
        await page.value(
          `document.activeElement.id || document.activeElement.className.baseVal || document.activeElement.className`,
        ),
      );
    }
    expect(order).toEqual(['skip', 'theme', 'canvas', 'canvas', 'canvas', 'canvas']);
    await page.until(`${one('#overview .line')}.getAttribute('d') !== null`);
    await page.press('ArrowLeft');
    await page.until(`[...document.querySelectorAll('.to')].some(({ innerText }) => innerText === '5 s ago')`);
  });

  it('has a theme that was chosen here, also after it is loaded again', async () => {
    const ground = 'getComputedStyle(document.body).backgroundColor';
    await page.look({ theme: 'light' });
    const light = await page.value(ground);
    await page.click('#theme');
    await page.click('#theme');
    expect(await page.value(text('#theme'))).toBe('Theme: dark');
    const dark = await page.value(ground);
    expect(dark).not.toBe(light);
    await page.open(demo.dashboard);
    await page.until(`${text('#theme')} === 'Theme: dark'`);
    expect(await page.value(ground)).toBe(dark);
    await page.click('#theme');
    expect(await page.value(ground)).toBe(light);
  });

  it('fits a phone, and moves nothing for who does not want that', async () => {
    await page.until(`${one(row('shop', 'web2'))} !== null`);
    await page.resize(390, 844);
    await page.until('document.documentElement.scrollWidth <= 390 && innerWidth === 390');
    expect(await page.value(`getComputedStyle(${one(row('shop', 'web2'))}).display`)).toBe('grid');
    await page.resize(1280, 900);
    await page.look({ reducedMotion: true });
    expect(await page.value(`getComputedStyle(${one('main')}).transitionDuration`)).toBe('0s');
  });

  it('asks nobody else for anything, and has had no trouble', () => {
    const { origin } = new URL(demo.dashboard);
    expect(page.requests.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
    expect(page.requests.length).toBeGreaterThan(5);
    // The weight that was refused is an error to a browser.
    expect(page.complaints.filter((complaint) => !complaint.includes('409 (Conflict)'))).toEqual([]);
  });

  it('may run no script of others: the policy says so, and the browser obeys', async () => {
    const before = page.complaints.length;
    await page.value(`(() => {
      const script = document.createElement('script');
      document.body.append(script);
      try { script.textContent = 'window.foreign = true'; } catch {}
      const button = document.createElement('button');
      try { button.setAttribute('onclick', 'window.foreign = true'); } catch {}
      button.click();
    })()`);
    expect(await page.value('window.foreign === undefined')).toBe(true);
    await expect.poll(() => page.complaints.length, { timeout: 60_000 }).toBeGreaterThan(before);
  });

  it('says when the program is gone, and goes on when it is back', async () => {
    await page.open(demo.dashboard);
    await page.until(`${text('#link')}.includes('live')`);
    await demo.stop();
    await page.until(`${text('#link')}.includes('stale') && document.body.dataset.link === 'stale'`);
    // What was seen last is still there.
    expect(await page.value(text(row('shop', 'web1')))).toContain('L7OK');
    demo = await DemoProgram.start(port);
    await page.until(`${text('#link')}.includes('live') && document.body.dataset.link === 'live'`);
    // With the new program's secret.
    await page.click(`${row('demo', 'web1')} [data-what=maint]`);
    await page.until(`${one('#confirm')}.open`);
    await page.click('#confirm .go');
    await page.until(`${text(`${row('demo', 'web1')} .state`)}.includes('maintenance')`);
  });

  it('shows both boxes of a pair, and the addresses in the one that has them', async () => {
    const addresses = ['192.0.2.10/24', '192.0.2.11/24'];
    let instance = instanceStatus({ addresses });
    const config = 'backend app\n mode http\n timeout server 1s\n timeout connect 1s\n server s1 192.0.2.1:80\n';
    const fixture = new DashboardFixture(config, () => ({
      instances: [instance],
      groups: [],
      rulesTrouble: null,
      virtualServers: [],
    }));
    const other = await browser.newPage();
    await other.resize(1280, 900);
    await other.open(fixture.url);
    const box = (label: string): string => text(`[aria-label="${label} box"]`);
    await other.until(`${box('The other')}.includes('192.0.2.10/24')`);
    expect(await other.value(box('The other'))).toMatch(/192\.0\.2\.2.*MASTER.*200.*heard 400 ms ago/s);
    expect(await other.value(box('This'))).toMatch(/BACKUP.*100.*as configured/s);

    const reasons = [{ what: 'track_script chk failed', weight: -20 }];
    instance = { ...instance, state: 'MASTER', holds: true, master: null, effectivePriority: 80, reasons };
    fixture.side.chronicle.note('vrrp', 'VRRP1', 'MASTER', 'its master was silent');
    await other.until(`${box('This')}.includes('192.0.2.11/24')`);
    expect(await other.value(box('This'))).toMatch(/MASTER.*80.*configured 100; track_script chk failed −20/s);
    expect(await other.value(box('The other'))).not.toContain('192.0.2.10');
    await other.until(`${text('#beside .log')}.includes('its master was silent')`);
    await other.click('[data-instance=VRRP1] [data-what=backup]');
    await other.until(`${text('#confirm-title')} === 'Make backup VRRP1?'`);
    await other.click('#confirm .go');
    await other.until(`${text('#notice')} === 'VRRP1: backup'`);
    expect(fixture.asked).toEqual(['VRRP1 backup']);
    instance = { ...instance, forced: 'backup' };
    fixture.side.chronicle.note('vrrp', 'VRRP1', 'BACKUP', 'by hand');
    await other.until(`${one('[data-instance=VRRP1] [data-what=backup]')}.getAttribute('aria-pressed') === 'true'`);
    expect(await other.value(NAMES)).toEqual([]);
    for (const theme of ['light', 'dark'] as const) {
      await other.look({ theme });
      expect(await other.value(CONTRAST), theme).toEqual([]);
    }
    fixture.close();
  });

  it('shows virtual servers of the kernel: who serves, how much, and why not', async () => {
    const first = realServerStatus('10.0.0.71:80', { weight: 3, configuredWeight: 3 });
    const [second, sorry] = [realServerStatus('10.0.0.72:80'), sorryServer('10.0.0.9:80')];
    const many = Array.from({ length: 9 }, (_, i) => virtualServerStatus({ name: `[192.0.2.${i + 2}]:tcp:443` }));
    const web = (...servers: readonly RealServerStatus[]) => virtualServerStatus({ quorum: 2, servers });
    let all = [web(first, second, sorry), ...many];
    // Without proxies, as on a box that is a keepalived alone.
    const fixture = new DashboardFixture('', () => ({
      instances: [],
      groups: [],
      rulesTrouble: null,
      virtualServers: all,
    }));
    const other = await browser.newPage();
    await other.resize(1280, 900);
    await other.open(fixture.url);
    const card = '[data-virtual="[192.0.2.1]:tcp:80"]';
    const line = (address: string): string => text(`${card} [data-server="${address}"]`);
    await other.until(`${line('10.0.0.71:80')} !== ''`);
    expect(await other.value(text(card))).toMatch(/2 up.*rr, weight 4, quorum 2/s);
    expect(await other.value(line('10.0.0.71:80'))).toMatch(/NAT.*up.*3.*http: status 200/s);
    expect(await other.value(line('10.0.0.9:80'))).toMatch(/sorry server.*spare/s);
    expect(await other.value(text('#virtual-servers .tally'))).toBe('10, with 21 servers');
    const hidden = ['overview', 'frontends', 'backends'].map((id) => `${one(`#${id}`)}.hidden`);
    await other.until(hidden.join(' && '));

    // Five connections a second, by the program's clock; then the second one fails.
    let connections = 0;
    const counted = (): RealServerStatus => {
      connections += 5;
      return { ...first, figures: destinationFigures({ connections, active: 7, requestBytes: connections * 2048 }) };
    };
    const rate = text(`${card} [data-server="10.0.0.71:80"] [data-label=Connections]`);
    await vi.waitFor(
      async () => {
        all = [web(counted(), second, sorry), ...many];
        await fixture.side.time.advance(1000);
        fixture.side.chronicle.note('reload', 'configuration', 'done', '');
        expect(Number.parseFloat(await other.value(rate))).toBeGreaterThan(0);
      },
      { timeout: 60_000, interval: 100 },
    );
    expect(await other.value(line('10.0.0.71:80'))).toMatch(/7.*iB\/s/s);

    const inUse = sorryServer('10.0.0.9:80', true);
    const dead = deadServer('10.0.0.72:80', 'status 503');
    all = [web({ ...first, weight: 1, isBalanced: false }, dead, inUse), ...many];
    fixture.side.chronicle.note('real-server', '[10.0.0.72]:tcp:80', 'DOWN', 'status 503');
    await other.until(`${text(`${card} .told`)}.includes('on its sorry server')`);
    expect(await other.value(line('10.0.0.72:80'))).toMatch(/down.*http: status 503/s);
    expect(await other.value(line('10.0.0.71:80'))).toMatch(/up, not used.*1 of 3/s);
    expect(await other.value(text('#complaints'))).toContain('is served by its sorry server');
    expect(await other.value(NAMES)).toEqual([]);
    for (const theme of ['light', 'dark'] as const) {
      await other.look({ theme });
      expect(await other.value(CONTRAST), theme).toEqual([]);
    }
    await other.click(`${card} [data-server="10.0.0.72:80"] [data-what=weight]`);
    await other.until(`${text('#confirm-title')} === 'Set weight of [10.0.0.72]:tcp:80?'`);
    await other.type('65000');
    await other.press('Enter');
    await other.until(`${text('#notice')} === '[10.0.0.72]:tcp:80: weight 65000'`);
    expect(fixture.asked).toEqual(['[192.0.2.1]:tcp:80 [10.0.0.72]:tcp:80 {"weight":65000}']);
    await other.click('#virtual-servers .only input');
    const shown = `[...document.querySelectorAll('[data-virtual]')].filter(({ hidden }) => !hidden).length`;
    await other.until(`${shown} === 1`);
    await other.resize(390, 844);
    await other.until('document.documentElement.scrollWidth <= 390 && innerWidth === 390');
    expect(other.complaints).toEqual([]);
    fixture.close();
  });

  it('is there behind a stats uri, for those who log in', async () => {
    const stats = await quietPort();
    const proxy = await ProxyProcess.start(
      TANDEM_HAPROXY,
      `
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
listen app
  bind 127.0.0.1:${stats}
  stats enable
  stats uri /ops/haproxy?stats
  stats auth me:secret
  stats admin if TRUE
  server s1 192.0.2.1:80
`,
      stats,
    );
    const url = `http://127.0.0.1:${stats}/ops/haproxy?stats;dashboard`;
    expect((await fetch(url)).status).toBe(401);
    const other = await browser.newPage();
    await other.logIn('me', 'secret');
    await other.open(url);
    await other.click(`${row('app', 's1')} [data-what=drain]`);
    await other.until(`${one('#confirm')}.open`);
    await other.click('#confirm .go');
    await other.until(`${text(`${row('app', 's1')} .state`)}.includes('draining')`);
    expect(other.complaints).toEqual([]);
    await proxy.stop();
  });
});
