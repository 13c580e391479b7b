/** What of a proxy looks at requests, as the data process runs it; null where nothing does. */
import type { Proxy as ProxyModel } from '../config/model.ts';
import type { RulesPlan } from '../proxy/condition-plan.ts';
import { compileCondition } from './compile-condition.ts';
import { compileSample } from './compile-sample.ts';

export function compileRules(proxy: ProxyModel, running: readonly ProxyModel[]): RulesPlan | null {
  const { backends, servers, persistence } = proxy.rules;
  const { sample } = proxy.balanceArguments;
  const hashes = proxy.balance === 'hash' && sample !== null;
  if (backends.length + servers.length + persistence.length === 0 && !hashes) return null;
  return {
    hash: hashes ? compileSample(sample, running, proxy) : null,
    backends: backends.map(({ backend, condition }) => ({
      // -1: it is disabled, and answers 503.
      backend: running.findIndex((other) => other.name === backend && other.kind !== 'frontend'),
      condition: compileCondition(condition, running, proxy),
    })),
    servers: servers.map(({ server, condition }) => ({
      server: proxy.servers.findIndex((other) => other.name === server),
      condition: compileCondition(condition, running, proxy),
    })),
    persistence: persistence.map(({ forces, condition }) => ({
      forces,
      condition: compileCondition(condition, running, proxy),
    })),
  };
}
