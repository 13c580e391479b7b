/**
 * The pair by an operator's hand: `set vrrp` on the stats socket, with a real keepalived as the other box, and with proxies between
 * two Tandems; what `tandem status` says meanwhile.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Status } from '../../src/admin/status.ts';
import { describeAsRoot } from '../support/peers.ts';
import { ask } from '../support/stats-client.ts';
import { type Box, PairLab, routerText, VIP } from './pair/pair-lab.ts';

const TANDEM = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'tandem.js');
const MOVED_MS = 15_000;
const EXIT_FINE = 0;
const EXIT_FAILED = 1;
const EXIT_WARNING = 3;

describeAsRoot('a pair by hand, in namespaces', () => {
  const lab = new PairLab();
  const socketOf = (box: Box) => join(lab.folder, `${box}.sock`);
  const tandem = (box: Box, priority: number, lines = '') =>
    `tandem {\n socket ${socketOf(box)}\n}\n${routerText({ version: 3, interval: '0.1', lines }, priority)}`;
  const keepalived = (priority: number) => routerText({ version: 3, interval: '0.1' }, priority);

  beforeAll(() => lab.up());
  afterEach(() => lab.clear());
  afterAll(() => lab.down());

  const say = (box: Box, command: string) => ask(socketOf(box), `${command}\n`);
  const status = async (box: Box) => JSON.parse(await say(box, 'show status json')) as Status;
  const instance = async (box: Box) => {
    const [one] = (await status(box)).pair?.instances ?? [];
    if (one === undefined) throw new Error('there is no instance');
    return one;
  };
  /** What it prints, and how it ends. */
  const tandemStatus = (box: Box) => {
    const result = spawnSync(process.execPath, [TANDEM, 'status', '--socket', socketOf(box)], { encoding: 'utf8' });
    return { text: result.stdout + result.stderr, exitCode: result.status };
  };
  /** Its stats socket comes last. */
  const serves = (box: Box) => lab.eventually(`${box} has a socket`, () => existsSync(socketOf(box)), MOVED_MS);
  /** It goes on hearing the other one, and does not act. */
  async function hears(box: Box, adverts: number): Promise<void> {
    const enough = (await instance(box)).counters.advertsReceived + adverts;
    while ((await instance(box)).counters.advertsReceived < enough) await sleep(50);
  }

  it('a master gives its address to keepalived, gently or not, and has it back when it is released', {
    timeout: 120_000,
  }, async () => {
    await lab.start('lb1', 'tandem', tandem('lb1', 150));
    await lab.start('lb2', 'keepalived', keepalived(100));
    await lab.owners(['lb1'], MOVED_MS);
    await serves('lb1');
    expect(tandemStatus('lb1')).toEqual({
      text: expect.stringMatching(/VI_1 {2}MASTER {2}10\.77\.0\.100\/24 {2}priority 150 {2}for .* this box has it/),
      exitCode: EXIT_FINE,
    });

    expect(await say('lb1', 'set vrrp VI_1 backup')).toContain('VI_1: forced to be backup');
    await lab.owners(['lb2'], MOVED_MS);
    expect((await status('lb1')).events.slice(0, 2).map(({ to }) => to)).toEqual(['BACKUP', 'LEAVING']);
    await hears('lb1', 12);
    await lab.owners(['lb2'], MOVED_MS);
    expect(await instance('lb1')).toMatchObject({
      state: 'BACKUP',
      forced: 'backup',
      holds: false,
      master: { address: '10.77.0.2', priority: 100 },
    });
    expect(tandemStatus('lb1')).toEqual({
      text: expect.stringContaining("! VI_1 is forced to be backup, until 'set vrrp VI_1 release'"),
      exitCode: EXIT_WARNING,
    });
    await say('lb1', 'set vrrp VI_1 release');
    await lab.owners(['lb1'], MOVED_MS);

    await say('lb1', 'set vrrp VI_1 fault');
    await lab.owners(['lb2'], MOVED_MS);
    expect(await instance('lb1')).toMatchObject({ state: 'FAULT', forced: 'fault', faults: ['set vrrp VI_1 fault'] });
    await say('lb1', 'set vrrp VI_1 release');
    await lab.owners(['lb1'], MOVED_MS);
    const { events } = await status('lb1');
    expect(events.slice(0, 3).map(({ to }) => to)).toEqual(['MASTER', 'BACKUP', 'FAULT']);
    lab.signal('lb1', 'SIGTERM');
    await lab.ended('lb1');
    expect(tandemStatus('lb1').exitCode).toBe(EXIT_FAILED);
  });

  it('a backup takes over from a better keepalived, also one that is not to preempt; a reload keeps it', {
    timeout: 120_000,
  }, async () => {
    await lab.start('lb1', 'keepalived', keepalived(150));
    await lab.owners(['lb1'], MOVED_MS);
    await lab.start('lb2', 'tandem', tandem('lb2', 100, 'nopreempt'));
    await serves('lb2');
    await hears('lb2', 1);
    expect(await say('lb2', 'set vrrp VI_1 master')).toContain('It takes over within');
    await lab.owners(['lb2'], MOVED_MS);
    expect(await instance('lb2')).toMatchObject({
      ...{ state: 'MASTER', forced: 'master', configuredPriority: 100, effectivePriority: 254 },
      reasons: [{ what: 'set vrrp VI_1 master', weight: 154 }],
    });
    lab.write('lb2', tandem('lb2', 100, 'nopreempt\n garp_master_delay 2'));
    expect(await say('lb2', 'reload')).toMatch(/^Success=1\n--\n/);
    await lab.says('lb2', "(VI_1) is still forced to be master, until 'set vrrp VI_1 release'", MOVED_MS);
    expect(await instance('lb2')).toMatchObject({ state: 'MASTER', forced: 'master', effectivePriority: 254 });
    await say('lb2', 'set vrrp VI_1 release');
    await lab.owners(['lb1'], MOVED_MS);
  });

  it('between two Tandems with proxies no request fails', { timeout: 120_000 }, async () => {
    await lab.start('lb1', 'proxies', tandem('lb1', 150));
    await lab.start('lb2', 'proxies', tandem('lb2', 100));
    await lab.owners(['lb1'], MOVED_MS);
    await serves('lb1');
    const result = await lab.requests(async () => {
      await say('lb1', 'set vrrp VI_1 backup');
      await lab.owners(['lb2'], MOVED_MS);
    });
    expect([result.once.failures, result.keep.failures]).toEqual([[], []]);
    expect(result.once.from.slice(0, 2)).toEqual(['10.77.0.1', '10.77.0.2']);
    expect([result.once.sent, result.keep.sent]).toEqual([result.once.answered, result.keep.answered]);
    const { pair, proxies } = await status('lb1');
    expect([pair?.instances[0]?.addresses, proxies.map(({ name }) => name)]).toEqual([[`${VIP}/24`], ['web']]);
  });
}, ['netns', 'ip', 'nft', 'keepalived']);
