import { expect, it } from 'vitest';
import { parseSetup, SETUP_USAGE, type SetupCommand } from '../../src/cli/setup-arguments.ts';

const DEFAULTS = {
  help: false,
  dryRun: false,
  force: false,
  remove: false,
  to: 'tandem',
  root: '',
  haproxyCfg: null,
  keepalivedConf: null,
};

it.each<[SetupCommand, string, object]>([
  ['install', '', DEFAULTS],
  ['install', '--dry-run --force --remove', { ...DEFAULTS, dryRun: true, force: true, remove: true }],
  ['install', '--haproxy-cfg /a --keepalived-conf /b', { ...DEFAULTS, haproxyCfg: '/a', keepalivedConf: '/b' }],
  ['install', '--root /mnt/', { ...DEFAULTS, root: '/mnt' }],
  ['uninstall', '--root /', DEFAULTS],
  ['migrate', '', { ...DEFAULTS, dryRun: true }],
  ['migrate', '--dry-run', { ...DEFAULTS, dryRun: true }],
  ['migrate', '--apply --to haproxy', { ...DEFAULTS, to: 'haproxy' }],
  ['migrate', '-h', { ...DEFAULTS, help: true, dryRun: true }],
])('tandem %s %s', (command, line, expected) => {
  expect(parseSetup(command, line.split(' ').filter(Boolean))).toEqual(expected);
});

it.each<[SetupCommand, string, RegExp]>([
  ['install', '--apply', /no option --apply/],
  ['install', '--to tandem', /no option --to/],
  ['uninstall', '--haproxy-cfg /a', /no option --haproxy-cfg/],
  ['migrate', '--remove', /no option --remove/],
  ['migrate', '--to nginx', /tandem or haproxy/],
  ['migrate', '--apply --dry-run', /contradict/],
  ['migrate', 'now', /now/],
  ['install', '--what', /--what/],
])('tandem %s %s is refused', (command, line, why) => {
  expect(parseSetup(command, line.split(' '))).toMatch(why);
});

it('each option of a command is in its usage', () => {
  for (const [command, usage] of Object.entries(SETUP_USAGE)) {
    const options = [...usage.matchAll(/^ {2}--([a-z-]+)( [A-Za-z]\S*)?/gm)];
    for (const [, name = '', value = ''] of options) {
      const word = name === 'to' ? 'haproxy' : '/x';
      const line = value === '' ? [`--${name}`] : [`--${name}`, word];
      expect(parseSetup(command as SetupCommand, line)).toBeTypeOf('object');
    }
    expect(options.length).toBeGreaterThan(2);
  }
});
