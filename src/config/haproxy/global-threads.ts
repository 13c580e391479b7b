/** Keywords of `global` about threads: how many there are, and on which CPUs they run. */
import type { CpuBinding } from '../model.ts';
import { integerArgument } from './arguments.ts';
import type { Loading } from './drafts.ts';
import { type Keyword, supported } from './keyword.ts';
import { cpuSet, threadSet } from './number-sets.ts';
import type { Statement } from './statement.ts';

export const GLOBAL_THREADS: readonly Keyword<Loading>[] = [
  supported('nbthread', '<number>', 'without it, as many as there are usable cores', applyThreads),
  supported(
    'cpu-map',
    '<threads> <cpus> ...',
    'pins the data threads: `[auto:]1[/<threads>]`, ranges, `all`, `odd`, `even`',
    applyCpuMap,
  ),
  supported('thread-groups', '<number>', 'only 1, as in HAProxy 2.6', applyGroups),
  supported('thread-group', '<group> [<threads>] ...', 'there is group 1 only, and it has all threads', applyGroup),
];

function applyThreads(s: Statement, _at: number, { global }: Loading): void {
  if (/^[-+]?\d+$/.test(s.text(1))) global.nbthread = integerArgument(s, 1, { min: 1, max: 64 });
  else s.error(1, 'bad-value', `'nbthread' expects a number, not '${s.text(1)}'`);
}

function applyCpuMap(s: Statement, _at: number, { global }: Loading): void {
  const [, auto, groupText = '', threadText] = /^(auto:)?([^/]*)(?:\/(.*))?$/.exec(s.text(1)) ?? [];
  const groups = threadSet(groupText);
  const threads = threadText === undefined ? null : threadSet(threadText);
  const cpus = cpuSet(s.words.slice(2).map((word) => word.text));
  if (groups === null || (threads === null && threadText !== undefined)) {
    const hint = "'all', 'odd', 'even', a number from 1 to 64, or a range like 1-4";
    s.error(1, 'bad-value', `'cpu-map' does not understand '${s.text(1)}'`, `like auto:1/1-4, with ${hint}`);
    return;
  }
  if (cpus === null) {
    const message = `'cpu-map' expects numbers of CPUs from 0 to 1023, not '${s.textFrom(2)}'`;
    s.error(2, 'bad-value', message, 'like 0-3, or 0 2');
    return;
  }
  const sizes = [groups.length, threads?.length ?? 0];
  if (auto !== undefined && !sizes.includes(cpus.length)) {
    const message = `'cpu-map auto:' wants as many CPUs as threads, not ${cpus.length} for ${threads?.length ?? 'a group'}`;
    s.error(2, 'bad-value', message, 'like auto:1/1-4 0-3');
    return;
  }
  if (!groups.includes(1)) {
    s.warning(1, 'no-effect', `'cpu-map ${s.text(1)}': there is only group 1, so nothing is pinned`);
    return;
  }
  global.cpuMap = [...global.cpuMap, ...bindings(auto !== undefined, groups, threads, cpus)];
}

/** `auto:` gives each of several threads, or of several groups, a CPU of its own, from the lowest. */
function bindings(
  auto: boolean,
  groups: readonly number[],
  threads: readonly number[] | null,
  cpus: readonly number[],
): readonly CpuBinding[] {
  if (!auto) return [{ threads, cpus }];
  if (threads === null || threads.length !== cpus.length) {
    return [{ threads, cpus: cpus.slice(groups.indexOf(1), groups.indexOf(1) + 1) }];
  }
  return threads.map((thread, i) => ({ threads: [thread], cpus: cpus.slice(i, i + 1) }));
}

function applyGroups(s: Statement): void {
  if (s.text(1) !== '1') s.error(1, 'bad-value', `'thread-groups ${s.text(1)}': there is one group, as in HAProxy 2.6`);
}

function applyGroup(s: Statement): void {
  if (s.text(1) !== '1') {
    s.error(1, 'bad-value', `'thread-group ${s.text(1)}': there is one group, as in HAProxy 2.6`, 'write 1');
  }
  for (let at = 2; s.has(at); at++) {
    if (/^\d/.test(s.text(at)) && threadSet(s.text(at)) !== null) continue;
    s.error(at, 'bad-value', `'thread-group' expects numbers of threads from 1 to 64, not '${s.text(at)}'`, 'like 1-4');
  }
}
