/**
 * The same faults of servers behind a real haproxy and behind Tandem, with every condition of `retry-on`: clients get the same
 * answers, servers see the same attempts, the log lines and the counters are the same.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { CASES } from './retries/cases.ts';
import { type Outcome, Scene } from './retries/scene.ts';

const WITHIN_MS = 120_000;

describeWithPeer('haproxy', 'retries like haproxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-retries-'));
  const ours = new Scene(CASES, join(folder, 'ours'));
  const theirs = new Scene(CASES, join(folder, 'theirs'));
  let outcomes: (readonly [Outcome, Outcome])[] = [];

  beforeAll(async () => {
    for (const side of ['ours', 'theirs']) mkdirSync(join(folder, side));
    await Promise.all([ours.start(TANDEM_HAPROXY), theirs.start(programPath('haproxy'))]);
    outcomes = await Promise.all(CASES.map((_, i) => Promise.all([ours.run(i), theirs.run(i)])));
  }, WITHIN_MS);

  afterAll(async () => {
    await Promise.all([ours.stop(), theirs.stop()]);
    rmSync(folder, { recursive: true });
  });

  it.each(CASES.map(({ what }, i) => [what, i] as const))('%s', (_, i) => {
    const [our, their] = outcomes[i] as readonly [Outcome, Outcome];
    expect(our).toEqual(their);
  });
});
