import { describe, expect, it } from 'vitest';
import type { RealServer, VirtualServer } from '../../src/config/l4-model.ts';
import { miscCheck, PoolScene, realServer, sorryServer, tcpCheck, virtualServer } from '../support/pool-scene.ts';

const VS = '[192.0.2.1]:tcp:80';
const rs = (n: number) => `[10.0.0.${n}]:tcp:80`;

function started(realServers: readonly RealServer[], more: Partial<VirtualServer> = {}): PoolScene {
  const scene = new PoolScene(virtualServer({ realServers, ...more })).start();
  scene.take();
  scene.changes = 0;
  return scene;
}

function reloaded(scene: PoolScene, realServers: readonly RealServer[], more: Partial<VirtualServer> = {}): PoolScene {
  return scene.reload(virtualServer({ realServers, ...more }));
}

describe('a reload', () => {
  it('that changes nothing is heard of by nobody, and checks go on', () => {
    const servers = [realServer(1), realServer(2)];
    const scene = started(servers);
    scene.say(1, false);
    scene.take();
    reloaded(scene, servers);
    expect(scene.take()).toEqual([]);
    expect(scene.balanced).toBe('10.0.0.2=1');
    expect(scene.checks).toHaveLength(2);
    scene.say(1, true);
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
    expect(scene.take('run')).toEqual(['run up-1']);
  });

  it('leaves nothing to say to the pool that was', () => {
    const scene = started([realServer(1)]);
    const { pool } = scene;
    reloaded(scene, [realServer(1)]);
    expect(pool.setWeight(rs(1), 5)).toBe(false);
    pool.stop();
    expect(scene.take()).toEqual([]);
    expect(scene.balanced).toBe('10.0.0.1=1');
  });

  it('takes out servers that are gone, and tells that they are down', () => {
    const scene = started([realServer(1), realServer(2, { smtpAlert: true })]);
    reloaded(scene, [realServer(1)]);
    expect(scene.balanced).toBe('10.0.0.1=1');
    expect(scene.changes).toBe(1);
    expect(scene.checksOf(2)).toEqual([]);
    expect(scene.take()).toEqual([
      `log service ${rs(2)} no longer exist`,
      `log Removing service ${rs(2)} from VS ${VS}`,
      ...['run down-2', `line RS ${rs(2)} ${VS} DOWN`],
      `note real-server ${VS}/${rs(2)} DOWN: not in the configuration any more`,
      `mail [box] Realserver ${rs(2)} of virtual server ${VS} - DOWN: => Removing <=`,
    ]);
  });

  it('begins new servers as alpha says', () => {
    const scene = started([realServer(1)]);
    const pessimist = realServer(3, { checks: [tcpCheck({ alpha: true })] });
    reloaded(scene, [realServer(1), realServer(2), pessimist]);
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
    expect(scene.take()).toEqual([]);
  });

  it('has new weights at once, and judges the quorum by them once', () => {
    const scene = started([realServer(1, { weight: 5 })], { quorum: 3 });
    reloaded(scene, [realServer(1, { weight: 2 })], { quorum: 3 });
    expect(scene.balanced).toBe('10.0.0.1=2');
    expect(scene.take('log', 'run')).toEqual([
      `log Changing weight from 5 to 2 for active service ${rs(1)} of VS ${VS}`,
      `log Starting with quorum down 3-0=3 > 2 for VS ${VS}`,
      'run quorum-down',
    ]);
  });

  it('that replaces all servers keeps the quorum', () => {
    const scene = started([realServer(1)]);
    reloaded(scene, [realServer(2)]);
    expect(scene.take('run')).toEqual(['run down-1']);
    expect(scene.balanced).toBe('10.0.0.2=1');
  });

  it('keeps what an operator said', () => {
    const scene = started([realServer(1), realServer(2)]);
    scene.pool.setWeight(rs(1), 0);
    scene.pool.hold(rs(2), 'down');
    reloaded(scene, [realServer(1, { weight: 9 }), realServer(2, { weight: 9 })]);
    expect(scene.balanced).toBe('10.0.0.1=0');
  });

  it('keeps checks suspended, unless ha_suspend is gone', () => {
    const scene = started([realServer(1)], { haSuspend: true });
    scene.pool.suspend(true);
    reloaded(scene, [realServer(1), realServer(2)], { haSuspend: true });
    expect(scene.checks.map(({ suspended }) => suspended)).toEqual([true, true]);
    reloaded(scene, [realServer(1), realServer(2)]);
    expect(scene.checks.map(({ suspended }) => suspended)).toEqual([false, false]);
  });
});

describe('checks over a reload', () => {
  it('with another timing know what was known', () => {
    const scene = started([realServer(1), realServer(2)]);
    scene.say(1, false);
    reloaded(scene, [realServer(1, { checks: [tcpCheck({ intervalMs: 2000, alpha: true })] }), realServer(2)]);
    expect(scene.checks).toHaveLength(3);
    expect(scene.checksOf(1)).toHaveLength(1);
    expect(scene.checksOf(1)[0]?.state).toMatchObject({ isUp: false, why: 'connection refused' });
    expect(scene.balanced).toBe('10.0.0.2=1');
  });

  it('that are new do not take down a server that is up, even with alpha', () => {
    const scene = started([realServer(1)]);
    scene.say(1, true);
    reloaded(scene, [realServer(1, { checks: [tcpCheck(), miscCheck('look', { alpha: true })] })]);
    expect(scene.balanced).toBe('10.0.0.1=1');
    scene.say(1, false, { at: 1 });
    expect(scene.balanced).toBe('');
  });

  it('that are new count from the start where the server was found down', () => {
    const scene = started([realServer(1)]);
    scene.say(1, false);
    reloaded(scene, [realServer(1, { checks: [tcpCheck(), miscCheck('look', { alpha: true })] })]);
    scene.say(1, true);
    expect(scene.balanced).toBe('');
    scene.say(1, true, { at: 1 });
    expect(scene.balanced).toBe('10.0.0.1=1');
  });

  it('that had not been made yet still keep their server out', () => {
    const alpha = tcpCheck({ alpha: true });
    const scene = started([realServer(1, { checks: [alpha] })]);
    reloaded(scene, [realServer(1, { weight: 3, checks: [alpha] })]);
    expect(scene.balanced).toBe('');
    expect(scene.checks).toHaveLength(1);
  });

  it('that are gone let their server be up again, which is told', () => {
    const scene = started([realServer(1, { checks: [tcpCheck(), miscCheck('look')] })]);
    scene.say(1, false, { at: 1 });
    scene.take();
    reloaded(scene, [realServer(1)]);
    expect(scene.checks.map(({ stopped }) => stopped)).toEqual([false, true]);
    expect(scene.take('log', 'run')).toEqual([
      ...[`log Adding service ${rs(1)} to VS ${VS}`, 'run up-1'],
      ...[`log Gained quorum 1+0=1 <= 1 for VS ${VS}`, 'run quorum-up'],
    ]);
  });

  it('that set a whole weight still set it when another one is written', () => {
    const scene = started([realServer(1, { weight: 10, checks: [miscCheck('look')] })]);
    scene.say(1, true, { weightChange: 20 });
    expect(scene.balanced).toBe('10.0.0.1=30');
    reloaded(scene, [realServer(1, { weight: 50, checks: [miscCheck('look')] })]);
    expect(scene.balanced).toBe('10.0.0.1=30');
    expect(scene.checksOf(1)[0]?.home.weight).toBe(50);
  });
});

describe('the sorry server over a reload', () => {
  const sorry = sorryServer();

  it('stays in', () => {
    const scene = started([realServer(1)], { sorryServer: sorry });
    scene.say(1, false);
    scene.take();
    reloaded(scene, [realServer(1)], { sorryServer: sorry });
    expect(scene.balanced).toBe('10.0.0.99=1');
    expect(scene.take()).toEqual([]);
  });

  it('is replaced by another one; who knows that the quorum is lost is not told again', () => {
    const scene = started([realServer(1)], { sorryServer: sorry });
    scene.say(1, false);
    scene.take();
    const other = sorryServer({ address: { family: 4, ip: '10.0.0.98', port: 80 } });
    reloaded(scene, [realServer(1)], { sorryServer: other });
    expect(scene.balanced).toBe('10.0.0.98=1');
    expect(scene.take('log', 'run', 'line')).toEqual([
      `log Removing sorry server ${rs(99)} from VS ${VS}`,
      `log Starting with quorum down 1-0=1 > 0 for VS ${VS}`,
      `log Adding sorry server ${rs(98)} to VS ${VS}`,
      `log Removing alive servers from the pool for VS ${VS}`,
    ]);
  });

  it('that is not written any more makes room for those that are up', () => {
    const scene = started([realServer(1), realServer(2)], { quorum: 2, sorryServer: sorry });
    scene.say(1, false);
    expect(scene.balanced).toBe('10.0.0.99=1');
    reloaded(scene, [realServer(1), realServer(2)], { quorum: 2 });
    expect(scene.balanced).toBe('10.0.0.2=1');
  });

  it('that is new comes only when it is needed', () => {
    const scene = started([realServer(1)]);
    reloaded(scene, [realServer(1)], { sorryServer: sorry });
    expect(scene.balanced).toBe('10.0.0.1=1');
    scene.say(1, false);
    expect(scene.balanced).toBe('10.0.0.99=1');
  });
});
