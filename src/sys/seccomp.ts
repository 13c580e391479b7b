/**
 * Puts a filter of system calls on this process, for good and for all of its threads at once (seccomp(2), TSYNC): also for
 * those of Node and V8, which no code of ours could reach. With the filter every thread gets no_new_privs.
 */
import type { Policy } from './allowed-calls.ts';
import { compileFilter } from './call-filter.ts';
import * as libc from './libc.ts';
import { allocate, unmap } from './memory.ts';
import { ownMachine } from './system-calls.ts';

const SET_MODE_FILTER = 1;
const FLAG_TSYNC = 1 << 0;
/** What is refused can be seen in the audit log, once kernel.seccomp.actions_logged has `errno`. */
const FLAG_LOG = 1 << 1;
/** Kernels before 5.16 would slow all of the process down, for programs that run strangers' code. This one does not. */
const FLAG_SPEC_ALLOW = 1 << 2;
const FLAGS = FLAG_TSYNC | FLAG_LOG | FLAG_SPEC_ALLOW;
/** struct sock_fprog { length 2, padding 6, filter 8 } */
const HEADER_BYTES = 16;

/** null, or why there is none now; then nothing has changed. The calling thread must have no_new_privs. */
export function filterSystemCalls(policy: Policy): string | null {
  const program = compileFilter(policy, ownMachine());
  const filter = program.assemble();
  const region = allocate(HEADER_BYTES + filter.length);
  try {
    region.bytes.writeUInt16LE(program.length, 0);
    region.bytes.writeBigUInt64LE(BigInt(region.address + HEADER_BYTES), 8);
    filter.copy(region.bytes, HEADER_BYTES);
    const result = libc.seccomp(SET_MODE_FILTER, FLAGS, region.address);
    if (result === 0) return null;
    return result > 0 ? `thread ${result} has another filter` : `seccomp is refused, errno ${libc.errno()}`;
  } finally {
    unmap(region);
  }
}
