/**
 * FILE_CHECK: the number of a track_file, times its weight, is added to the weight of the server; below what 32 bits hold it is
 * down. With weight 0 any number but 0 is a failure, with `reverse` 0 is.
 *
 * There are no attempts: the file says when it changes.
 */
import type { L4Check } from '../../config/l4-model.ts';
import type { CheckHome, CheckState, RunningCheck } from '../check.ts';
import type { CheckServices, WatchedFile } from './check-services.ts';

export type FileCheck = L4Check & { readonly kind: 'file' };

const FAULT = -(2 ** 31);
const MOST = 2 ** 31 - 1;

/** null: down. */
export function weightOf({ weight, reverse }: Pick<FileCheck, 'weight' | 'reverse'>, value: number): number | null {
  if (weight === 0) return (value !== 0) === reverse ? 0 : null;
  const change = value * weight * (reverse ? -1 : 1);
  return change <= FAULT ? null : Math.min(change, MOST) + 0;
}

export class FileWatch implements RunningCheck {
  readonly #check: FileCheck;
  readonly #home: CheckHome;
  readonly #services: CheckServices;
  readonly #watched: WatchedFile | null;
  #state: CheckState;

  constructor(check: FileCheck, home: CheckHome, services: CheckServices) {
    this.#check = check;
    this.#home = home;
    this.#services = services;
    this.#watched = services.files.watch(check.file, (value) => this.#changed(value));
    this.#state = this.#stateOf(this.#watched?.value ?? 0);
  }

  get state(): CheckState {
    return this.#state;
  }

  /** What a file says costs nobody anything. */
  suspend(): void {}

  stop(): void {
    this.#watched?.stop();
  }

  #changed(value: number): void {
    const before = this.#state;
    this.#state = this.#stateOf(value);
    const { isUp, weightChange } = this.#state;
    if (isUp === before.isUp && weightChange === before.weightChange) return;
    if (isUp !== before.isUp) {
      const { server, service } = this.#home;
      const state = isUp ? 'leaving FAULT state' : 'now FAULT state';
      const { journal } = this.#services;
      journal[isUp ? 'info' : 'warning'](`(${server} of ${service}): tracked file ${this.#check.file} ${state}`);
    }
    this.#home.changed(this.#state);
  }

  #stateOf(value: number): CheckState {
    const change = weightOf(this.#check, value);
    const why = `${this.#check.file} says ${value}`;
    const checkedWallMs = this.#services.clock.wallMs();
    return { isUp: change !== null, weightChange: change ?? 0, why, checkedWallMs };
  }
}
