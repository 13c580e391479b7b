/** Adding, moving and deleting servers: answers, what the data process hears, and what is shown afterwards. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SERVER_BYTES_OUT_LOW, SERVER_SESSIONS, STATE_MAINT, STATE_UP } from '../../../src/proxy/shared-state.ts';
import { AdminScene } from '../../support/admin-scene.ts';

const PROXIES = `
defaults
 mode http
 timeout connect 1s
 timeout client 1s
 timeout server 1s
frontend web
 bind :80
 http-request deny if { srv_is_up(app/s3) }
 default_backend app
backend app
 cookie SRV insert dynamic
 dynamic-cookie-key secret
 server s1 192.0.2.1:80 weight 10
 server s2 192.0.2.2:80 check
 server s3 192.0.2.3
 use-server s1 if { path /one }
backend still
 balance source
 server s1 192.0.2.1:80
backend off
 disabled
 server s1 192.0.2.1:80
`;

let scene: AdminScene;
beforeEach(() => {
  scene = new AdminScene('level admin', '', PROXIES.replace(' http-request deny if { srv_is_up(app/s3) }\n', ''));
});
afterEach(() => scene.close());

async function column(server: string, name: string, backend = 'app'): Promise<string | undefined> {
  const [head = '', ...rows] = (await scene.ask('show stat')).split('\n');
  const at = head.slice(2).split(',').indexOf(name);
  return rows.find((row) => row.startsWith(`${backend},${server},`))?.split(',')[at];
}

describe('add server', () => {
  it('makes one in maintenance, that serves when somebody says so', async () => {
    expect(await scene.ask('add server app/new 192.0.2.9:80 weight 5')).toBe('New server registered.\n\n');
    expect(scene.side.told).toMatchObject([
      { number: 1, changes: [{ kind: 'set', server: { name: 'new', index: 4, weight: 5, backend: 1 } }] },
    ]);
    expect(scene.side.stateOf(4)).toBe(STATE_MAINT);
    expect(await column('new', 'status')).toBe('MAINT');
    await scene.ask('enable server app/new');
    expect(scene.side.stateOf(4)).toBe(STATE_UP);
    expect(await column('new', 'status')).toBe('no check');
    expect(await column('new', 'addr')).toBe('192.0.2.9:80');
    expect(await scene.ask('get weight app/new')).toBe('5 (initial 5)\n\n');
  });

  it('gives it a cookie of the backend’s key', async () => {
    await scene.ask('add server app/new 192.0.2.9:80');
    const [first] = scene.side.told[0]?.changes ?? [];
    expect(first).toMatchObject({ server: { cookie: expect.stringMatching(/^[0-9a-f]{16}$/) } });
  });

  it.each([
    ['', "Require 'backend/server'.\n"],
    ['app', "Require 'backend/server'.\n"],
    ['app/', "Require 'backend/server'.\n"],
    ['nope/x 192.0.2.9:80', 'No such backend.\n'],
    ['still/x 192.0.2.9:80', 'Backend must use a dynamic load balancing to support dynamic servers.\n'],
    ['off/x 192.0.2.9:80', 'Backend must use a dynamic load balancing to support dynamic servers.\n'],
    ['app/s1 192.0.2.9:80', 'Already exists a server with the same name in backend.\n\n'],
    ['app/x 192.0.2.9:80 track app/nope', "unable to find required server 'nope' for tracking.\n\n"],
    ['app/x 192.0.2.9:80 track nope/s2', "unable to find required proxy 'nope' for tracking.\n\n"],
    [
      'app/x 192.0.2.9:80 track app/s1',
      'unable to use app/s1 for tracking as it does not have any check nor agent enabled.\n\n',
    ],
    [
      'app/x unix@/run/x',
      "'/run/x': only where a server of the configuration has a unix socket, others may have one\n\n",
    ],
    [
      'app/x 192.0.2.9:80 source 0.0.0.0 usesrc client',
      "'usesrc': only where the configuration has it, added servers may have it\n\n",
    ],
  ])('is refused with %j', async (words, answer) => {
    expect(await scene.ask(`add server ${words}`)).toBe(answer);
    expect(scene.side.told).toEqual([]);
  });

  it('ends where there is no room', async () => {
    for (const name of ['a', 'b', 'c']) await scene.ask(`add server app/${name} 192.0.2.9:80`);
    expect(await scene.ask('add server app/d 192.0.2.9:80')).toMatch(/^There is room for \d+ servers beyond/);
  });

  it('follows another one, which then stays', async () => {
    await scene.ask('add server app/new 192.0.2.9:80 track app/s2 enabled');
    await scene.ask('set server app/s2 health down');
    expect(await column('new', 'status')).toBe('DOWN');
    expect(await column('new', 'tracked')).toBe('app/s2');
    await scene.ask('set server app/s2 state maint');
    expect(await scene.ask('del server app/s2')).toMatch(/^This server cannot be removed at runtime/);
    expect(await scene.ask('add server app/x 192.0.2.9:80 track app/new')).toBe(
      'unable to use app/new for tracking as it is a dynamic server.\n\n',
    );
  });

  it('is checked when somebody says so', async () => {
    await scene.ask('add server app/new 192.0.2.9:80 check');
    expect(await column('new', 'check_status')).toBe('');
    expect(await scene.ask('enable health app/new')).toBe('\n');
    expect(await scene.ask('enable agent app/new')).toBe('Agent was not configured on this server, cannot enable.\n\n');
    expect(await scene.ask('set server app/new ssl on')).toBe(
      "'set server <srv> ssl' not supported on dynamic servers\n\n",
    );
  });
});

describe('del server', () => {
  beforeEach(() => scene.ask('add server app/new 192.0.2.9:80'));

  it('takes away one in maintenance that nobody uses', async () => {
    expect(await scene.ask('del server app/new')).toBe('Server deleted.\n');
    expect(scene.side.told.at(-1)).toEqual({ number: 2, changes: [{ kind: 'gone', index: 4 }] });
    expect(await column('new', 'status')).toBeUndefined();
    expect(await scene.ask('get weight app/new')).toBe('No such server.\n\n');
    expect(await scene.ask('show servers state app')).not.toContain(' new ');
  });

  it.each([
    ['app', "Require 'backend/server'.\n"],
    ['nope/x', 'No such backend.\n'],
    ['app/nope', 'No such server.\n'],
    ['app/s1', 'This server cannot be removed at runtime due to other configuration elements pointing to it.\n'],
    ['app/s2', 'Only servers in maintenance mode can be deleted.\n'],
  ])('is refused with %j', async (words, answer) => {
    expect(await scene.ask(`del server ${words}`)).toBe(answer);
  });

  it('waits for sessions', async () => {
    const word = scene.side.state.server(4) + SERVER_SESSIONS;
    scene.side.state.set(word, 1);
    const busy = 'Server still has connections attached to it, cannot remove it.\n';
    expect(await scene.ask('del server app/new')).toBe(busy);
    scene.side.state.set(word, 0);
    expect(await scene.ask('del server #3/new')).toBe('Server deleted.\n');
  });

  it('takes servers of the configuration, too, and leaves what they counted to their backend', async () => {
    scene.side.state.set(scene.side.state.server(1) + SERVER_BYTES_OUT_LOW, 1234);
    await scene.ask('disable server app/s2');
    expect(await column('BACKEND', 'bout')).toBe('1234');
    expect(await scene.ask('del server app/s2')).toBe('Server deleted.\n');
    expect(await column('BACKEND', 'bout')).toBe('1234');
  });

  it('makes room for another one, which has counted nothing', async () => {
    await scene.ask('del server app/new');
    await scene.ask('add server app/new 192.0.2.10:80 enabled');
    expect(await column('new', 'stot')).toBe('0');
    expect(await column('new', 'addr')).toBe('192.0.2.10:80');
  });
});

describe('set server addr', () => {
  const by = " by 'stats socket command'\n\n";
  const noMap =
    "can't change <port> to port map because it is incompatible with current health check port configuration (use 'port' " +
    "statement from the 'server' directive.";

  it.each<readonly [string, readonly (readonly [string, string])[]]>([
    [
      's3',
      [
        ['192.0.2.9', "IP changed from '192.0.2.3' to '192.0.2.9'"],
        ['192.0.2.9', 'no need to change the addr'],
        ['192.0.2.9 port 80', "no need to change the addr, port changed from '+0' to '80'"],
        ['192.0.2.9 port 80', 'no need to change the addr, no need to change the port'],
        ['192.0.2.10 port 81', "IP changed from '192.0.2.9' to '192.0.2.10', port changed from '80' to '81'"],
        ['192.0.2.10 port +5', `no need to change the addr, ${noMap}`],
        ['192.0.2.10 port 7x', "no need to change the addr, port changed from '81' to '7'"],
        ['192.0.2.10 port x', "no need to change the addr, problem converting port 'x' to an int"],
        ['192.0.2.10 port', "no need to change the addr, problem converting port '' to an int"],
        ['192.0.2.10 port 70000', "no need to change the addr, port changed from '7' to '4464'"],
        ['192.0.2.10 foo 3', 'no need to change the addr'],
        ['bad', "Invalid addr 'bad'"],
        ['localhost', "Invalid addr 'localhost'"],
        ['::1 port 22', "IP changed from '192.0.2.10' to '::1', port changed from '4464' to '22'"],
        ['0:0:0:0:0:0:0:1', 'no need to change the addr'],
        ['*', "IP changed from '::1' to '*'"],
      ],
    ],
    [
      's2',
      [
        ['192.0.2.2 port +5', `no need to change the addr, ${noMap}`],
        ['192.0.2.4 port -5', `IP changed from '192.0.2.2' to '192.0.2.4', ${noMap}`],
      ],
    ],
  ])('of %s', async (server, steps) => {
    for (const [words, answer] of steps) {
      expect(await scene.ask(`set server app/${server} addr ${words}`), words).toBe(`${answer}${by}`);
    }
  });

  it('maps ports where checks have one of their own', async () => {
    await scene.ask('set server app/s2 check-port 99');
    expect(await scene.ask('set server app/s2 addr 192.0.2.2 port -5')).toBe(
      `no need to change the addr, port changed from '80' to '-5'${by}`,
    );
    expect(scene.side.told.at(-1)?.changes).toMatchObject([
      { kind: 'set', server: { portFromClient: true, address: { port: 65531 } } },
    ]);
    expect(await scene.ask('set server app/s2 check-port 0')).toBe("can't unset 'port' since MAPPORTS is in use\n");
  });

  it('changes what is shown, and the cookie that goes with it', async () => {
    const before = await column('s2', 'cookie');
    await scene.ask('set server app/s2 addr 192.0.2.77 port 8080');
    expect(await column('s2', 'addr')).toBe('192.0.2.77:8080');
    expect(await column('s2', 'cookie')).not.toBe(before);
    expect(await scene.ask('show servers state app')).toContain(' s2 192.0.2.77 ');
  });

  it('needs one', async () => {
    const answer = 'set server <b>/<s> addr requires an address and optionally a port.\n\n';
    expect(await scene.ask('set server app/s1 addr')).toBe(answer);
  });
});

describe('set server check-addr', () => {
  it.each([
    ['s2 check-addr', 'set server <b>/<s> check-addr requires an address and optionally a port.\n\n'],
    ['s2 check-addr bad', "invalid addr 'bad'\n"],
    ['s2 check-addr 192.0.2.3 port x', 'provided port is not an integer\n'],
    ['s2 check-addr 192.0.2.3 port 77777', 'provided port is invalid\n'],
    ['s2 check-port -1', 'provided port is invalid\n'],
    ['s2 check-port +3', 'provided port is not an integer\n'],
    ['s1 check-addr 192.0.2.3', 'health checks are not enabled on this server\n'],
    ['s2 check-addr 192.0.2.99 port 81', '\n'],
  ])('is answered for %j', async (words, answer) => {
    expect(await scene.ask(`set server app/${words}`)).toBe(answer);
  });

  it('is shown', async () => {
    await scene.ask('set server app/s2 check-addr 192.0.2.99 port 81');
    const line = (await scene.ask('show servers state app')).split('\n').find((one) => one.includes(' s2 '));
    expect(line).toMatch(/ 81 192\.0\.2\.99 - 0$/);
  });
});

describe('set maxconn server', () => {
  it('is told to the threads, and shown', async () => {
    expect(await scene.ask('set maxconn server app/s1 5')).toBe('\n');
    expect(scene.side.told.at(-1)?.changes).toMatchObject([{ kind: 'set', server: { index: 0, maxconn: 5 } }]);
    expect(await column('s1', 'slim')).toBe('5');
  });

  it.each([
    ['app/s1', 'Require <maxconn>.\n\n'],
    ['app/s1 x', 'maxconn string empty or preceded by garbage\n'],
    ['app/s1 5x', 'Trailing garbage in maxconn string\n'],
    ['app', "Require 'backend/server'.\n\n"],
    ['app/nope 4', 'No such server.\n\n'],
    ['off/s1 4', 'Proxy is disabled.\n\n'],
  ])('is refused with %j', async (words, answer) => {
    expect(await scene.ask(`set maxconn server ${words}`)).toBe(answer);
  });
});

describe('dynamic cookies', () => {
  it('follow their key, and are there or not', async () => {
    const before = await column('s1', 'cookie');
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    expect(await scene.ask('set dynamic-cookie-key backend app other')).toBe('\n');
    const after = await column('s1', 'cookie');
    expect(after).toMatch(/^[0-9a-f]{16}$/);
    expect(after).not.toBe(before);
    await scene.ask('disable dynamic-cookie backend app');
    expect(await column('s1', 'cookie')).toBe('');
    await scene.ask('enable dynamic-cookie backend app');
    expect(await column('s1', 'cookie')).toBe(after);
  });

  it.each([
    ['enable dynamic-cookie backend', 'A backend name is expected.\n\n'],
    ['enable dynamic-cookie backend nope', 'No such backend.\n\n'],
    ['disable dynamic-cookie backend nope', 'No such backend.\n\n'],
    ['set dynamic-cookie-key backend app', 'String value expected.\n\n'],
    ['set dynamic-cookie-key backend', 'A backend name is expected.\n\n'],
  ])('%s', async (command, answer) => {
    expect(await scene.ask(command)).toBe(answer);
  });
});
