import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadHaproxyConfig } from '../../src/config/haproxy/load.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';

const path = join(import.meta.dirname, '../../examples/haproxy.cfg');

it('examples/haproxy.cfg has no error and no warning', () => {
  const file = { name: 'haproxy.cfg', text: readFileSync(path, 'utf8') };
  const { model, problems } = loadHaproxyConfig([file], { env: {}, readFile: () => Buffer.alloc(0), hostname: 'here' });
  expect(problems).toEqual([]);
  expect(model?.proxies.map(({ name }) => name)).toEqual(['www', 'site']);
});

describeWithPeer('haproxy', 'the example in haproxy', () => {
  it('runs there too', () => {
    const { status, stderr } = spawnSync(programPath('haproxy'), ['-c', '-q', '-f', path], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});
