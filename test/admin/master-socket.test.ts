/** The master socket: who answers, prefixes, prompts, and what an older generation may be asked. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StatsServer } from '../../src/admin/stats-server.ts';
import { AdminScene, PROXIES } from '../support/admin-scene.ts';
import { FakeAdminSide } from '../support/admin-side.ts';
import { StatsClient } from '../support/stats-client.ts';

let scene: AdminScene;
beforeEach(() => {
  scene = new AdminScene('level admin', '', PROXIES, true);
});
afterEach(() => scene.close());

/** Another generation, of which nobody decides anything any more. */
function addOlder(): FakeAdminSide {
  const older = new FakeAdminSide(PROXIES.replaceAll('s1', 'gone'));
  scene.side.all = [...scene.side.all, { pid: 4000, isOld: true, reloads: 2, upMs: 90_061_000, side: () => older }];
  return older;
}

const VERSION = '2.6.12-tandem-1.2.3';

describe('the master', () => {
  it('shows its processes', async () => {
    addOlder();
    scene.side.running = { ...scene.side.running, reloads: { done: 2, failed: 1, failedInARow: 1 } };
    expect(await scene.ask('show proc')).toBe(
      [
        '#<PID>          <type>          <reloads>       <uptime>        <version>      ',
        `${String(process.pid).padEnd(15)} master          3 [failed: 1]   0d00h00m00s     ${VERSION}`,
        '# workers',
        `4711            worker          0               0d00h01m01s     ${VERSION}`,
        '# old workers',
        `4000            worker          2               1d01h01m01s     ${VERSION}`,
        '# programs',
        '\n',
      ].join('\n'),
    );
  });

  it.each([
    ['show version', `${VERSION}\n\n`],
    ['@master show version', `${VERSION}\n\n`],
    ['@ show version', `${VERSION}\n\n`],
    ['@0 show version', `${VERSION}\n\n`],
    ['@1 show cli level', 'admin\n\n'],
    ['@!4711 show cli level', 'admin\n\n'],
    ['@1;show cli level', 'admin\n\n'],
    ['user;@1 show cli level', 'user\n\n'],
    ['@1 user;@1 show cli level', '\nadmin\n\n'],
    ['user;reload', 'Permission denied\n\n'],
    ['user;operator', 'Permission denied!\n'],
    ['user;expert-mode on', 'Permission denied!\n'],
    ['expert-mode on', ''],
    ['@1 expert-mode', 'expert-mode is OFF\n\n'],
    ['@1 expert-mode on', '\n'],
    ['expert-mode on;@1 expert-mode', 'expert-mode is ON\n\n'],
    ['show version;quit;show version', `${VERSION}\n\n`],
    ...['@2', '@!1', '@!', '@x', '@-1', '@1x', '@!4711x'].map((prefix) => [
      `${prefix} show info;show version`,
      `Can't find the target PID matching the prefix '${prefix}'\n`,
    ]),
  ])('answers %j', async (line, expected) => {
    expect(await scene.ask(line)).toBe(expected);
  });

  it('has commands of its own, and not those of its workers', async () => {
    const help = await scene.ask('help');
    for (const usage of ['@!<pid>', '@<relative pid>', '@master', 'reload', 'show proc']) expect(help).toContain(usage);
    expect(help).not.toContain('show stat');
    expect(await scene.ask('show stat')).toMatch(/^Unknown command, but maybe/);
    expect(await scene.ask('disable server app/s1')).toMatch(/^Unknown command/);
    expect(await scene.ask('@1 show proc')).toMatch(/^Unknown command/);
    expect(await scene.ask('@1 disable server app/s1')).toBe('\n');
    expect(scene.side.board.records[0]?.maint).toBe(true);
  });

  it('lists its sockets, and its worker the others', async () => {
    expect(await scene.ask('show cli sockets')).toBe(`# socket lvl processes\nunix@${scene.path} admin all\n\n`);
    expect(await scene.ask('@1 show cli sockets')).toBe('# socket lvl processes\n\n');
  });

  it('has a prompt that says who is spoken to, and in which mode', async () => {
    const client = new StatsClient(scene.path);
    const say = async (line: string, ending: string) => {
      client.text = '';
      client.say(`${line}\n`);
      return client.until(ending);
    };
    expect(await say('prompt', '> ')).toBe('master> ');
    expect(await say('@1', '> ')).toBe('4711> ');
    expect(await say('show cli level', '> ')).toBe('admin\n\n4711> ');
    expect(await say('@master show version', '> ')).toBe(`${VERSION}\n\n4711> `);
    expect(await say('expert-mode on', '> ')).toBe('4711(e)> ');
    expect(await say('experimental-mode on', '> ')).toBe('4711(xe)> ');
    expect(await say('expert-mode', '> ')).toBe('4711(x)> ');
    scene.side.running = { ...scene.side.running, reloads: { done: 0, failed: 1, failedInARow: 1 } };
    expect(await say('@', '> ')).toBe('master[ReloadFailed](x)> ');
    client.say('quit\n');
    await client.rest();
  });
});

describe('a worker', () => {
  it('of an older generation answers for that one, and is not changed', async () => {
    const older = addOlder();
    expect(await scene.ask('@!4000 show stat app 4 1')).toContain('\napp,gone,');
    expect(await scene.ask('@1 show stat app 4 1')).toContain('\napp,s1,');
    expect(await scene.ask('@!4000 disable server app/gone')).toBe(
      'It only finishes what it has begun: change the current one.\n\n',
    );
    expect(older.board.records[0]?.maint).toBe(false);
  });

  it('that has ended meanwhile is said to be gone', async () => {
    addOlder();
    const client = new StatsClient(scene.path);
    client.say('prompt\n@!4000\n');
    await client.until('4000> ');
    scene.side.all = scene.side.all.slice(0, 1);
    client.text = '';
    client.say('show info\n');
    expect(await client.rest()).toBe("Can't connect to the target CLI!\n");
  });
});

it('a stats socket beside it is no master', async () => {
  const side = new FakeAdminSide(`global\n stats socket ${scene.folder}/other.sock level admin\n${PROXIES}`);
  new StatsServer(() => side, { environment: {}, packageVersion: '1' });
  const client = new StatsClient(`${scene.folder}/other.sock`);
  client.socket.end('@1 show version\n');
  expect(await client.rest()).toMatch(/^Unknown command/);
  side.stop();
  side.end();
});
