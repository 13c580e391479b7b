/** Files given with -f become models by what they say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadWhole } from '../../src/cli/configuration.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-configuration-'));
  const files: Readonly<Record<string, string>> = {
    'proxy.conf':
      'defaults\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\nlisten web\n  bind 127.0.0.1:20090\n',
    'pair.cfg': 'vrrp_instance V {\n  interface eth0\n  virtual_router_id 1\n  include addresses.inc\n}\n',
    'addresses.inc': 'virtual_ipaddress { 10.0.0.1/24 }\n',
    'bad.cfg': 'listen web\n  bind 127.0.0.1:20090\n  blance roundrobin\n',
    'tracks.conf':
      'tandem {\n  track_proxy web\n  track_backend wep\n}\nvrrp_instance V {\n  interface eth0\n  virtual_router_id 1\n  virtual_ipaddress { 10.0.0.1/24 }\n}\n',
    'bad.conf': 'vrrp_instance V {\n  interfase eth0\n}\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (...names: string[]) => loadWhole(names.map((name) => join(folder, name)));

it('both kinds in any order, whatever they are called', () => {
  const { model, pair, hasProxies, problems } = load('pair.cfg', 'proxy.conf');
  expect(problems).toEqual([]);
  expect(hasProxies).toBe(true);
  expect(model?.proxies.map(({ name }) => name)).toEqual(['web']);
  expect(pair?.instances.map(({ addresses }) => addresses[0]?.ip)).toEqual(['10.0.0.1']);
});

it('one of them alone', () => {
  expect(load('proxy.conf')).toMatchObject({ pair: null, hasProxies: true });
  expect(load('pair.cfg')).toMatchObject({ hasProxies: false, model: { proxies: [] } });
});

it('neither, when one of them has an error', () => {
  const { model, pair, problems } = load('proxy.conf', 'bad.conf');
  expect([model, pair]).toEqual([null, null]);
  expect(problems.map(({ code }) => code)).toContain('unknown-keyword');
});

it('what the pair tracks has to be there', () => {
  const { pair, problems } = load('proxy.conf', 'tracks.conf');
  expect(pair).toBeNull();
  expect(problems.map(({ severity, line, message }) => `${severity} ${line} ${message}`)).toEqual([
    "error 3 track_backend: no backend or listen section with servers is called 'wep'",
  ]);
});

it('what the pair tracks has no effect without proxies, and that is said', () => {
  const { pair, problems } = load('tracks.conf');
  expect([pair === null, problems.map(({ severity, code, line }) => [severity, code, line])]).toEqual([
    false,
    [
      ['warning', 'nothing-to-track', 2],
      ['warning', 'nothing-to-track', 3],
    ],
  ]);
});

it('a file that is not there is an error', () => {
  const { model, pair, problems } = load('proxy.conf', 'nowhere.conf');
  expect([model, pair]).toEqual([null, null]);
  expect(problems.map(({ code }) => code)).toEqual(['unreadable-file']);
});
