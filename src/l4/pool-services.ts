/** What a pool needs of the rest of the program. */
import type { ScriptCommand } from '../config/pair-model.ts';
import type { Clock } from '../core/clock.ts';
import type { BeginCheck } from './check.ts';

export interface PoolServices {
  readonly settings: PoolSettings;
  readonly beginCheck: BeginCheck;
  readonly clock: Clock;
  readonly journal: { info(text: string): void };
  readonly notify: L4Notify;
  /** For who asks later; the subject of a real server is `[192.0.2.1]:tcp:80/[10.0.0.71]:tcp:80`. */
  note(kind: 'virtual-server' | 'real-server', subject: string, to: 'UP' | 'DOWN', why: string): void;
  /** `service` of the pool is another one. */
  changed(): void;
  /** `hasQuorum` is another one. */
  quorumChanged(): void;
}

/** Of `global_defs`: PairGlobal has them under the same names. */
export interface PoolSettings {
  readonly routerId: string;
  readonly checkerMails: boolean;
  readonly rsInitNotifies: boolean;
}

/** Those who are told; none of them holds anything up. */
export interface L4Notify {
  run(command: ScriptCommand): void;
  /** Into the pipes: `VS [192.0.2.1]:tcp:80 UP`. */
  line(text: string): void;
  mail(subject: string, text: string): void;
}
