/**
 * What the control process and the data process say to each other, as JSON over Node's IPC channel.
 *
 *   control ── plan ─────────────▶ data      first message; the data process maps, loads, drops privileges, serves
 *   control ◀─────────── ready ── data      (a spare process waits for `serve` before that)
 *   control ── servers ──────────▶ data      some came, went, or moved; what has changed before a start comes with the plan
 *   control ── verdicts ─────────▶ data      the shared state changed: wake the threads that wait for it
 *   control ── last-answers ─────▶ data      the address is about to leave: answers end their connections (or no more so)
 *   control ── stop-accepting ───▶ data      soft stop: finish what is there
 *   control ── ask ──────────────▶ data      something that only one of its threads knows
 *   control ◀────────── answer ── data      by the same number, or never: the thread may hang
 *   control ◀───────── drained ── data      then the process exits with 0
 *   control ◀───── log, failed ── data
 *
 * A lost channel means that control died: the data process stops accepting, finishes and ends.
 */
import type { Plan, ServerChange } from './plan.ts';
import type { Answer, Question } from './questions.ts';

/** Changes of servers, and the number that says which they are. */
export interface ServerChanges {
  readonly number: number;
  readonly changes: readonly ServerChange[];
}

export type ToData =
  | { readonly type: 'plan'; readonly plan: Plan; readonly held: boolean; readonly servers: ServerChanges }
  | { readonly type: 'servers'; readonly servers: ServerChanges }
  | { readonly type: 'serve' }
  | { readonly type: 'verdicts' }
  | { readonly type: 'last-answers'; readonly on: boolean }
  | { readonly type: 'ask'; readonly id: number; readonly thread: number; readonly question: Question }
  | { readonly type: 'stop-accepting' };

export type FromData =
  | { readonly type: 'ready'; readonly poller: string; readonly threads: number }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly type: 'drained' }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };
