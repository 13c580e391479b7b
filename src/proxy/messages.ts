/**
 * What the control process and the data process say to each other, as JSON over Node's IPC channel.
 *
 *   control ── plan ─────────────▶ data      first message; the data process maps, loads, drops privileges, serves
 *   control ◀─────────── ready ── data      (a spare process waits for `serve` before that)
 *   control ── verdicts ─────────▶ data      the shared state changed: wake the threads that wait for it
 *   control ── last-answers ─────▶ data      the address is about to leave: answers end their connections (or no more so)
 *   control ── stop-accepting ───▶ data      soft stop: finish what is there
 *   control ◀───────── drained ── data      then the process exits with 0
 *   control ◀───── log, failed ── data
 *
 * A lost channel means that control died: the data process stops accepting, finishes and ends.
 */
import type { Plan } from './plan.ts';

export type ToData =
  | { readonly type: 'plan'; readonly plan: Plan; readonly held: boolean }
  | { readonly type: 'serve' }
  | { readonly type: 'verdicts' }
  | { readonly type: 'last-answers'; readonly on: boolean }
  | { readonly type: 'stop-accepting' };

export type FromData =
  | { readonly type: 'ready'; readonly poller: string; readonly threads: number }
  | { readonly type: 'drained' }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };
