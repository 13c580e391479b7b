// Idle client connections: beside a load, and what each costs a proxy in memory.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree, residentBytes } from '../process-tree.mjs';

const HOLDER = join(import.meta.dirname, 'idle-holder.mjs');
const OPEN_MS = 60_000;
const SETTLE_MS = 1500;
/** Opened before memory is looked at: what is made once, at the first connections, is no cost of the later ones. */
export const WARM_CONNECTIONS = 200;

/** `count` idle connections until `release()`; `standing()` counts those that still are. */
export async function holdIdle({ programs, cores }, port, count) {
  const program = programs.start([process.execPath, HOLDER, String(port), String(count)], {
    cores: cores.load,
    input: true,
  });
  const says = (pattern) => pattern.test(program.output);
  await programs.until(program, () => says(/^ready$/m), OPEN_MS, `${count} idle connections to port ${port}`);
  return {
    async standing() {
      program.output = '';
      program.child.stdin.write('\n');
      await programs.until(program, () => says(/^standing \d+$/m), 5000, 'the holder of idle connections');
      return Number(/^standing (\d+)$/m.exec(program.output)[1]);
    },
    async release() {
      program.child.stdin.end();
      await program.exit;
    },
  };
}

/** Growth of resident memory per idle connection, and how many of them the proxy did not keep. */
export async function measureIdle(context, { port, pid }, count) {
  const held = [];
  try {
    held.push(await holdIdle(context, port, WARM_CONNECTIONS));
    await sleep(SETTLE_MS);
    const pids = processTree(pid);
    const before = residentBytes(pids);
    held.push(await holdIdle(context, port, count));
    await sleep(SETTLE_MS);
    const after = residentBytes(pids);
    return { bytesPerConnection: (after - before) / count, lost: count - (await held[1].standing()) };
  } finally {
    for (const one of held) await one.release();
  }
}
