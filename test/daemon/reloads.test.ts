import { expect, it } from 'vitest';
import { Chronicle } from '../../src/daemon/chronicle.ts';
import { silentJournal } from '../../src/daemon/journal.ts';
import { Reloads, type ReloadVoice } from '../../src/daemon/reloads.ts';
import { Systemd } from '../../src/daemon/systemd.ts';
import { FakeTime, settle } from '../support/fake-time.ts';

type Finish = (ok: boolean) => void;

function scene(): { readonly reloads: Reloads; readonly finish: Finish[]; readonly voices: ReloadVoice[] } {
  const finish: Finish[] = [];
  const voices: ReloadVoice[] = [];
  const systemd = new Systemd({ environment: {}, journal: silentJournal, timers: new FakeTime() });
  const chronicle = new Chronicle(new FakeTime());
  const reload = (voice: ReloadVoice) => {
    voices.push(voice);
    return new Promise<boolean>((resolve) => finish.push(resolve));
  };
  return {
    reloads: new Reloads({ journal: silentJournal, systemd, chronicle, tell: () => {}, reload }),
    finish,
    voices,
  };
}

it('what is asked for while one is under way is done once more, for all who asked', async () => {
  const { reloads, finish } = scene();
  const first = reloads.ask();
  const later = [reloads.ask(), reloads.ask()];
  await settle();
  expect(finish.length).toBe(1);
  finish[0]?.(true);
  expect((await first).ok).toBe(true);
  await settle();
  expect(finish.length).toBe(2);
  finish[1]?.(false);
  expect((await Promise.all(later)).map(({ ok }) => ok)).toEqual([false, false]);
  void reloads.ask();
  expect(finish.length).toBe(3);
});

it('who asked hears what was said', async () => {
  const { reloads, finish, voices } = scene();
  const report = reloads.ask();
  voices[0]?.journal.notice('Reloading');
  voices[0]?.tell([{ severity: 'error', code: 'x', file: 'a.cfg', line: 3, column: 1, message: 'no such thing' }]);
  finish[0]?.(false);
  expect(await report).toEqual({ ok: false, lines: ['Reloading', 'a.cfg:3:1: error: no such thing'] });
});

it('one that throws has failed, and the next one is a new one', async () => {
  const systemd = new Systemd({ environment: {}, journal: silentJournal, timers: new FakeTime() });
  const chronicle = new Chronicle(new FakeTime());
  let times = 0;
  const reload = async (): Promise<boolean> => {
    times++;
    if (times === 1) throw new Error('cannot');
    return true;
  };
  const reloads = new Reloads({ journal: silentJournal, systemd, chronicle, tell: () => {}, reload });
  expect(await reloads.ask()).toEqual({ ok: false, lines: ['reload: cannot'] });
  expect((await reloads.ask()).ok).toBe(true);
});
