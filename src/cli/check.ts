/** `tandem check`: is this configuration fine? Says everything that is not, and what a keepalived.conf will do. */
import { basename } from 'node:path';
import { explainProxies } from '../config/haproxy/explain.ts';
import type { NodeFile } from '../config/keepalived/compare-nodes.ts';
import { explainPair } from '../config/keepalived/explain.ts';
import { countVirtualServers, explainVirtualServers } from '../config/keepalived/l4/explain.ts';
import type { Model } from '../config/model.ts';
import type { PairModel } from '../config/pair-model.ts';
import { systemTimers } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import { lookAtBox } from '../daemon/box-facts.ts';
import { SystemCommands } from '../daemon/commands.ts';
import { defaultThreads } from '../daemon/default-threads.ts';
import { usableMemoryBytes } from '../daemon/limits.ts';
import { pairProblems } from '../daemon/pair-preflight.ts';
import { preflight } from '../daemon/preflight.ts';
import { expectedLimits } from '../daemon/process-limits.ts';
import { socketEngines } from '../daemon/socket-engines.ts';
import { loadPairConfiguration, loadWhole } from './configuration.ts';
import { environmentWith } from './environment.ts';
import { EXIT_FAILED, EXIT_FINE, printProblems } from './run.ts';

/** `peer`: the other node's keepalived.conf, to compare with; null: not given. `explain`: what the proxies consist of, too. */
export async function checkCommand(paths: readonly string[], peer: string | null, explain: boolean): Promise<number> {
  const { model, pair, outlines, problems: written } = loadWhole(paths, [], explain);
  const outcome = model === null ? null : await preflight(model, false);
  const here = outcome === null || outcome.ok ? [] : outcome.problems;
  const other = peer === null ? null : loadPairConfiguration([peer], null);
  const onBox = pair === null ? [] : await boxProblems(pair);
  const problems = [...written, ...here, ...onBox, ...(other?.problems ?? [])];
  printProblems(problems);
  const message = outcome === null || outcome.ok ? null : outcome.message;
  if (message !== null) process.stderr.write(`error: ${message}\n`);
  const warnings = count(countOf(problems, 'warning'), 'warning');
  const errors = countOf(problems, 'error') + (message === null ? 0 : 1);
  if (errors > 0) {
    process.stderr.write(`${count(errors, 'error')}, ${warnings}\n`);
    return EXIT_FAILED;
  }
  if (explain && model !== null) {
    process.stdout.write(`${explainProcess(model)}\n`);
    if (model.proxies.length > 0) process.stdout.write(`${explainProxies(model, outlines)}\n`);
  }
  if (pair !== null) {
    const { instances, virtualServers } = pair;
    const hasRouters = instances.length > 0 || virtualServers.length === 0;
    if (hasRouters) process.stdout.write(`${explanation(pair, other?.pair ?? null, peer ?? '')}\n`);
    if (virtualServers.length > 0)
      process.stdout.write(
        `${explain ? explainVirtualServers(virtualServers) : countVirtualServers(virtualServers)}\n`,
      );
    if (hasRouters) process.stdout.write(`${socketEngines()}\n`);
  }
  process.stdout.write(`Configuration file is valid${warnings === '0 warnings' ? '' : ` (${warnings})`}\n`);
  return EXIT_FINE;
}

/** As they would be here and now, and where that comes from. */
function explainProcess(model: Model): string {
  const { nbthread, poller, maxconn } = model.global;
  const threads = nbthread ?? defaultThreads();
  const memoryBytes = usableMemoryBytes(null);
  const limits = expectedLimits(model.global, null, memoryBytes, threads, listenersOf(model));
  const engine = poller === 'auto' ? 'io_uring where the kernel has it, else epoll' : poller;
  const rows: readonly (readonly [string, string])[] = [
    [`nbthread ${threads}`, nbthread === null ? 'as many as there are cores for it' : 'configured'],
    [`maxconn ${limits.maxconn}`, maxconn === null ? `from ${limits.maxconnFrom}` : 'configured'],
    [`${limits.descriptors} file descriptors`, 'at most'],
    [`${Math.floor(memoryBytes / 1024 / 1024)} MB of memory`, 'of the container, or of the machine'],
    [`tune.tandem.poller ${poller}`, engine],
  ];
  const width = Math.max(...rows.map(([text]) => text.length));
  const lines = rows.map(([text, from]) => `  ${text.padEnd(width)}  ${from}`);
  const warning = limits.warning === null ? [] : [`  ${limits.warning}`];
  return ['process', ...lines, ...warning, ''].join('\n');
}

function listenersOf({ proxies }: Model): number {
  return proxies.flatMap(({ binds }) => binds.flatMap(({ addresses }) => addresses)).length;
}

async function boxProblems(pair: PairModel): Promise<readonly Problem[]> {
  return pairProblems(
    pair,
    await lookAtBox(new SystemCommands(systemTimers, environmentWith({})), pair.virtualServers),
  );
}

/** The node is called after the host, or after its file where two are compared. */
function explanation(pair: PairModel, other: PairModel | null, peerPath: string): string {
  const own: NodeFile = { label: other === null ? 'this node' : ownName(pair, peerPath), model: pair };
  return explainPair(own, other === null ? null : { label: basename(peerPath), model: other });
}

function ownName({ instances }: PairModel, peerPath: string): string {
  const name = basename(instances[0]?.origin.file ?? 'this node');
  return name === basename(peerPath) ? 'this node' : name;
}

function countOf(problems: readonly Problem[], severity: Problem['severity']): number {
  return problems.filter((problem) => problem.severity === severity).length;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
