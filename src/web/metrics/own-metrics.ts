/** What Tandem says of itself, by prom-client: loaded when somebody is to be told (metrics.ts). */
import type { Registry } from 'prom-client';
import type { ProgramView } from '../../daemon/views.ts';
import { ControlMetrics, type ControlMetricsSetup } from './control-metrics.ts';
import type { MetricsQuery } from './metrics-query.ts';
import { ProgramMetrics } from './program-metrics.ts';

export class OwnMetrics {
  readonly #control: ControlMetrics;
  readonly #program = new ProgramMetrics();

  constructor(setup: ControlMetricsSetup) {
    this.#control = new ControlMetrics(setup);
    this.#control.start();
  }

  stop(): void {
    this.#control.stop();
  }

  /** `program` null: there are no proxies. */
  async text(program: ProgramView | null, query: MetricsQuery): Promise<string> {
    this.#control.show();
    const control = await registryText(this.#control.registry, query);
    if (program === null) return control;
    this.#program.show(program);
    return control + (await registryText(this.#program.registry, query));
  }
}

async function registryText(registry: Registry, { wants }: MetricsQuery): Promise<string> {
  const wanted = registry.getMetricsAsArray().filter(({ name }) => wants(name));
  const texts = await Promise.all(wanted.map(({ name }) => registry.getSingleMetricAsString(name)));
  // A family without numbers would be a header alone.
  const full = texts.filter((text) => /^[^#\n]/m.test(text));
  return full.map((text) => `${text}\n`).join('');
}
