import { afterEach, describe, expect, it } from 'vitest';
import { type Obedient, RESTART_TO_RELOAD, SignalWatch } from '../../src/cli/signals.ts';
import type { Journal } from '../../src/daemon/journal.ts';

let watch: SignalWatch | null = null;
afterEach(() => {
  watch?.release();
  watch = null;
});

function watching(extra: Partial<Obedient>): string[] {
  const heard: string[] = [];
  const say = (text: string) => heard.push(text);
  const journal = { warning: (text: string) => say(text) } as unknown as Journal;
  const obedient: Obedient = { stop: () => say('stop'), drain: () => say('drain'), dumpStates: () => say('states') };
  watch = new SignalWatch();
  watch.attach({ ...obedient, ...extra }, journal, false);
  return heard;
}

describe('user signals', () => {
  it("mean HAProxy's soft stop and reload", () => {
    const heard = watching({});
    process.emit('SIGUSR1');
    process.emit('SIGUSR2');
    expect(heard).toEqual(['drain', expect.stringContaining('-sf and this pid')]);
  });

  it('a program without -sf says what it can do instead', () => {
    const heard = watching({ reloadAdvice: RESTART_TO_RELOAD });
    process.emit('SIGUSR2');
    expect(heard).toEqual(['haproxy.cfg is not read again yet: restart']);
  });

  it('end nothing where they mean something else', () => {
    const heard: string[] = [];
    const others = watching({ user: (signal) => heard.push(signal) });
    process.emit('SIGUSR1');
    process.emit('SIGUSR2');
    expect([heard, others]).toEqual([['SIGUSR1', 'SIGUSR2'], []]);
  });
});
