// Loaded before the program (NODE_OPTIONS=--import): SIGWINCH sets the clock on the wall an hour ahead, the next one two hours back.
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

const HOUR_MS = 3_600_000;
const offset = new Int32Array(isMainThread ? new SharedArrayBuffer(4) : getEnvironmentData('clock'));
const now = Date.now;

Date.now = () => now() + Atomics.load(offset, 0);
if (isMainThread) {
  setEnvironmentData('clock', offset.buffer);
  process.on('SIGWINCH', () => Atomics.store(offset, 0, Atomics.load(offset, 0) > 0 ? -HOUR_MS : HOUR_MS));
}
