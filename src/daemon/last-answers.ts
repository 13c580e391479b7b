/**
 * Before an address leaves: answers end their connections, and idle clients are let go, so that they come anew where the
 * address is then.
 */
import type { Timers } from '../core/clock.ts';

/** Clients that keep connections learn with their next answer that this one ends. */
const LAST_ANSWERS_MS = 1000;
const LOOK_EVERY_MS = 50;

export interface Answering {
  readonly connections: number;
  lastAnswers(on: boolean): void;
}

/** Resolves when no client is left, or their time is over. `proxies` null: there are none. */
export async function clientsGone(proxies: Answering | null, timers: Timers): Promise<void> {
  for (let waitedMs = 0; waitedMs < LAST_ANSWERS_MS; waitedMs += LOOK_EVERY_MS) {
    if (proxies === null || proxies.connections === 0) return;
    await new Promise<void>((resolve) => timers.after(LOOK_EVERY_MS, resolve));
  }
}

/** The same, beginning with telling them; what is returned takes that back. */
export async function goodBye(proxies: Answering | null, timers: Timers): Promise<() => void> {
  proxies?.lastAnswers(true);
  await clientsGone(proxies, timers);
  return () => proxies?.lastAnswers(false);
}
