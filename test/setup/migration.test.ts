import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Box } from '../../src/setup/box.ts';
import { configuredHaproxyFile, leftBehind } from '../../src/setup/left-behind.ts';
import {
  everythingThere,
  lookAtServices,
  MEMORY_PATH,
  type Memory,
  recall,
  stepsToHaproxy,
  stepsToTandem,
} from '../../src/setup/migration.ts';
import { ABSENT } from '../../src/setup/services.ts';
import { doAll, type Step } from '../../src/setup/steps.ts';
import { FakeBox } from '../support/fake-box.ts';

const ON = { there: true, enabled: true, active: true };
const BOTH: Memory = { haproxy: ON, keepalived: ON };

let box: FakeBox;
beforeEach(() => {
  box = new FakeBox();
});
afterEach(() => box.destroy());

const deeds = (steps: readonly Step[]) =>
  steps.map((step) => (step.kind === 'run' ? step.argv.join(' ') : `${step.kind} ${step.path}`));

describe('to Tandem', () => {
  it('who owns the addresses goes first, and Tandem comes when all is free', async () => {
    const steps = stepsToTandem(box, BOTH, null);
    expect(deeds(steps)).toEqual([
      `write ${MEMORY_PATH}`,
      'systemctl disable --now keepalived.service',
      'systemctl disable --now haproxy.service',
      'systemctl enable --now tandem.service',
    ]);
    expect(await doAll(steps, box, () => {})).toBe(true);
    expect(recall(box)).toEqual(BOTH);
  });

  it.each([
    ['only haproxy', { haproxy: ON, keepalived: ABSENT }, ['systemctl disable --now haproxy.service']],
    [
      'one that is there, but has nothing to do',
      { ...BOTH, haproxy: { ...ON, enabled: false, active: false } },
      ['systemctl disable --now keepalived.service'],
    ],
    ['neither', { haproxy: ABSENT, keepalived: ABSENT }, []],
  ])('%s', (_, now, expected) => {
    expect(deeds(stepsToTandem(box, now, null)).slice(1, -1)).toEqual(expected);
  });

  it('a second try, after one that stopped halfway, keeps what was remembered', async () => {
    box.answer = (command) => (command.includes('haproxy.service') ? { ok: false, output: 'no' } : {});
    expect(await doAll(stepsToTandem(box, BOTH, null), box, () => {})).toBe(false);
    expect(box.ran.at(-1)).toBe('systemctl disable --now haproxy.service');
    const halfway = { haproxy: ON, keepalived: { there: true, enabled: false, active: false } };
    box.answer = () => ({});
    await doAll(stepsToTandem(box, halfway, recall(box)), box, () => {});
    expect(recall(box)).toEqual(BOTH);
    expect(deeds(stepsToHaproxy(box, recall(box) ?? BOTH))).toContain('systemctl enable --now keepalived.service');
  });
});

describe('back', () => {
  it('each is as it was, keepalived last, and nothing is remembered any more', async () => {
    box.put(MEMORY_PATH, JSON.stringify(BOTH));
    const steps = stepsToHaproxy(box, BOTH);
    expect(deeds(steps)).toEqual([
      'systemctl disable --now tandem.service',
      'systemctl enable --now haproxy.service',
      'systemctl enable --now keepalived.service',
      `remove ${MEMORY_PATH}`,
    ]);
    await doAll(steps, box, () => {});
    expect(recall(box)).toBe(null);
  });

  it.each([
    [{ ...ON, enabled: false }, ['systemctl start haproxy.service']],
    [{ ...ON, active: false }, ['systemctl enable haproxy.service']],
    [{ ...ON, enabled: false, active: false }, []],
    [ABSENT, []],
  ])('%j', (haproxy, expected) => {
    expect(deeds(stepsToHaproxy(box, { haproxy, keepalived: ABSENT })).slice(1)).toEqual(expected);
  });

  it('without a memory all that is there is to run', () => {
    const off = { there: true, enabled: false, active: false };
    expect(everythingThere({ haproxy: off, keepalived: ABSENT })).toEqual({ haproxy: ON, keepalived: ABSENT });
  });

  it.each(['', '{', 'null', '{"haproxy":{}}', '{"haproxy":{"there":1},"keepalived":null}'])(
    'a memory that is none is none: %s',
    (text) => {
      box.put(MEMORY_PATH, text);
      expect(recall(box)).toBe(null);
    },
  );
});

describe('services', () => {
  const shown = (load: string, file: string, active: string) =>
    `LoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\n`;
  it.each([
    [shown('loaded', 'enabled', 'active'), ON],
    [shown('loaded', 'disabled', 'inactive'), { there: true, enabled: false, active: false }],
    [shown('loaded', 'disabled', 'activating'), { there: true, enabled: false, active: true }],
    [shown('loaded', 'enabled', 'failed'), { there: true, enabled: true, active: false }],
    [shown('not-found', '', 'inactive'), ABSENT],
    [shown('masked', 'masked', 'inactive'), ABSENT],
  ])('are read from what systemctl says: %j', async (output, expected) => {
    box.answer = (command) => ({ output: command.includes('haproxy') ? output : shown('not-found', '', 'inactive') });
    expect(await lookAtServices(box)).toEqual({ haproxy: expected, keepalived: ABSENT });
  });

  it('are unknown where it gives no answer', async () => {
    box.answer = () => ({ ok: false, output: 'System has not been booted with systemd as init system' });
    expect(await lookAtServices(box)).toBe(null);
  });

  it('of a machine in a folder are enabled and disabled there, and never started', async () => {
    const asked: string[] = [];
    const folder = new Box('/mnt/image', async (argv) => {
      asked.push(argv.join(' '));
      return argv.includes('haproxy.service')
        ? { ok: true, output: 'enabled\n' }
        : { ok: false, output: 'not-found\n' };
    });
    const now = await lookAtServices(folder);
    expect(now).toEqual({ haproxy: { ...ON, active: false }, keepalived: ABSENT });
    expect(asked[0]).toBe('systemctl --root=/mnt/image is-enabled haproxy.service');
    expect(deeds(stepsToTandem(folder, now ?? BOTH, null)).slice(1)).toEqual([
      'systemctl --root=/mnt/image disable haproxy.service',
      'systemctl --root=/mnt/image enable tandem.service',
    ]);
  });
});

describe('environment files', () => {
  it('say where the file is, and what will not be known any more', () => {
    box.put(
      '/etc/default/haproxy',
      '#CONFIG="/no"\nCONFIG="/etc/haproxy/live.cfg"\nEXTRAOPTS="-S /run/haproxy-master.sock"\n',
    );
    box.put('/etc/default/keepalived', "DAEMON_ARGS=''\nDAEMON_ARGS='-i west'\n");
    expect(configuredHaproxyFile(box)).toBe('/etc/haproxy/live.cfg');
    expect(leftBehind(box)).toEqual(['/etc/default/keepalived: DAEMON_ARGS="-i west" is not carried over']);
    box.put('/etc/default/haproxy', '#EXTRAOPTS="-de"\nEXTRAOPTS="-de -m 16"\n');
    expect(configuredHaproxyFile(box)).toBe(null);
    expect(leftBehind(box)[0]).toBe('/etc/default/haproxy: EXTRAOPTS="-de -m 16" is not carried over');
  });
});
