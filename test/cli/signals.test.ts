import { afterEach, describe, expect, it } from 'vitest';
import { type Obedient, SignalWatch } from '../../src/cli/signals.ts';

let watch: SignalWatch | null = null;
afterEach(() => {
  watch?.release();
  watch = null;
});

function watching(extra: Partial<Obedient>, hangUpReloads = true): string[] {
  const heard: string[] = [];
  const say = (text: string) => () => heard.push(text);
  const obedient = { stop: say('stop'), drain: say('drain'), dumpStates: say('states'), reload: say('reload') };
  watch = new SignalWatch();
  watch.attach({ ...obedient, ...extra }, hangUpReloads);
  return heard;
}

describe('user signals', () => {
  it("mean HAProxy's soft stop and reload", () => {
    const heard = watching({});
    process.emit('SIGUSR1');
    process.emit('SIGUSR2');
    expect(heard).toEqual(['drain', 'reload']);
  });

  it('end nothing where they mean something else', () => {
    const heard: string[] = [];
    const others = watching({ user: (signal) => heard.push(signal) });
    process.emit('SIGUSR1');
    process.emit('SIGUSR2');
    expect([heard, others]).toEqual([['SIGUSR1', 'SIGUSR2'], []]);
  });
});

it.each([
  [true, 'reload'],
  [false, 'states'],
])('a hang-up that reloads (%s): %s', (hangUpReloads, what) => {
  const heard = watching({}, hangUpReloads);
  process.emit('SIGHUP');
  expect(heard).toEqual([what]);
});
