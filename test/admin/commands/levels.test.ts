/** Who may do what, and what is said to who may not, or who asks for what is not there. */
import { afterEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/admin/command-table.ts';
import { AdminScene } from '../../support/admin-scene.ts';

let scene: AdminScene;
afterEach(() => scene.close());

const DENIED = 'Permission denied\n\n';

const NEEDED: readonly [string, 'user' | 'operator' | 'admin'][] = [
  ['show stat', 'user'],
  ['show info', 'user'],
  ['show version', 'user'],
  ['show backend', 'user'],
  ['show servers state', 'user'],
  ['show servers conn', 'user'],
  ['show schema json', 'user'],
  ['show vrrp', 'user'],
  ['show pair', 'user'],
  ['show status json', 'user'],
  ['set vrrp VI_1 fault', 'admin'],
  ['show lvs', 'user'],
  ['set lvs 192.0.2.1 10.0.0.71 down', 'admin'],
  ['show cli level', 'user'],
  ['get weight app/s1', 'user'],
  ['set timeout cli 10', 'user'],
  ['show errors', 'operator'],
  ['show sess', 'operator'],
  ['shutdown session 0x1', 'admin'],
  ['disable frontend web', 'admin'],
  ['enable frontend web', 'admin'],
  ['shutdown frontend web', 'admin'],
  ['set maxconn frontend web 5', 'admin'],
  ['set maxconn global 5', 'admin'],
  ['shutdown sessions server app/s1', 'admin'],
  ['show env', 'operator'],
  ['show cli sockets', 'operator'],
  ['clear counters', 'operator'],
  ['clear counters all', 'admin'],
  ['set weight app/s1 1', 'admin'],
  ['set server app/s1 state maint', 'admin'],
  ['disable server app/s1', 'admin'],
  ['enable server app/s1', 'admin'],
];
const LEVELS = ['user', 'operator', 'admin'] as const;

describe.each(LEVELS)('a socket of level %s', (level) => {
  it.each(NEEDED)('%s wants %s', async (command, needed) => {
    scene = new AdminScene(`level ${level}`);
    const answer = await scene.ask(command);
    expect(answer === DENIED).toBe(LEVELS.indexOf(level) < LEVELS.indexOf(needed));
    if (answer === DENIED) expect(scene.side.wakes).toBe(0);
  });

  it('lists in help what may be done there', async () => {
    scene = new AdminScene(`level ${level}`);
    const help = await scene.ask('help');
    expect(help).toMatch(/^The following commands are valid at this level:\n/);
    expect(help.includes('set server <bk>/<srv>')).toBe(level === 'admin');
    expect(help.includes('show errors')).toBe(level !== 'user');
    expect(help).toContain('show version                            : show version of the current process\n');
  });
});

it('is operator by default', async () => {
  scene = new AdminScene('');
  expect(await scene.ask('show cli level')).toBe('operator\n\n');
});

it('can be lowered, and not raised again', async () => {
  scene = new AdminScene();
  const answer = await scene.ask(
    'operator;show cli level;set weight app/s1 1;user;show cli level;show errors;operator',
  );
  expect(answer).toBe(`\noperator\n\n${DENIED}\nuser\n\n${DENIED}${DENIED}`);
});

describe('what is not there', () => {
  it.each([
    ['show', 'but maybe', ['show stat', 'show servers state', 'quit']],
    ['show servers', 'but maybe', ['show servers state', 'show servers conn']],
    ['show bogus', 'but maybe', ['show stat']],
    ['', 'Please enter one of the following', ['show stat', 'set server', 'help']],
    ['bogus', 'Please enter one of the following', ['show stat', 'set server', 'help']],
    ['SHOW stat', 'Please enter one', ['show stat']],
    ['stat', 'but maybe', ['show stat']],
    ['@1 show info', 'Please enter one', ['help']],
  ])('%j is unknown, with what may have been meant', async (command, heading, offered) => {
    scene = new AdminScene();
    const answer = await scene.ask(command);
    expect(answer).toMatch(/^Unknown command/);
    expect(answer).toContain(heading);
    for (const usage of offered) expect(answer).toContain(`\n  ${usage}`);
  });

  it.each(['add map x y', 'set ssl cert x', 'show table'])('%s is said not to be supported yet', async (command) => {
    scene = new AdminScene();
    expect(await scene.ask(command)).toMatch(/^'[a-z ]+' is not supported yet\.\n\n$/);
  });

  it('is not offered to who may not have it', async () => {
    scene = new AdminScene('level user');
    expect(await scene.ask('set')).not.toContain('set server');
  });
});

it('no command hides another', () => {
  for (const [i, command] of COMMANDS.entries()) {
    const hidden = COMMANDS.slice(i + 1).filter((later) => command.words.every((word, at) => later.words[at] === word));
    expect(hidden.map(({ usage }) => usage)).toEqual([]);
  }
});
