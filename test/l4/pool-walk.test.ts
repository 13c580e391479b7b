/** Anything in any order: what a pool does follows from what it was told, and nobody hears the same news twice. */
import { describe, expect, it } from 'vitest';
import type { RealServer, VirtualServer } from '../../src/config/l4-model.ts';
import { miscCheck, PoolScene, realServer, sorryServer, tcpCheck, virtualServer } from '../support/pool-scene.ts';
import { SeededRandom } from '../support/random.ts';

const STEPS = 400;
const NUMBERS = [1, 2, 3, 4] as const;

function randomServer(random: SeededRandom, n: number): RealServer {
  const alpha = random.below(3) === 0;
  const checks = [tcpCheck({ alpha }), miscCheck('look', { alpha })].slice(0, random.below(3));
  return realServer(n, { weight: random.below(4), inhibitOnFailure: random.below(3) === 0, checks });
}

function randomModel(random: SeededRandom): VirtualServer {
  const quorum = 1 + random.below(5);
  return virtualServer({
    realServers: NUMBERS.filter(() => random.below(4) > 0).map((n) => randomServer(random, n)),
    quorum,
    hysteresis: random.below(quorum),
    sorryServer: random.below(2) === 0 ? null : sorryServer({ inhibits: random.below(2) === 0 }),
    haSuspend: random.below(2) === 0,
  });
}

/** What the kernel should have, from the checks alone and whether there is a quorum. */
function expectedBalance(scene: PoolScene): string {
  const { model } = scene.pool;
  const { hasQuorum } = scene.pool.status(new Map());
  const isSorry = !hasQuorum && model.sorryServer !== null;
  const servers = model.realServers.flatMap(({ address, weight, inhibitOnFailure }) => {
    const checks = scene.checks.filter(({ home, stopped }) => !stopped && home.address.ip === address.ip);
    const isIn = checks.every(({ state }) => state.isUp) && !isSorry;
    const sum = checks.reduce((all, { state }) => all + state.weightChange, weight);
    if (isIn) return [`${address.ip}=${Math.max(0, sum)}`];
    return inhibitOnFailure ? [`${address.ip}=0`] : [];
  });
  if (isSorry) servers.push('10.0.0.99=1');
  else if (model.sorryServer?.inhibits) servers.push('10.0.0.99=0');
  return servers.join(' ');
}

function step(random: SeededRandom, scene: PoolScene): void {
  const roll = random.below(20);
  if (roll === 0) scene.reload(randomModel(random));
  else if (roll === 1) scene.reload(scene.pool.model);
  else if (roll === 2) scene.pool.suspend(random.below(2) === 0);
  else {
    const n = random.pick(NUMBERS);
    const checks = scene.checksOf(n);
    if (checks.length === 0) return;
    const at = random.below(checks.length);
    const isUp = random.below(3) > 0;
    const isMisc = checks[at]?.check.kind === 'misc';
    scene.say(n, isUp, { at, weightChange: isUp && isMisc ? random.below(7) - 3 : 0 });
  }
}

describe('a walk', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('through everything that may happen (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const scene = new PoolScene(randomModel(random)).start();
    const last = new Map<string, string>();
    let shown = JSON.stringify(scene.pool.service);
    scene.changes = 0;
    for (let i = 0; i < STEPS; i++) {
      const { pool } = scene;
      const hadQuorum = pool.status(new Map()).hasQuorum;
      step(random, scene);
      // A new one is up, and nobody is told: rs_init_notifies is off.
      const old = pool.model.realServers.map(({ address }) => address.ip);
      for (const n of NUMBERS)
        if (!old.includes(`10.0.0.${n}`)) last.delete(`RS [10.0.0.${n}]:tcp:80 ${pool.model.name}`);
      const { weightUp, hasQuorum, quorum } = scene.pool.status(new Map());
      const { hysteresis } = scene.pool.model;
      expect(scene.balanced).toBe(expectedBalance(scene));
      if (weightUp >= quorum + hysteresis) expect(hasQuorum).toBe(true);
      else if (weightUp < quorum - hysteresis || weightUp === 0) expect(hasQuorum).toBe(false);
      else if (pool === scene.pool) expect(hasQuorum).toBe(hadQuorum);
      const now = JSON.stringify(scene.pool.service);
      if (pool === scene.pool) expect(scene.changes).toBe(now === shown ? 0 : 1);
      [shown, scene.changes] = [now, 0];
      for (const line of scene.take('line')) {
        const [, subject = '', state = ''] = /^line (.*) (UP|DOWN)$/.exec(line) ?? [];
        expect(last.get(subject), line).not.toBe(state);
        last.set(subject, state);
      }
    }
  });
});
