/** Sample expressions as the data process runs them: names of proxies and servers become indices. */
import type { Proxy as ProxyModel } from '../config/model.ts';
import type { SampleArgument, SampleExpression, SampleStep } from '../config/sample-model.ts';
import type { SamplePlan, SampleStepPlan } from '../proxy/sample-plan.ts';

type Value = SampleStepPlan['arguments'][number];

/** `running`: the proxies of the plan, in its order; `own`: the one that the expression belongs to. */
export function compileSample(
  expression: SampleExpression,
  running: readonly ProxyModel[],
  own: ProxyModel,
): SamplePlan {
  const step = ({ word, arguments: values }: SampleStep): SampleStepPlan => ({
    word,
    arguments: values.flatMap((value) => valuesOf(value, running, own)),
  });
  return { fetch: step(expression.fetch), converters: expression.converters.map(step) };
}

function valuesOf(value: SampleArgument, running: readonly ProxyModel[], own: ProxyModel): readonly Value[] {
  switch (value.kind) {
    case 'none':
      return [null];
    case 'frontend':
    case 'backend':
      return [value.name === '' ? running.indexOf(own) : indexOf(running, value.name, value.kind)];
    case 'server': {
      const slash = value.name.lastIndexOf('/');
      const index = slash < 0 ? running.indexOf(own) : indexOf(running, value.name.slice(0, slash), 'backend');
      const name = value.name.slice(slash + 1);
      return [index, running[index]?.servers.findIndex((server) => server.name === name) ?? -1];
    }
    default:
      return [value.value];
  }
}

/** -1: it is disabled, and has nothing to say. */
function indexOf(running: readonly ProxyModel[], name: string, side: 'frontend' | 'backend'): number {
  const other = side === 'frontend' ? 'backend' : 'frontend';
  return running.findIndex((proxy) => proxy.name === name && proxy.kind !== other);
}
