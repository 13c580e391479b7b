/**
 * Every list of rules against every kind of server, checked by haproxy and by Tandem: both must come to the same verdict, with
 * the same code, in the same words, having asked the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { CheckStand, EXPECTED_FINDINGS, type Findings, type Requests } from './checks/stand.ts';

const DEADLINE_MS = 150_000;

describeWithPeer('haproxy', 'checks', () => {
  let theirs: CheckStand;
  let ours: CheckStand;
  beforeAll(async () => {
    theirs = await CheckStand.start(programPath('haproxy'));
    ours = await CheckStand.start(TANDEM_HAPROXY);
  });
  afterAll(async () => {
    await theirs?.stop();
    await ours?.stop();
  });

  it('find what haproxy finds, and ask what haproxy asks', async () => {
    // They are repeated until both agree: what a slow machine does to one of them, the next heals.
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const [found, wanted] = await Promise.all([ours.findings(), theirs.findings()]);
      const complete = found.size === EXPECTED_FINDINGS && wanted.size === EXPECTED_FINDINGS;
      const late = performance.now() > deadline;
      const same = complete && sameFindings(found, wanted) && unheard(ours, theirs).length === 0;
      if (!late && !same) {
        await sleep(500);
        continue;
      }
      expect(differences(found, wanted)).toEqual({});
      expect(found.size).toBe(EXPECTED_FINDINGS);
      break;
    }
    expect(unheard(ours, theirs)).toEqual([]);
  }, 200_000);
});

/** What one of them asked and the other did not; a check that ran out of time has asked the beginning. */
function unheard(ours: CheckStand, theirs: CheckStand): string[] {
  const missing: string[] = [];
  const compare = (who: string, some: Requests, others: Requests): void => {
    for (const [peer, texts] of Object.entries(some)) {
      const known = others[peer] ?? [];
      const strange = texts.filter((text) => !known.some((other) => other.startsWith(text)));
      missing.push(...strange.map((text) => `only ${who} asked ${peer}: ${text}`));
    }
  };
  compare('we', ours.requests, theirs.requests);
  compare('haproxy', theirs.requests, ours.requests);
  return missing;
}

function sameFindings(found: Findings, wanted: Findings): boolean {
  return Object.keys(differences(found, wanted)).length === 0;
}

function differences(found: Findings, wanted: Findings): Record<string, readonly (string | undefined)[]> {
  const names = new Set([...found.keys(), ...wanted.keys()]);
  const different = [...names].filter((name) => found.get(name) !== wanted.get(name));
  return Object.fromEntries(different.map((name) => [name, [found.get(name), wanted.get(name)]]));
}
