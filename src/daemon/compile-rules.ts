/** Rules with conditions as the data process runs them; null where a proxy has none. */
import type { Proxy as ProxyModel } from '../config/model.ts';
import type { RulesPlan } from '../proxy/condition-plan.ts';
import { compileCondition } from './compile-condition.ts';

export function compileRules(proxy: ProxyModel, running: readonly ProxyModel[]): RulesPlan | null {
  const { backends, servers, persistence } = proxy.rules;
  if (backends.length + servers.length + persistence.length === 0) return null;
  return {
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
