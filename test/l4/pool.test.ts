import { describe, expect, it } from 'vitest';
import { PoolScene, realServer, script, sorryServer, tcpCheck, virtualServer } from '../support/pool-scene.ts';

const VS = '[192.0.2.1]:tcp:80';
const rs = (n: number) => `[10.0.0.${n}]:tcp:80`;

function two(more: Parameters<typeof virtualServer>[0] = {}): ReturnType<typeof virtualServer> {
  return virtualServer({ realServers: [realServer(1), realServer(2)], ...more });
}

describe('the start', () => {
  it('takes servers for up, and says that the quorum is there', () => {
    const scene = new PoolScene(two()).start();
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
    expect(scene.changes).toBe(1);
    expect(scene.take()).toEqual([
      `log Gained quorum 1+0=1 <= 2 for VS ${VS}`,
      'run quorum-up',
      `line VS ${VS} UP`,
      `note virtual-server ${VS} UP: quorum 1+0=1 <= 2`,
    ]);
  });

  it('runs notifiers of servers where rs_init_notifies asks for it, before that of the quorum', () => {
    const scene = new PoolScene(two(), { rsInitNotifies: true }).start();
    expect(scene.take('run', 'line')).toEqual([
      ...['run up-1', `line RS ${rs(1)} ${VS} UP`, 'run up-2', `line RS ${rs(2)} ${VS} UP`],
      ...['run quorum-up', `line VS ${VS} UP`],
    ]);
  });

  it('waits for the checks with alpha, and tells of a server that was down all along when its first check fails', () => {
    const check = tcpCheck({ alpha: true });
    const realServers = [realServer(1, { checks: [check] }), realServer(2, { checks: [check, check] })];
    const scene = new PoolScene(virtualServer({ realServers })).start();
    expect(scene.balanced).toBe('');
    expect(scene.take()).toEqual([]);
    scene.say(1, true);
    expect(scene.balanced).toBe('10.0.0.1=1');
    expect(scene.take('log', 'run')).toEqual([
      `log Adding service ${rs(1)} to VS ${VS}`,
      'run up-1',
      `log Gained quorum 1+0=1 <= 1 for VS ${VS}`,
      'run quorum-up',
    ]);
    scene.say(2, false);
    expect(scene.take()).toEqual([
      ...['run down-2', `line RS ${rs(2)} ${VS} DOWN`],
      `note real-server ${VS}/${rs(2)} DOWN: tcp: connection refused`,
    ]);
    scene.say(2, false, { at: 1 });
    expect(scene.take()).toEqual([]);
    scene.say(2, true);
    expect(scene.balanced).toBe('10.0.0.1=1');
    scene.say(2, true, { at: 1 });
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
  });

  it('has servers without checks up, alpha or not', () => {
    const scene = new PoolScene(virtualServer({ realServers: [realServer(1, { alpha: true, checks: [] })] })).start();
    expect(scene.balanced).toBe('10.0.0.1=1');
  });

  it('without quorum and without a sorry server says nothing, and balances what there is', () => {
    const scene = new PoolScene(two({ quorum: 3 })).start();
    expect(scene.take()).toEqual([]);
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
    expect(scene.pool.status(new Map()).hasQuorum).toBe(false);
  });

  it('without quorum has the sorry server at once', () => {
    const scene = new PoolScene(two({ quorum: 3, sorryServer: sorryServer() })).start();
    expect(scene.balanced).toBe('10.0.0.99=1');
    expect(scene.take('log', 'run')).toEqual([
      `log Starting with quorum down 3-0=3 > 2 for VS ${VS}`,
      `log Adding sorry server ${rs(99)} to VS ${VS}`,
      `log Removing alive servers from the pool for VS ${VS}`,
      'run quorum-down',
    ]);
  });

  it('begins suspended where ha_suspend said so before', () => {
    const scene = new PoolScene(two({ haSuspend: true }));
    scene.pool.suspend(true);
    scene.start();
    expect(scene.checks.map(({ suspended }) => suspended)).toEqual([true, true]);
    expect(scene.pool.status(new Map()).suspended).toBe(true);
    scene.pool.suspend(false);
    expect(scene.checks.map(({ suspended }) => suspended)).toEqual([false, false]);
  });
});

describe('a server', () => {
  it('leaves with its first check that fails, and is back with the last one that succeeds', () => {
    const realServers = [realServer(1, { checks: [tcpCheck(), tcpCheck()] }), realServer(2)];
    const scene = new PoolScene(virtualServer({ realServers })).start();
    scene.take();
    scene.say(1, false);
    expect(scene.balanced).toBe('10.0.0.2=1');
    expect(scene.take()).toEqual([
      `log Removing service ${rs(1)} from VS ${VS}`,
      ...['run down-1', `line RS ${rs(1)} ${VS} DOWN`],
      `note real-server ${VS}/${rs(1)} DOWN: tcp: connection refused`,
    ]);
    scene.say(1, false, { at: 1 });
    scene.say(1, true);
    expect(scene.take()).toEqual([]);
    scene.say(1, true, { at: 1 });
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
    expect(scene.take('log', 'run')).toEqual([`log Adding service ${rs(1)} to VS ${VS}`, 'run up-1']);
  });

  it('with inhibit_on_failure stays, with weight 0, from the start on', () => {
    const realServers = [
      realServer(1, { weight: 5, inhibitOnFailure: true, checks: [tcpCheck({ alpha: true })] }),
      realServer(2),
    ];
    const scene = new PoolScene(virtualServer({ realServers })).start();
    expect(scene.balanced).toBe('10.0.0.1=0 10.0.0.2=1');
    scene.take();
    scene.say(1, true);
    expect(scene.balanced).toBe('10.0.0.1=5 10.0.0.2=1');
    scene.say(1, false);
    expect(scene.balanced).toBe('10.0.0.1=0 10.0.0.2=1');
    expect(scene.take('log')).toEqual([
      `log Enabling service ${rs(1)} of VS ${VS}`,
      `log Disabling service ${rs(1)} of VS ${VS}`,
    ]);
  });

  it('has the weight that checks make of it, between 0 and 65535, and with weight 0 stays', () => {
    const realServers = [realServer(1, { weight: 10 }), realServer(2)];
    const scene = new PoolScene(virtualServer({ realServers })).start();
    scene.take();
    scene.say(1, true, { weightChange: 7 });
    expect(scene.balanced).toBe('10.0.0.1=17 10.0.0.2=1');
    expect(scene.take('log')).toEqual([`log Changing weight from 10 to 17 for active service ${rs(1)} of VS ${VS}`]);
    scene.say(1, true, { weightChange: -20 });
    expect(scene.balanced).toBe('10.0.0.1=0 10.0.0.2=1');
    scene.say(1, true, { weightChange: 70_000 });
    expect(scene.balanced).toBe('10.0.0.1=65535 10.0.0.2=1');
  });

  it('that goes down loses what its check added, without a word about that', () => {
    const scene = new PoolScene(two()).start();
    scene.say(1, true, { weightChange: 7 });
    scene.take();
    scene.say(1, false);
    expect(scene.take('log')).toEqual([`log Removing service ${rs(1)} from VS ${VS}`]);
    scene.say(1, true);
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
  });
});

describe('the quorum', () => {
  const servers = [realServer(1, { weight: 2 }), realServer(2, { weight: 2 }), realServer(3, { weight: 2 })];

  it('is lost and gained with hysteresis', () => {
    const scene = new PoolScene(virtualServer({ realServers: servers, quorum: 4, hysteresis: 1 })).start();
    expect(scene.take('log', 'run')).toEqual([`log Gained quorum 4+1=5 <= 6 for VS ${VS}`, 'run quorum-up']);
    scene.say(1, false);
    expect(scene.take('log Lost', 'run')).toEqual(['run down-1']);
    scene.say(2, false);
    expect(scene.take('log Lost', 'run')).toEqual([
      ...['run down-2', `log Lost quorum 4-1=3 > 2 for VS ${VS}`, 'run quorum-down'],
    ]);
    scene.say(2, true);
    expect(scene.take('log Gained', 'run')).toEqual(['run up-2']);
    scene.say(1, true);
    expect(scene.take('log Gained', 'run')).toEqual([
      ...['run up-1', `log Gained quorum 4+1=5 <= 6 for VS ${VS}`, 'run quorum-up'],
    ]);
  });

  it('is lost with the last server whatever the hysteresis', () => {
    const scene = new PoolScene(two({ hysteresis: 1, quorum: 1 })).start();
    scene.say(1, false);
    scene.take();
    scene.say(2, false);
    expect(scene.take('log Lost')).toEqual([`log Lost quorum 1-1=0 > 0 for VS ${VS}`]);
  });

  it('counts weights as checks make them', () => {
    const scene = new PoolScene(two({ quorum: 2 })).start();
    scene.take();
    scene.say(1, true, { weightChange: -1 });
    expect(scene.take('log', 'run')).toEqual([
      `log Changing weight from 1 to 0 for active service ${rs(1)} of VS ${VS}`,
      `log Lost quorum 2-0=2 > 1 for VS ${VS}`,
      'run quorum-down',
    ]);
  });
});

describe('the sorry server', () => {
  it('comes when the quorum is lost, in place of those that are up, and goes when it is gained', () => {
    const scene = new PoolScene(two({ quorum: 2, sorryServer: sorryServer() })).start();
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
    scene.take();
    scene.say(1, false);
    expect(scene.balanced).toBe('10.0.0.99=1');
    expect(scene.take('log')).toEqual([
      `log Removing service ${rs(1)} from VS ${VS}`,
      `log Lost quorum 2-0=2 > 1 for VS ${VS}`,
      `log Adding sorry server ${rs(99)} to VS ${VS}`,
      `log Removing alive servers from the pool for VS ${VS}`,
    ]);
    scene.say(2, false);
    scene.say(2, true);
    expect(scene.balanced).toBe('10.0.0.99=1');
    scene.take();
    scene.say(1, true);
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
    expect(scene.take('log')).toEqual([
      `log Adding service ${rs(1)} to VS ${VS}`,
      `log Gained quorum 2+0=2 <= 2 for VS ${VS}`,
      `log Removing sorry server ${rs(99)} from VS ${VS}`,
      `log Adding alive servers to the pool for VS ${VS}`,
    ]);
  });

  it('with sorry_server_inhibit stays, with weight 0', () => {
    const scene = new PoolScene(two({ quorum: 2, sorryServer: sorryServer({ inhibits: true }) })).start();
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1 10.0.0.99=0');
    scene.take();
    scene.say(1, false);
    expect(scene.balanced).toBe('10.0.0.99=1');
    expect(scene.take('log Enabling')).toEqual([`log Enabling sorry server ${rs(99)} to VS ${VS}`]);
    scene.say(1, true);
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1 10.0.0.99=0');
    expect(scene.take('log Disabling')).toEqual([`log Disabling sorry server ${rs(99)} from VS ${VS}`]);
  });

  it('leaves servers with inhibit_on_failure where they are, with weight 0', () => {
    const realServers = [realServer(1, { inhibitOnFailure: true }), realServer(2, { inhibitOnFailure: true })];
    const scene = new PoolScene(virtualServer({ realServers, quorum: 2, sorryServer: sorryServer() })).start();
    scene.say(1, false);
    expect(scene.balanced).toBe('10.0.0.1=0 10.0.0.2=0 10.0.0.99=1');
  });

  it('is there once where it is a real server, and stays, too', () => {
    const sorry = sorryServer({ address: realServer(2).address, inhibits: true });
    const scene = new PoolScene(two({ quorum: 2, sorryServer: sorry })).start();
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
  });

  it('may be one of the real servers', () => {
    const sorry = sorryServer({ address: realServer(2).address });
    const scene = new PoolScene(two({ quorum: 2, sorryServer: sorry })).start();
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
    scene.say(1, false);
    expect(scene.balanced).toBe('10.0.0.2=1');
    expect(scene.pool.status(new Map()).servers).toHaveLength(2);
  });
});

describe('mails', () => {
  it('tell of servers and of the quorum, with the reason below', () => {
    const realServers = [realServer(1, { smtpAlert: true })];
    const scene = new PoolScene(virtualServer({ realServers, smtpAlert: true })).start();
    expect(scene.take('mail')).toEqual([
      `mail [box] Virtualserver ${VS} - UP: => Starting with quorum up 1+0=1 <= 1 <=`,
    ]);
    scene.say(1, false);
    expect(scene.take('mail')).toEqual([
      `mail [box] Virtualserver ${VS} - DOWN: => Lost quorum 1-0=1 > 0 <=`,
      `mail [box] Realserver ${rs(1)} of virtual server ${VS} - DOWN: => TCP CHECK failed on service <=\n\nconnection refused`,
    ]);
    scene.say(1, true);
    expect(scene.take('mail')).toEqual([
      `mail [box] Virtualserver ${VS} - UP: => Gained quorum 1+0=1 <= 1 <=`,
      `mail [box] Realserver ${rs(1)} of virtual server ${VS} - UP: => TCP CHECK succeed on service <=`,
    ]);
  });

  it.each([
    [true, 2],
    [false, 1],
  ])('of checks that change nothing come unless no_checker_emails (mails of checks: %s)', (checkerMails, mails) => {
    const server = realServer(1, { smtpAlert: true, checks: [tcpCheck(), tcpCheck()] });
    const scene = new PoolScene(virtualServer({ realServers: [server] }), { checkerMails }).start();
    scene.say(1, false);
    scene.say(1, false, { at: 1 });
    expect(scene.take('mail')).toHaveLength(mails);
  });
});

describe('the end', () => {
  it('stops checks, and without omega tells nobody', () => {
    const scene = new PoolScene(two()).start();
    scene.say(2, false);
    scene.take();
    scene.pool.stop();
    expect(scene.checks.every(({ stopped }) => stopped)).toBe(true);
    expect(scene.take()).toEqual([
      `log Shutting down service ${rs(1)} from VS ${VS}`,
      `log Shutting down service ${rs(2)} from VS ${VS}`,
    ]);
    expect(scene.balanced).toBe('10.0.0.1=1');
  });

  it('with omega runs notifiers as if all went down', () => {
    const realServers = [realServer(1, { smtpAlert: true }), realServer(2)];
    const scene = new PoolScene(virtualServer({ realServers, smtpAlert: true, omega: true })).start();
    scene.say(2, false);
    scene.take();
    scene.pool.stop();
    expect(scene.take('run', 'line', 'mail')).toEqual([
      ...['run down-1', `line RS ${rs(1)} ${VS} DOWN`],
      `mail [box] Realserver ${rs(1)} of virtual server ${VS} - DOWN: => Shutting down <=`,
      ...['run quorum-down', `line VS ${VS} DOWN`],
      `mail [box] Virtualserver ${VS} - DOWN: => Shutting down <=`,
    ]);
    scene.checks[0]?.home.changed({ isUp: false, weightChange: 0, why: '', checkedWallMs: 1 });
    scene.pool.stop();
    expect(scene.take()).toEqual([]);
  });

  it('of one whose place a sorry server has taken: it is down, too, but was not there to be removed', () => {
    const scene = new PoolScene(two({ quorum: 2, sorryServer: sorryServer() })).start();
    scene.say(1, false);
    scene.take();
    scene.pool.remove();
    expect(scene.take('log', 'run')).toEqual([`log Removing Virtual Server ${VS}`, 'run down-2']);
  });

  it('of a virtual server that is not in the file any more tells in any case', () => {
    const scene = new PoolScene(two({ sorryServer: sorryServer() })).start();
    scene.take();
    scene.pool.remove();
    expect(scene.take('log', 'run')).toEqual([
      `log Removing Virtual Server ${VS}`,
      `log Removing service ${rs(1)} from VS ${VS}`,
      'run down-1',
      `log Removing service ${rs(2)} from VS ${VS}`,
      'run down-2',
      `log Lost quorum 1-0=1 > 0 for VS ${VS}`,
      'run quorum-down',
    ]);
  });
});

describe('an operator', () => {
  it('sets a weight in place of what is written and checked, and takes it back', () => {
    const scene = new PoolScene(two()).start();
    expect(scene.pool.setWeight(rs(1), 0)).toBe(true);
    expect(scene.balanced).toBe('10.0.0.1=0 10.0.0.2=1');
    scene.say(1, true, { weightChange: 5 });
    expect(scene.balanced).toBe('10.0.0.1=0 10.0.0.2=1');
    scene.pool.setWeight(rs(1), null);
    expect(scene.balanced).toBe('10.0.0.1=6 10.0.0.2=1');
    expect(scene.pool.setWeight(rs(3), 0)).toBe(false);
  });

  it('holds a server up or down', () => {
    const scene = new PoolScene(two()).start();
    scene.take();
    scene.pool.hold(rs(1), 'down');
    expect(scene.take('log', 'run', 'note')).toEqual([
      ...[`log Removing service ${rs(1)} from VS ${VS}`, 'run down-1'],
      `note real-server ${VS}/${rs(1)} DOWN: held down by hand`,
    ]);
    scene.say(1, false);
    scene.pool.hold(rs(1), 'up');
    expect(scene.balanced).toBe('10.0.0.1=1 10.0.0.2=1');
    scene.pool.hold(rs(1), null);
    expect(scene.balanced).toBe('10.0.0.2=1');
  });
});

describe('the status', () => {
  it('says what there is, with figures of the kernel', () => {
    const sorry = sorryServer({ inhibits: true });
    const realServers = [realServer(1, { weight: 3 }), realServer(2)];
    const scene = new PoolScene(virtualServer({ realServers, sorryServer: sorry, quorumUp: script('a') })).start();
    scene.nowMs = 5000;
    scene.say(2, false);
    const figures = { connections: 7, requestPackets: 1, requestBytes: 1, replyPackets: 1, replyBytes: 1 };
    const more = { active: 2, inactive: 3, isFull: false };
    const status = scene.pool.status(new Map([['192_0_2_1_tcp_80/10_0_0_1_80', { ...figures, ...more }]]));
    expect(status).toMatchObject({
      ...{
        name: VS,
        places: ['192.0.2.1 80'],
        weightUp: 3,
        quorum: 1,
        hasQuorum: true,
        sorry: false,
        suspended: false,
      },
      servers: [
        { name: rs(1), isUp: true, configuredWeight: 3, weight: 3, isBalanced: true, lastChangeMs: null },
        { name: rs(2), isUp: false, isBalanced: false, lastChangeMs: 5000 },
        { name: rs(99), isSorryServer: true, isUp: true, weight: 0, isBalanced: true, checks: [] },
      ],
    });
    expect(status.servers[0]?.figures.connections).toBe(7);
    expect(status.servers[1]?.figures.connections).toBe(0);
    expect(status.servers[1]?.checks).toEqual([
      { kind: 'tcp', isUp: false, why: 'connection refused', checkedMs: 5000 },
    ]);
  });
});
