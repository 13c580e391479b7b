// Loaded before the program (NODE_OPTIONS=--import): after SIGWINCH one data thread never returns from asking for the time.
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

const WANTED = 1;
const TAKEN = 2;

if (isMainThread) {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  setEnvironmentData('spin', flag.buffer);
  process.on('SIGWINCH', () => Atomics.store(flag, 0, WANTED));
} else {
  const flag = new Int32Array(getEnvironmentData('spin'));
  const now = performance.now.bind(performance);
  performance.now = () => {
    while (Atomics.compareExchange(flag, 0, WANTED, TAKEN) === WANTED) for (;;);
    return now();
  };
}
