/** A pool with checks that say what a test wants, and everything that it does, in order. */
import type { L4Check, RealServer, VirtualServer } from '../../src/config/l4-model.ts';
import type { ScriptCommand } from '../../src/config/pair-model.ts';
import { Pool } from '../../src/l4/pool.ts';
import type { PoolServices, PoolSettings } from '../../src/l4/pool-services.ts';
import { FakeCheck } from './fake-check.ts';

const ORIGIN = { file: 'keepalived.conf', line: 1 };

export function script(...argv: readonly string[]): ScriptCommand {
  return { origin: ORIGIN, argv, user: null, group: null };
}

export function virtualServer(more: Partial<VirtualServer> = {}): VirtualServer {
  return {
    ...{ origin: ORIGIN, name: '[192.0.2.1]:tcp:80', family: 4, protocol: 'TCP', marks: [], scheduler: 'rr' },
    places: [{ family: 4, first: '192.0.2.1', last: '192.0.2.1', firstPort: 80, lastPort: 80 }],
    flowTimeouts: { tcpS: 900, tcpEdgeS: 120, datagramS: 300 },
    ...{ hashesPort: false, onePacket: false, persistence: null, haSuspend: false, alpha: false, omega: false },
    ...{ quorum: 1, hysteresis: 0, quorumUp: script('quorum-up'), quorumDown: script('quorum-down') },
    ...{ smtpAlert: false, sorryServer: null, realServers: [] },
    ...more,
  };
}

/** `10.0.0.N`, port 80, with one TCP_CHECK unless the test says what it has. */
export function realServer(n: number, more: Partial<RealServer> = {}): RealServer {
  const address = { family: 4, ip: `10.0.0.${n}`, port: 80 } as const;
  return {
    ...{ origin: ORIGIN, address, weight: 1, forwarding: 'NAT', upperThreshold: 0, lowerThreshold: 0 },
    ...{ inhibitOnFailure: false, alpha: false, smtpAlert: false, checks: [tcpCheck()] },
    ...{ notifyUp: script(`up-${n}`), notifyDown: script(`down-${n}`) },
    ...more,
  };
}

export function sorryServer(more: Partial<NonNullable<VirtualServer['sorryServer']>> = {}) {
  const address = { family: 4, ip: '10.0.0.99', port: 80 } as const;
  return { origin: ORIGIN, address, forwarding: 'NAT', inhibits: false, ...more } as const;
}

export function tcpCheck(timing: Partial<L4Check['timing']> = {}): L4Check {
  const address = { family: 4, ip: '0.0.0.0', port: 80 } as const;
  return {
    ...{ origin: ORIGIN, kind: 'tcp', timing: { ...TIMING, ...timing } },
    connection: { address, from: null, interface: null, mark: null },
  };
}

export function miscCheck(name: string, timing: Partial<L4Check['timing']> = {}): L4Check {
  const command = script(name);
  return { origin: ORIGIN, kind: 'misc', timing: { ...TIMING, ...timing }, command, timeoutMs: 1000, isDynamic: true };
}

const TIMING: L4Check['timing'] = {
  ...{ intervalMs: 1000, connectTimeoutMs: 1000, retries: 0, retryDelayMs: 1000, warmupMs: 0 },
  ...{ alpha: false, logAllFailures: false },
};

export class PoolScene {
  /** What is said and told, in order: `log …`, `run …`, `line …`, `mail …`, `note …`. */
  readonly done: string[] = [];
  readonly checks: FakeCheck[] = [];
  changes = 0;
  nowMs = 1000;
  pool: Pool;
  #settings: PoolSettings = { routerId: 'box', checkerMails: true, rsInitNotifies: false };

  constructor(model: VirtualServer, settings: Partial<PoolSettings> = {}) {
    this.#settings = { ...this.#settings, ...settings };
    this.pool = new Pool(model, this.#services(), null);
  }

  start(): this {
    this.pool.start();
    return this;
  }

  reload(model: VirtualServer): this {
    this.pool = new Pool(model, this.#services(), this.pool);
    return this.start();
  }

  /** The check `at` of 10.0.0.N has a result. */
  say(n: number, isUp: boolean, { at = 0, weightChange = 0, why = isUp ? 'fine' : 'connection refused' } = {}): void {
    const check = this.checksOf(n)[at];
    if (check === undefined) throw new Error(`there is no check ${at} of 10.0.0.${n}`);
    const before = check.state;
    check.state = { isUp, weightChange, why, checkedWallMs: this.nowMs };
    if (before.checkedWallMs === null || before.isUp !== isUp || before.weightChange !== weightChange)
      check.home.changed(check.state);
  }

  checksOf(n: number): readonly FakeCheck[] {
    return this.checks.filter(({ home, stopped }) => !stopped && home.address.ip === `10.0.0.${n}`);
  }

  /** What was done since this was asked last; of these kinds only. */
  take(...kinds: readonly string[]): readonly string[] {
    const done = this.done.splice(0);
    return kinds.length === 0 ? done : done.filter((one) => kinds.some((kind) => one.startsWith(kind)));
  }

  /** As `10.0.0.1=5 10.0.0.99=1`. */
  get balanced(): string {
    return this.pool.service.destinations.map(({ address, weight }) => `${address.ip}=${weight}`).join(' ');
  }

  #services(): PoolServices {
    return {
      settings: this.#settings,
      beginCheck: (check, home, before) => {
        const said = new FakeCheck(check, home, before);
        this.checks.push(said);
        return said;
      },
      clock: { monotonicMs: () => this.nowMs, wallMs: () => this.nowMs },
      journal: { info: (text) => this.done.push(`log ${text}`) },
      notify: {
        run: ({ argv }) => this.done.push(`run ${argv.join(' ')}`),
        line: (text) => this.done.push(`line ${text}`),
        mail: (subject, text) => this.done.push(`mail ${subject}: ${text.trimEnd()}`),
      },
      note: (kind, subject, to, why) => this.done.push(`note ${kind} ${subject} ${to}: ${why}`),
      changed: () => {
        this.changes++;
      },
      quorumChanged: () => {},
    };
  }
}
