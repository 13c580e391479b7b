/** The election between two Tandems: who leaves, who follows, and what they make of each other's words. */
import { describe, expect, it } from 'vitest';
import { transition } from '../../src/vrrp/election.ts';
import type { Effect, ElectionConfig, ElectionEvent, ElectionState } from '../../src/vrrp/election-types.ts';
import { initialState } from '../../src/vrrp/initial-state.ts';
import type { Word } from '../../src/vrrp/packet.ts';
import { SeededRandom } from '../support/random.ts';

const CONFIG: ElectionConfig = {
  name: 'VI_1',
  version: 3,
  priority: 100,
  intervalCs: 10,
  preempt: true,
  preemptDelayMs: 0,
  downTimerAdverts: 3,
  higherPrioSendAdvert: true,
  lowerPrioNoAdvert: false,
  lingers: true,
  gentle: true,
  sourceIp: '10.77.0.5',
};
const OTHER = '10.77.0.2';

class Router {
  state: ElectionState;
  kinds: string[] = [];
  readonly #config: ElectionConfig;
  #nowMs = 0;

  constructor(change: Partial<ElectionConfig> = {}) {
    this.#config = { ...CONFIG, ...change };
    this.state = initialState(this.#config);
    this.on({ kind: 'start' });
  }

  on(event: ElectionEvent, atMs = this.#nowMs): this {
    this.#nowMs = atMs;
    const step = transition(this.#config, this.state, event, atMs);
    this.state = step.state;
    this.kinds = step.effects.flatMap((effect) => described(effect));
    return this;
  }

  hears(what: number | Word, atMs = this.#nowMs, source = OTHER): this {
    if (typeof what !== 'number') return this.on({ kind: 'word', source, word: what }, atMs);
    return this.on({ kind: 'advert', source, priority: what, intervalCs: this.#config.intervalCs }, atMs);
  }

  due(): this {
    return this.on({ kind: 'timer', drained: false }, this.state.deadlineMs ?? Number.NaN);
  }
}

/** Without log lines, timers and notes. */
function described(effect: Effect): string[] {
  switch (effect.kind) {
    case 'log':
    case 'timer':
    case 'notify':
    case 'notify-heard-lower':
      return [];
    case 'send-advert':
      return [`advert ${effect.priority}`];
    case 'send-word':
      return [effect.word];
    case 'hold-announcement':
      return [`hold ${effect.forMs}`];
    case 'hand-over':
      return [`hand over to ${effect.to ?? 'whoever it is'}`];
    case 'end-silence':
      return [effect.announce ? 'announce' : 'end silence'];
    default:
      return [effect.kind];
  }
}

const master = (change: Partial<ElectionConfig> = {}) => new Router(change).due();

describe('a master that is stopped', () => {
  const leaving = () => master().on({ kind: 'stop', handOver: true }, 1000);

  it('says that it is leaving, and hands over to who follows', () => {
    const router = leaving();
    expect([router.state.phase, router.kinds]).toEqual(['leaving', ['leaving', 'advert 0']]);
    expect(router.hears('following', 1060).kinds).toEqual([]);
    expect(router.hears(50).kinds).toEqual([`hand over to ${OTHER}`]);
    expect([router.state.phase, router.state.deadlineMs]).toEqual(['leaving', null]);
    expect(router.hears(50, 1160).kinds).toEqual([]);
    expect(router.on({ kind: 'handed-over' }).kinds).toEqual(['release-addresses']);
    expect(router.state.phase).toBe('stopped');
  });

  it('waits for nobody who does not say that it follows', () => {
    expect(leaving().hears(50, 1060).kinds).toEqual(['hand over to whoever it is']);
    expect(leaving().hears('following', 1060, '10.77.0.3').hears(50).kinds).toEqual(['hand over to whoever it is']);
  });

  it('nor for one who has said so a while ago', () => {
    const router = master({ version: 2, intervalCs: 100 }).on({ kind: 'stop', handOver: true }, 5000);
    expect(router.hears('following', 5001).hears(50, 6002).kinds).toEqual(['hand over to whoever it is']);
  });

  it('goes at once where nothing can be finished', () => {
    const router = master({ lingers: false, gentle: false }).on({ kind: 'stop', handOver: true }, 1000);
    expect(router.kinds).toEqual(['advert 0']);
    expect(router.hears(50).kinds).toEqual(['release-addresses']);
  });

  it('told to stop again it does not wait', () => {
    const router = leaving().hears('following', 1060).hears(50);
    expect(router.on({ kind: 'stop', handOver: false }).kinds).toEqual(['release-addresses']);
    expect(router.on({ kind: 'handed-over' }).kinds).toEqual([]);
  });
});

describe('a backup whose master leaves', () => {
  const warned = () => new Router().hears(200, 0).hears('leaving', 50).hears(0);

  it('prepares, follows, and holds its announcement until the other one is done', () => {
    const router = warned();
    expect(router.on({ kind: 'prepared', possible: true }).kinds).toEqual([]);
    expect(router.due().kinds).toEqual(['following', 'advert 100', 'hold 1500', 'add-addresses', 'announce']);
    expect(router.hears('leaving', 300).kinds).toEqual(['hold 1500']);
    expect(router.hears('leaving', 300, '10.77.0.3').kinds).toEqual([]);
    expect(router.hears('done', 400).kinds).toEqual(['announce']);
    expect(router.hears('done', 401).kinds).toEqual([]);
  });

  it('prepares once', () => {
    const router = new Router().hears(200, 0);
    expect(router.hears('leaving', 50).kinds).toEqual(['prepare-silence']);
    expect(router.hears('leaving', 51).kinds).toEqual([]);
  });

  it('waits a little with taking over when it is not prepared: the other one serves', () => {
    const router = warned().due();
    expect([router.state.phase, router.kinds]).toEqual(['backup', []]);
    expect(router.on({ kind: 'prepared', possible: true }, 150).kinds.slice(0, 2)).toEqual(['following', 'advert 100']);
  });

  it('and then takes over as ever', () => {
    const router = warned().due().due();
    expect(router.kinds).toEqual(['end silence', 'advert 100', 'add-addresses', 'announce']);
    const impossible = warned().due().on({ kind: 'prepared', possible: false });
    expect(impossible.kinds).toEqual(['end silence', 'advert 100', 'add-addresses', 'announce']);
  });

  it('is not held for ever', () => {
    const router = warned().on({ kind: 'prepared', possible: true }).due();
    expect(router.hears('leaving', 10_000).kinds).toEqual(['hold 1500']);
    expect(router.hears('leaving', 11_000).kinds).toEqual([]);
  });

  it('forgets it when somebody else becomes master', () => {
    const router = warned().on({ kind: 'prepared', possible: true }).hears(200, 60, '10.77.0.3');
    expect([router.kinds, router.state.leaver]).toEqual([['end silence'], null]);
  });

  it('takes what the leaver said before it heard us for no foreign master’s', () => {
    const router = warned().on({ kind: 'prepared', possible: true }).due();
    expect(router.hears(50, 200).kinds).toEqual(['advert 100']);
    expect(router.hears(50, 200, '10.77.0.3').kinds).toEqual(['advert 100', 'announce']);
  });

  it('without proxies it understands no words', () => {
    expect(new Router({ gentle: false }).hears('leaving', 10).kinds).toEqual([]);
  });
});

describe('a better one that comes to a master', () => {
  it('asks first, and is told', () => {
    const better = new Router({ priority: 150 }).hears(100, 100);
    expect(better.due().kinds).toEqual(['following']);
    expect(better.hears('leaving').kinds).toEqual(['prepare-silence']);
    expect(better.on({ kind: 'prepared', possible: true }).kinds.slice(0, 3)).toEqual([
      'following',
      'advert 150',
      'hold 1500',
    ]);
  });

  it('nobody answers: takes over as ever', () => {
    const better = new Router({ priority: 150 }).hears(100, 100).due();
    expect(better.due().kinds).toEqual(['advert 150', 'add-addresses', 'announce']);
  });

  it('does not ask where nobody serves', () => {
    expect(new Router({ priority: 150 }).due().kinds[0]).toBe('advert 150');
    // The master has left meanwhile.
    const router = new Router({ priority: 150 }).hears(100, 100).hears(0, 110).due();
    expect(router.kinds[0]).toBe('advert 150');
  });

  it('the master hands over, without a last word that would make the other one announce', () => {
    const router = master();
    expect(router.hears('following', 1000).kinds).toEqual(['leaving']);
    expect(router.hears(150).kinds).toEqual([`hand over to ${OTHER}`]);
    expect(router.state.phase).toBe('backup');
    expect(router.on({ kind: 'handed-over' }).kinds).toEqual(['release-addresses']);
  });

  it('has the addresses back when the other one dies meanwhile', () => {
    const router = master().hears('following', 1000).hears(150).due();
    expect(router.kinds).toEqual(['advert 100', 'add-addresses', 'announce']);
    expect(router.on({ kind: 'handed-over' }).kinds).toEqual([]);
  });

  it('a master that was not asked says its last word, and lingers', () => {
    expect(master().hears(150, 1000).kinds).toEqual(['advert 100', 'hand over to whoever it is']);
  });
});

describe('a master that steps aside', () => {
  it('finishes what is open while the other one follows, and is a backup then', () => {
    const router = master().on({ kind: 'step-aside' }, 1000);
    expect(router.kinds).toEqual(['leaving', 'advert 0']);
    router.hears('following', 1010);
    expect(router.hears(90, 1020).kinds).toEqual([`hand over to ${OTHER}`]);
    expect(router.state.phase).toBe('leaving');
    expect(router.on({ kind: 'handed-over' }).kinds).toEqual(['release-addresses']);
    expect(router.state.phase).toBe('backup');
  });
});

it('any events in any order: who holds addresses is master, leaving, or handing over', () => {
  const random = new SeededRandom(112);
  for (let run = 0; run < 300; run++) {
    const router = new Router({ priority: random.pick([1, 100, 255]), gentle: random.pick([true, true, false]) });
    let nowMs = 0;
    let holds = router.state.phase === 'master';
    let silent = false;
    for (let step = 0; step < 80; step++) {
      nowMs += random.below(400);
      router.on(randomEvent(random), nowMs);
      for (const kind of router.kinds) {
        if (kind === 'add-addresses') holds = true;
        if (kind === 'release-addresses' || kind.startsWith('hand over')) holds = router.state.phase === 'leaving';
        if (kind === 'prepare-silence') silent = true;
        if (kind === 'end silence') silent = false;
      }
      const { phase, leaver } = router.state;
      expect(holds).toBe(phase === 'master' || phase === 'leaving');
      // Nothing stays silent for somebody who is not waited for.
      if (leaver !== null) expect(silent).toBe(true);
    }
  }
});

function randomEvent(random: SeededRandom): ElectionEvent {
  const source = random.pick([OTHER, '10.77.0.9']);
  const events: ElectionEvent[] = [
    { kind: 'timer', drained: true },
    { kind: 'advert', source, priority: random.pick([0, 50, 100, 200]), intervalCs: 10 },
    { kind: 'word', source, word: random.pick<Word>(['leaving', 'following', 'done']) },
    { kind: 'prepared', possible: random.pick([true, false]) },
    { kind: 'handed-over' },
    { kind: 'fault' },
    { kind: 'recover' },
    { kind: 'follow', phase: random.pick(['master', 'backup']) },
    { kind: 'step-aside' },
    { kind: 'stop', handOver: random.pick([true, false]) },
  ];
  return events[random.below(random.below(20) === 0 ? 10 : 9)] ?? { kind: 'recover' };
}
