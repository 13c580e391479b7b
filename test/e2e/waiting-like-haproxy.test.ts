/**
 * Requests that wait, for a server or for their answer, behind a real haproxy and behind Tandem: the same ones are served in the
 * same order by the same servers, whatever happens to servers and clients meanwhile; log lines and counters are the same.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { CASES } from './waiting/case.ts';
import { type Outcome, Scene } from './waiting/scene.ts';

const WITHIN_MS = 120_000;

/** What does not come to its end is a difference of that case alone. */
function outcome(scene: Scene, i: number): Promise<Outcome | string> {
  return scene.run(i).catch((error: unknown) => String(error));
}

describeWithPeer('haproxy', 'waiting like haproxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-waiting-'));
  const ours = new Scene(CASES, join(folder, 'ours'));
  const theirs = new Scene(CASES, join(folder, 'theirs'));
  let outcomes: (readonly [Outcome | string, Outcome | string])[] = [];

  beforeAll(async () => {
    for (const side of ['ours', 'theirs']) mkdirSync(join(folder, side));
    await Promise.all([ours.start(TANDEM_HAPROXY), theirs.start(programPath('haproxy'))]);
    outcomes = await Promise.all(CASES.map((_, i) => Promise.all([outcome(ours, i), outcome(theirs, i)])));
  }, WITHIN_MS);

  afterAll(async () => {
    await Promise.all([ours.stop(), theirs.stop()]);
    rmSync(folder, { recursive: true });
  });

  it.each(CASES.map(({ what }, i) => [what, i] as const))('%s', (_, i) => {
    const [our, their] = outcomes[i] ?? [];
    expect(typeof their === 'string' ? their : '').toBe('');
    expect(our).toEqual(their);
  });
});
