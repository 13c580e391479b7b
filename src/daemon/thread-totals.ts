/** What all threads together say of themselves, and what control has to do itself. */
import type { Plan } from '../proxy/plan.ts';
import * as shared from '../proxy/shared-state.ts';
import type { ServerRecord } from './server-record.ts';
import type { Tally } from './tally.ts';
import type { ProcessView } from './views.ts';

type ThreadTotals = Pick<ProcessView, 'bufferBytes' | 'bufferUsedBytes' | 'buffersRefused' | 'tasks' | 'runQueue'>;

export function threadTotals(
  { threads, bufferSizeBytes }: Plan,
  state: shared.SharedState,
  records: readonly ServerRecord[],
  tally: Tally,
): ThreadTotals {
  const rows = Array.from({ length: threads }, (_, thread) => state.thread(thread));
  const sum = (word: number): number => rows.reduce((all, row) => all + state.get(row + word), 0);
  const checks = records.reduce((all, { check, agent }) => all + Number(check.enabled) + Number(agent.enabled), 0);
  return {
    bufferBytes: sum(shared.THREAD_SLABS_MAPPED) * bufferSizeBytes,
    bufferUsedBytes: sum(shared.THREAD_SLABS) * bufferSizeBytes,
    buffersRefused: rows.reduce((all, row) => all + tally.count(row + shared.THREAD_SLABS_REFUSED), 0),
    tasks: sum(shared.THREAD_CONNECTIONS) + sum(shared.THREAD_STREAMS) + checks,
    runQueue: sum(shared.THREAD_READY),
  };
}
