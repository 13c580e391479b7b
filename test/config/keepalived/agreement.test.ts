/**
 * Small configurations (test/config/golden/keepalived/agreement.json), judged by the real `keepalived -t` and by the loader:
 * both are content or neither is, but for the differences that are listed there with their reason. A place puts a valid rest
 * around lines:
 *
 *   instance   lines of a vrrp_instance on eth0 with one address
 *   global     lines of global_defs, with such an instance behind it
 *   file       the whole file
 *
 * The interfaces eth0 and eth1 are in a network namespace: keepalived looks whether they are there.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KeepalivedJudge, keepalivedVersion, type Verdict } from '../../support/keepalived-verdict.ts';
import { NamespaceLab } from '../../support/namespaces.ts';
import { describeWithPeer, programPath } from '../../support/peers.ts';

type Place = 'instance' | 'global' | 'file';

interface Agreement {
  readonly cases: Readonly<Record<Place, readonly string[]>>;
  readonly differences: readonly { place: Place; lines: string; keepalived: 'accepts' | 'refuses'; why: string }[];
}

const golden = join(import.meta.dirname, '../golden/keepalived/agreement.json');
const { cases, differences }: Agreement = JSON.parse(readFileSync(golden, 'utf8'));

const INSTANCE = 'vrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 51\n';

function wholeFile(place: Place, lines: string): string {
  const address = lines.includes('virtual_ipaddress {') ? '' : '  virtual_ipaddress {\n    10.0.0.10/24\n  }\n';
  switch (place) {
    case 'file':
      return lines;
    case 'instance':
      return `${INSTANCE}  ${lines}\n${address}}\n`;
    case 'global':
      return `global_defs {\n  ${lines}\n}\n${INSTANCE}${address}}\n`;
  }
}

const version = keepalivedVersion();
const comparable = version === '2.2';

describeWithPeer(['keepalived', 'netns', 'ip'], 'the loader agrees with keepalived -t', () => {
  const lab = new NamespaceLab();
  let judgeOf = (): KeepalivedJudge => {
    throw new Error('nobody judges yet');
  };

  beforeAll(() => {
    const box = lab.add('kt');
    const judge = new KeepalivedJudge(box.exec);
    judgeOf = () => judge;
    const ip = (...args: string[]) => spawnSync(programPath('ip'), ['-n', box.name, ...args], { stdio: 'ignore' });
    ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
    ip('addr', 'add', '10.0.0.1/24', 'dev', 'eth0');
    for (const name of ['eth0', 'eth1']) ip('link', 'set', name, 'up');
  });
  afterAll(async () => {
    await lab.remove();
    judgeOf().remove();
  });

  const judge = (place: Place, lines: string): Promise<Verdict> => judgeOf().judge(wholeFile(place, lines));

  it(`is compared with keepalived 2.2 (installed: ${version})`, () => {
    expect(Object.values(cases).flat().length).toBeGreaterThan(200);
  });

  const all = comparable ? Object.entries(cases) : [];
  const table = all.flatMap(([place, list]) => list.map((lines) => [place as Place, lines] as const));
  it.each(table)('%s: %j', async (place, lines) => {
    const { tandem, keepalived, said } = await judge(place, lines);
    expect(tandem, said).toBe(keepalived);
  });

  it.each(comparable ? differences : [])(
    '$place: $lines (keepalived $keepalived: $why)',
    async ({ place, lines, keepalived }) => {
      const judged = await judge(place, lines);
      expect(judged.keepalived, judged.said).toBe(keepalived === 'accepts');
      expect(judged.tandem, judged.said).toBe(keepalived === 'refuses');
    },
  );
});
