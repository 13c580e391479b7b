/** What runs, as `tandem_…`: generations, reloads, the data process and its threads. Set anew for each scrape. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { ProgramView } from '../../daemon/views.ts';

export class ProgramMetrics {
  readonly registry = new Registry();
  readonly #generation = this.#gauge(
    'generation',
    'Number of the configuration that runs: each reload makes a new one.',
  );
  readonly #older = this.#gauge('older_generations', 'Configurations that still serve their last clients.');
  readonly #up = this.#gauge('data_process_up', 'Whether there is a data process that serves.');
  readonly #reloaded = this.#gauge('last_reload_timestamp_seconds', 'When a reload succeeded last, 0: never.');
  readonly #reloads = this.#counter('reloads_total', 'Reloads, by how they ended.', ['result']);
  readonly #restarts = this.#counter('data_process_restarts_total', 'Data processes that died and were replaced.');
  readonly #engine = this.#gauge('data_engine_info', 'The event engine of the data threads.', ['engine']);
  readonly #connections = this.#gauge('thread_connections', 'Client connections of a data thread.', ['thread']);
  readonly #slabs = this.#gauge('thread_slabs', 'Buffers that a data thread has in use.', ['thread']);
  readonly #turns = this.#counter('thread_turns_total', 'Turns of the loop of a data thread.', ['thread']);
  readonly #age = this.#gauge(
    'thread_heartbeat_age_seconds',
    'Since when the loop of a data thread was not seen to turn, which it does twice a second.',
    ['thread'],
  );

  show(program: ProgramView): void {
    // Threads may be fewer than before, and what counts them may have started anew.
    this.registry.resetMetrics();
    this.#generation.set(program.generation);
    this.#older.set(program.olderGenerations);
    this.#up.set(Number(program.serving));
    this.#reloaded.set((program.reloadedWallMs ?? 0) / 1000);
    this.#reloads.inc({ result: 'done' }, program.reloads.done);
    this.#reloads.inc({ result: 'failed' }, program.reloads.failed);
    this.#restarts.inc(program.dataDeaths);
    // Behind the name is why it is that one.
    const [engine] = program.engine?.split(' ') ?? [];
    if (engine !== undefined) this.#engine.set({ engine }, 1);
    for (const { number, connections, slabs, turns, heartbeatAgeMs } of program.threads) {
      const thread = String(number);
      this.#connections.set({ thread }, connections);
      this.#slabs.set({ thread }, slabs);
      this.#turns.inc({ thread }, turns);
      this.#age.set({ thread }, heartbeatAgeMs / 1000);
    }
  }

  #gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    return new Gauge({ name: `tandem_${name}`, help, labelNames, registers: [this.registry] });
  }

  #counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    return new Counter({ name: `tandem_${name}`, help, labelNames, registers: [this.registry] });
  }
}
