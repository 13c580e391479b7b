import { expect, it } from 'vitest';
import { Chronicle, EVENTS_MAX } from '../../src/daemon/chronicle.ts';
import { FakeTime } from '../support/fake-time.ts';

it('the last change comes first', async () => {
  const time = new FakeTime();
  const chronicle = new Chronicle(time);
  chronicle.note('vrrp', 'VI_1', 'BACKUP', 'it has started');
  await time.advance(1000);
  chronicle.note('vrrp', 'VI_1', 'MASTER', 'no master was heard');
  expect(chronicle.events.map(({ wallMs, to }) => `${wallMs - 1_700_000_000_000} ${to}`)).toEqual([
    '1000 MASTER',
    '0 BACKUP',
  ]);
});

it('what it is already is no change', () => {
  const chronicle = new Chronicle(new FakeTime());
  chronicle.noteChange('server', 'app/s1', 'DRAIN', 'enters drain state');
  chronicle.noteChange('server', 'app/s2', 'DRAIN', 'enters drain state');
  chronicle.noteChange('server', 'app/s1', 'DRAIN', 'remains in forced drain mode');
  expect(chronicle.events.map(({ subject, why }) => `${subject}: ${why}`)).toEqual([
    'app/s2: enters drain state',
    'app/s1: enters drain state',
  ]);
});

it('no more than so many are kept, and one that flaps does not push out the others', () => {
  const chronicle = new Chronicle(new FakeTime());
  chronicle.note('vrrp', 'VI_1', 'MASTER', 'no master was heard');
  for (let i = 0; i < 3 * EVENTS_MAX; i++) chronicle.note('server', 'app/s1', i % 2 === 0 ? 'DOWN' : 'UP', `${i}`);
  const { events } = chronicle;
  expect([events.length, events[0]?.why, events.at(-1)?.subject]).toEqual([
    EVENTS_MAX,
    `${3 * EVENTS_MAX - 1}`,
    'VI_1',
  ]);
});

it('a refused reload is remembered until one succeeds', async () => {
  const time = new FakeTime();
  const chronicle = new Chronicle(time);
  chronicle.noteReload(false, 'a.cfg:3: no such thing');
  expect(chronicle.lastReload).toMatchObject({ ok: false, why: 'a.cfg:3: no such thing' });
  await time.advance(5);
  chronicle.noteReload(true, '');
  expect(chronicle.lastReload).toEqual({ ok: true, why: '', wallMs: time.wallMs() });
  expect(chronicle.events.map(({ to }) => to)).toEqual(['done', 'refused']);
});
