/**
 * Signals that Node has no name for: keepalived's SIGRTMIN+2 and SIGRTMAX-1. Through libuv's own functions, which Node's
 * binary exports to addons; the callback runs between two turns of the main thread's loop, as Node's own signals do.
 *
 * Without this such a signal ends the process. Only the control process's main thread may call it.
 */
import * as libuv from './libuv.ts';

/** Its number here: the first ones belong to the C library, and each takes another number of them. */
export function realtimeSignal(which: { readonly afterFirst: number } | { readonly beforeLast: number }): number {
  return 'afterFirst' in which ? libuv.firstRealtimeSignal() + which.afterFirst : LAST - which.beforeLast;
}

/** SIGRTMAX, on x86-64 and arm64. */
const LAST = 64;

/** Returns how to stop; null: it cannot be had. */
export function onRealtimeSignal(signal: number, heard: () => void): (() => void) | null {
  let listening = true;
  const stop = libuv.watchSignal(signal, () => {
    // What a callback from C throws would be lost, and promises would wait for the next event.
    if (listening) setImmediate(() => listening && heard());
  });
  if (stop === null) return null;
  return () => {
    listening = false;
    stop();
  };
}
