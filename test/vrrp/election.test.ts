import { describe, expect, it } from 'vitest';
import { transition } from '../../src/vrrp/election.ts';
import { masterDownMs, skewMs } from '../../src/vrrp/election-timing.ts';
import type { Effect, ElectionConfig, ElectionEvent, ElectionState, Phase } from '../../src/vrrp/election-types.ts';
import { initialState } from '../../src/vrrp/initial-state.ts';
import { SeededRandom } from '../support/random.ts';

const CONFIG: ElectionConfig = {
  name: 'VI_1',
  version: 2,
  priority: 100,
  intervalCs: 100,
  preempt: true,
  preemptDelayMs: 0,
  downTimerAdverts: 3,
  higherPrioSendAdvert: true,
  lowerPrioNoAdvert: false,
  lingers: false,
  gentle: false,
  sourceIp: '10.77.0.5',
};
const V3: ElectionConfig = { ...CONFIG, version: 3, intervalCs: 10 };

/** One router; events happen at `atMs`. Effects are kept without log lines. */
class Router {
  state: ElectionState;
  effects: Effect[] = [];
  readonly logs: string[] = [];
  readonly config: ElectionConfig;

  constructor(config: ElectionConfig) {
    this.config = config;
    this.state = initialState(config);
  }

  on(event: ElectionEvent, atMs: number): this {
    const step = transition(this.config, this.state, event, atMs);
    this.state = step.state;
    this.effects = step.effects.filter((effect) => effect.kind !== 'log');
    for (const effect of step.effects) if (effect.kind === 'log') this.logs.push(effect.text);
    return this;
  }

  hears(priority: number, atMs: number, source = '10.77.0.2', intervalCs = this.config.intervalCs): this {
    return this.on({ kind: 'advert', source, priority, intervalCs }, atMs);
  }

  /** The timer, exactly when it is due. */
  due(): this {
    return this.on({ kind: 'timer', drained: false }, this.state.deadlineMs ?? Number.NaN);
  }

  get kinds(): string[] {
    return this.effects.map((effect) => {
      if (effect.kind === 'send-advert') return `advert ${effect.priority}`;
      if (effect.kind === 'notify') return effect.state;
      if (effect.kind === 'timer') return `timer ${effect.atMs === null ? 'off' : Math.round(effect.atMs)}`;
      if (effect.kind === 'announce') return `announce ${effect.reason}`;
      return effect.kind;
    });
  }
}

const started = (change: Partial<ElectionConfig> = {}, base = CONFIG) =>
  new Router({ ...base, ...change }).on({ kind: 'start' }, 0);
/** Master since its master-down timer; the next advert is an interval later. */
const master = (change: Partial<ElectionConfig> = {}, base = CONFIG) => started(change, base).due();

describe('timers', () => {
  it.each([
    [2, 1, 100, 996.09, 3996.09],
    [2, 100, 100, 609.375, 3609.375],
    [2, 254, 100, 7.8125, 3007.8125],
    // Version 2: the skew is part of a second, not of the interval.
    [2, 100, 500, 609.375, 15609.375],
    [3, 1, 10, 99.609, 399.609],
    [3, 100, 10, 60.9375, 360.9375],
    [3, 254, 100, 7.8125, 3007.8125],
    [3, 100, 1, 6.09375, 36.09375],
  ] as const)('version %i, priority %i, interval %i cs', (version, priority, intervalCs, skew, down) => {
    expect(skewMs(version, priority, intervalCs)).toBeCloseTo(skew, 2);
    expect(masterDownMs(version, priority, intervalCs, 3)).toBeCloseTo(down, 2);
  });
});

describe('initialize (5798 6.4.1)', () => {
  it('listens first', () => {
    const router = started();
    expect([router.state.phase, router.kinds]).toEqual(['backup', ['timer 3609', 'BACKUP']]);
    expect(router.logs).toEqual(['(VI_1) Entering BACKUP STATE (init)']);
  });

  it('the owner is master at once', () => {
    const router = started({ priority: 255 });
    expect([router.state.phase, router.kinds]).toEqual([
      'master',
      ['advert 255', 'add-addresses', 'announce became-master', 'timer 1000', 'MASTER'],
    ]);
  });

  it('starts once', () => {
    expect(started().on({ kind: 'start' }, 10).kinds).toEqual([]);
  });
});

describe('backup (5798 6.4.2)', () => {
  it('becomes master when nothing is heard: advert, addresses, announcement, in this order', () => {
    const router = started().due();
    expect(router.state.phase).toBe('master');
    expect(router.kinds).toEqual(['advert 100', 'add-addresses', 'announce became-master', 'timer 4609', 'MASTER']);
  });

  it('does nothing before the time', () => {
    expect(started().on({ kind: 'timer', drained: false }, 3609).kinds).toEqual([]);
  });

  type Row = readonly [string, Partial<ElectionConfig>, number, readonly string[]];
  it.each<Row>([
    ['a better one', {}, 200, ['timer 4609']],
    ['one as good', {}, 100, ['timer 4609']],
    ['the owner', {}, 255, ['timer 4609']],
    ['a worse one, preempting: the timer runs on', {}, 50, []],
    ['a worse one, not preempting', { preempt: false }, 50, ['timer 4609']],
    ['a leaving one: skew', {}, 0, ['timer 1609']],
    ['a leaving one, not preempting: skew', { preempt: false }, 0, ['timer 1609']],
  ])('hears %s', (_, change, priority, kinds) => {
    const router = started(change).hears(priority, 1000);
    expect([router.state.phase, router.kinds]).toEqual(['backup', kinds]);
  });

  it('in version 3 waits by the master’s interval, skew included (9568 6.4.2)', () => {
    const router = started({}, V3).hears(200, 100, '10.77.0.2', 50);
    expect(router.state.deadlineMs).toBeCloseTo(100 + 1500 + ((256 - 100) / 256) * 500, 3);
    expect(router.hears(0, 200).state.deadlineMs).toBeCloseTo(200 + ((256 - 100) / 256) * 500, 3);
    expect(router.due().state).toMatchObject({ phase: 'master', masterIntervalCs: 10 });
    expect(router.state.deadlineMs).toBeCloseTo(200 + ((256 - 100) / 256) * 500 + 100, 3);
  });

  it('in version 2 keeps to its own interval', () => {
    expect(started().hears(200, 0, '10.77.0.2', 500).kinds).toEqual(['timer 3609']);
  });

  it('waits longer with down_timer_adverts', () => {
    expect(started({ downTimerAdverts: 5 }).state.deadlineMs).toBeCloseTo(5609.375, 3);
  });

  it('a better priority of its own moves the timer by the difference of the skews', () => {
    const router = started().on({ kind: 'priority', priority: 228 }, 10);
    expect(router.state.deadlineMs).toBeCloseTo(3000 + (28 / 256) * 1000, 3);
    expect(router.logs).toContain('(VI_1) Changing effective priority from 100 to 228');
  });
});

describe('preempt_delay', () => {
  const delayed = () => started({ preemptDelayMs: 5000 });

  it('obeys a worse master until it is over, then lets the timer run', () => {
    const router = delayed();
    for (const atMs of [0, 1000, 2000, 3000, 4000])
      expect(router.hears(50, atMs).kinds).toEqual([`timer ${atMs + 3609}`]);
    expect(router.hears(50, 5000).kinds).toEqual([]);
    expect(router.state.deadlineMs).toBeCloseTo(7609.375, 3);
  });

  it('does not wait when the worse master dies', () => {
    const router = delayed().hears(50, 1000);
    expect(router.due().state.phase).toBe('master');
  });

  it('begins again after a better one was heard', () => {
    const router = delayed().hears(50, 0).hears(200, 1000).hears(50, 5500);
    expect(router.kinds).toEqual(['timer 9109']);
  });
});

describe('master (5798 6.4.3)', () => {
  it('sends at every interval, counted from the last deadline', () => {
    const router = master();
    const first = router.state.deadlineMs ?? 0;
    router.on({ kind: 'timer', drained: false }, first + 7);
    expect(router.kinds).toEqual(['advert 100', `timer ${Math.round(first + 1000)}`]);
  });

  type Row = readonly [string, number, string, Phase, readonly string[]];
  const LEAVES = ['advert 100', 'release-addresses', 'timer 8609', 'BACKUP'];
  const STAYS = ['advert 100', 'timer 6000', 'announce foreign-master', 'notify-heard-lower'];
  it.each<Row>([
    ['a better one: a last word, then it leaves', 101, '10.77.0.2', 'backup', LEAVES],
    ['one as good with a greater address', 100, '10.77.0.6', 'backup', LEAVES],
    ['one as good, greater as a number, not as text', 100, '10.77.0.10', 'backup', LEAVES],
    ['one as good with a smaller address', 100, '10.77.0.4', 'master', STAYS],
    ['one as good, smaller as a number', 100, '9.255.255.255', 'master', STAYS],
    ['a worse one: an advert at once (9568), and an announcement', 99, '10.77.0.9', 'master', STAYS],
    ['a leaving one: an advert at once', 0, '10.77.0.9', 'master', ['advert 100', 'timer 6000']],
  ])('hears %s', (_, priority, source, phase, kinds) => {
    const router = master().hears(priority, 5000, source);
    expect([router.state.phase, router.kinds]).toEqual([phase, kinds]);
  });

  it('compares IPv6 addresses as numbers', () => {
    const config = { sourceIp: 'fe80::2' };
    expect(master(config).hears(100, 5000, 'fe80::10').state.phase).toBe('backup');
    expect(master(config).hears(100, 5000, 'fe80::1').state.phase).toBe('master');
  });

  it('leaves without a last word when asked to', () => {
    const router = master({ higherPrioSendAdvert: false }).hears(200, 5000);
    expect(router.kinds).toEqual(['release-addresses', 'timer 8609', 'BACKUP']);
  });

  it('does not answer a worse one when asked not to', () => {
    const router = master({ lowerPrioNoAdvert: true }).hears(50, 5000);
    expect(router.kinds).toEqual(['announce foreign-master', 'notify-heard-lower']);
  });

  it('learns the interval of the better one (version 3)', () => {
    const router = master({}, V3).hears(200, 500, '10.77.0.2', 100);
    expect(router.state.deadlineMs).toBeCloseTo(500 + 3000 + 609.375, 3);
  });

  it('an owner that hears another says so; the greater address wins', () => {
    const router = started({ priority: 255 }).hears(255, 500, '10.77.0.9');
    expect(router.kinds[0]).toBe('alarm');
    expect(router.state.phase).toBe('backup');
  });

  it('stays, with less priority, until a better one speaks', () => {
    const router = master().on({ kind: 'priority', priority: 50 }, 4000);
    expect([router.state.phase, router.kinds]).toEqual(['master', []]);
    expect(router.due().kinds[0]).toBe('advert 50');
    expect(router.hears(60, 5000).state.phase).toBe('backup');
  });
});

describe('stopping', () => {
  it('says priority 0 and serves on until a successor speaks', () => {
    const router = master().on({ kind: 'stop', handOver: true }, 4000);
    expect([router.state.phase, router.kinds]).toEqual(['leaving', ['advert 0', 'timer 5100']]);
    expect(router.hears(0, 4100).kinds).toEqual([]);
    router.hears(50, 4609);
    expect([router.state.phase, router.kinds]).toEqual(['stopped', ['release-addresses', 'timer off', 'STOP']]);
  });

  it('does not wait longer than the slowest successor would', () => {
    const router = master().on({ kind: 'stop', handOver: true }, 4000).due();
    expect(router.kinds).toEqual(['advert 0', 'release-addresses', 'timer off', 'STOP']);
  });

  it('waits a tenth with adverts at 0.1 s', () => {
    const router = master({}, V3).on({ kind: 'stop', handOver: true }, 1000);
    expect(router.kinds).toEqual(['advert 0', 'timer 1200']);
  });

  it('at once: priority 0, then the addresses', () => {
    const router = master().on({ kind: 'stop', handOver: false }, 4000);
    expect(router.kinds).toEqual(['advert 0', 'release-addresses', 'timer off', 'STOP']);
  });

  it('a second stop does not wait', () => {
    const router = master().on({ kind: 'stop', handOver: true }, 4000).on({ kind: 'stop', handOver: false }, 4010);
    expect(router.kinds).toEqual(['release-addresses', 'timer off', 'STOP']);
    expect(router.on({ kind: 'stop', handOver: false }, 4020).kinds).toEqual([]);
  });

  it('a backup just ends', () => {
    expect(started().on({ kind: 'stop', handOver: true }, 10).kinds).toEqual(['timer off', 'STOP']);
  });

  it('a leaving one is not led astray by a fault', () => {
    const router = master().on({ kind: 'stop', handOver: true }, 4000).on({ kind: 'fault' }, 4001);
    expect(router.state.phase).toBe('leaving');
  });
});

describe('fault', () => {
  it('of a master: priority 0, addresses, no timer; ears shut', () => {
    const router = master().on({ kind: 'fault' }, 4000);
    expect([router.state.phase, router.kinds]).toEqual([
      'fault',
      ['advert 0', 'release-addresses', 'timer off', 'FAULT'],
    ]);
    expect(router.hears(0, 4100).kinds).toEqual([]);
    expect(router.on({ kind: 'timer', drained: false }, 9000).kinds).toEqual([]);
  });

  it('over: listens from the beginning, the owner excepted', () => {
    const router = started().on({ kind: 'fault' }, 10).on({ kind: 'recover' }, 5000);
    expect([router.state.phase, router.kinds]).toEqual(['backup', ['timer 8609', 'BACKUP']]);
    const owner = started({ priority: 255 }).on({ kind: 'fault' }, 10).on({ kind: 'recover' }, 5000);
    expect(owner.state.phase).toBe('master');
  });

  it('happens once', () => {
    expect(started().on({ kind: 'fault' }, 10).on({ kind: 'fault' }, 11).kinds).toEqual([]);
    expect(started().on({ kind: 'recover' }, 11).kinds).toEqual([]);
  });

  it('before the start keeps it from starting', () => {
    const router = new Router(CONFIG).on({ kind: 'fault' }, 0).on({ kind: 'start' }, 1);
    expect([router.state.phase, router.kinds]).toEqual(['fault', []]);
  });
});

describe('following a sync group', () => {
  it('to master at once, to backup with priority 0', () => {
    const router = started().on({ kind: 'follow', phase: 'master' }, 100);
    expect(router.state.phase).toBe('master');
    router.on({ kind: 'follow', phase: 'backup' }, 200);
    expect([router.state.phase, router.kinds[0]]).toEqual(['backup', 'advert 0']);
  });

  it('not out of a fault', () => {
    const router = started().on({ kind: 'fault' }, 1).on({ kind: 'follow', phase: 'master' }, 2);
    expect(router.state.phase).toBe('fault');
  });
});

describe('lateness', () => {
  it('a backup that woke late hands over what has arrived first', () => {
    const router = started({}, V3);
    const due = router.state.deadlineMs ?? 0;
    expect(router.on({ kind: 'timer', drained: false }, due + 101).kinds).toEqual(['drain']);
    // What had arrived was an advert: nothing happens.
    router.hears(200, due + 101).on({ kind: 'timer', drained: true }, due + 101);
    expect([router.state.phase, router.kinds]).toEqual(['backup', []]);
  });

  it('heard nothing: listens for another interval before it takes over', () => {
    const router = started({}, V3);
    const wokeMs = (router.state.deadlineMs ?? 0) + 5000;
    router.on({ kind: 'timer', drained: true }, wokeMs);
    expect([router.state.phase, router.kinds]).toEqual(['backup', [`timer ${Math.round(wokeMs + 160.9375)}`]]);
    expect(router.due().state.phase).toBe('master');
  });

  it('late again without a word: takes over', () => {
    const router = started({}, V3)
      .on({ kind: 'timer', drained: true }, 5000)
      .on({ kind: 'timer', drained: true }, 9000);
    expect(router.state.phase).toBe('master');
  });

  it('less than an interval late is not late', () => {
    const router = started({}, V3);
    expect(router.on({ kind: 'timer', drained: false }, (router.state.deadlineMs ?? 0) + 100).state.phase).toBe(
      'master',
    );
  });

  it('a master that woke late hands over first, then announces again', () => {
    const router = master({}, V3);
    const wokeMs = (router.state.deadlineMs ?? 0) + 3000;
    expect(router.on({ kind: 'timer', drained: false }, wokeMs).kinds).toEqual(['drain']);
    router.on({ kind: 'timer', drained: true }, wokeMs);
    expect(router.kinds).toEqual(['advert 100', 'announce gap', `timer ${Math.round(wokeMs + 100)}`]);
  });
});

describe('a master that steps aside', () => {
  it('says priority 0, serves until a successor is heard, and is a backup then', () => {
    const router = new Router(CONFIG).on({ kind: 'start' }, 0).due();
    expect(router.on({ kind: 'step-aside' }, 5000).kinds).toEqual(['advert 0', 'timer 6100']);
    expect(router.state.phase).toBe('leaving');
    expect(router.hears(90, 5600).kinds).toEqual(['release-addresses', 'timer 9209', 'BACKUP']);
  });

  it('is a backup all the same when nobody is there, and becomes master again like anybody', () => {
    const router = new Router(CONFIG).on({ kind: 'start' }, 0).due().on({ kind: 'step-aside' }, 5000).due();
    expect([router.state.phase, router.kinds[0], router.kinds[1]]).toEqual(['backup', 'advert 0', 'release-addresses']);
    expect(router.due().state.phase).toBe('master');
  });

  it('ends when it is told to end meanwhile', () => {
    const router = new Router(CONFIG).on({ kind: 'start' }, 0).due().on({ kind: 'step-aside' }, 5000);
    expect(router.on({ kind: 'stop', handOver: true }, 5100).state.phase).toBe('leaving');
    expect(router.hears(90, 5600).state.phase).toBe('stopped');
  });
});

describe('a router that is held back', () => {
  it('does not take over from a worse one, nor from nobody, nor because it owns the addresses', () => {
    for (const priority of [100, 255]) {
      const router = new Router({ ...CONFIG, priority, heldBack: true }).on({ kind: 'start' }, 0);
      expect(router.state.phase).toBe('backup');
      expect(router.hears(50, 1000).state.master).toEqual({ source: '10.77.0.2', priority: 50 });
      expect(router.due().due().state.phase).toBe('backup');
      expect(router.on({ kind: 'follow', phase: 'master' }, 20_000).state.phase).toBe('backup');
    }
  });
});

describe('any events in any order', () => {
  it('keep the invariants', () => {
    const random = new SeededRandom(9568);
    for (let run = 0; run < 300; run++) {
      const router = new Router({
        ...random.pick([CONFIG, V3]),
        priority: random.pick([1, 100, 255]),
        preempt: random.pick([true, false]),
        preemptDelayMs: random.pick([0, 3000]),
        heldBack: random.below(10) === 0,
      });
      let nowMs = 0;
      let holds = false;
      for (let step = 0; step < 60; step++) {
        nowMs += random.below(2000);
        router.on(randomEvent(random), nowMs);
        for (const { kind } of router.effects) {
          if (kind === 'add-addresses') holds = true;
          if (kind === 'release-addresses') holds = false;
        }
        const { phase, deadlineMs } = router.state;
        // Addresses are held by masters and by those who are leaving, by nobody else.
        expect(holds).toBe(phase === 'master' || phase === 'leaving');
        if (router.config.heldBack === true) expect(phase).not.toBe('master');
        expect(deadlineMs !== null).toBe(phase === 'master' || phase === 'leaving' || phase === 'backup');
      }
    }
  });
});

function randomEvent(random: SeededRandom): ElectionEvent {
  const events: ElectionEvent[] = [
    { kind: 'start' },
    { kind: 'timer', drained: random.pick([true, false]) },
    { kind: 'advert', source: '10.77.0.2', priority: random.pick([0, 50, 100, 200, 255]), intervalCs: 10 },
    { kind: 'priority', priority: random.pick([50, 100, 150]) },
    { kind: 'fault' },
    { kind: 'recover' },
    { kind: 'follow', phase: random.pick(['master', 'backup']) },
    { kind: 'step-aside' },
    { kind: 'stop', handOver: random.pick([true, false]) },
  ];
  // Stopping is rare: it ends everything.
  return events[random.below(random.below(10) === 0 ? 9 : 8)] ?? { kind: 'start' };
}
