/** Functions of libuv that Node's binary exports, for what Node itself does not offer. Only src/sys imports this file. */
import koffi from 'koffi';
import { allocate } from './memory.ts';

const c = koffi.load(null);

/** uv_handle_type */
const UV_SIGNAL = 16;

koffi.proto('void tandem_signal_cb(uintptr_t handle, int signal)');

const currentSigrtmin = c.func('int __libc_current_sigrtmin()') as () => number;

export function firstRealtimeSignal(): number {
  return currentSigrtmin();
}

/** `heard` must not throw. Returns how to stop; null: this binary exports no libuv. */
export function watchSignal(signal: number, heard: () => void): (() => void) | null {
  try {
    const loop = (c.func('uintptr_t uv_default_loop()') as () => number)();
    const sizeBytes = (c.func('ulong uv_handle_size(int)') as (kind: number) => number)(UV_SIGNAL);
    const init = c.func('int uv_signal_init(uintptr_t, uintptr_t)') as (loop: number, handle: number) => number;
    const start = c.func('int uv_signal_start(uintptr_t, tandem_signal_cb *, int)') as (
      handle: number,
      callback: unknown,
      signal: number,
    ) => number;
    const halt = c.func('int uv_signal_stop(uintptr_t)') as (handle: number) => number;
    const unref = c.func('void uv_unref(uintptr_t)') as (handle: number) => void;
    // Never given back: the loop knows it until the process ends.
    const { address } = allocate(sizeBytes);
    const callback = koffi.register(() => heard(), 'tandem_signal_cb *');
    if (init(loop, address) !== 0 || start(address, callback, signal) !== 0) return null;
    // Listening keeps nobody running.
    unref(address);
    return () => void halt(address);
  } catch {
    return null;
  }
}
