/** The control process as `tandem_control_…`. Lag and garbage are watched from the start on; the rest is asked for. */
import { Counter, Gauge, Registry } from 'prom-client';
import { HAPROXY_VERSION } from '../../config/haproxy/identity.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import { ControlLoop } from './control-loop.ts';

export interface ControlMetricsSetup {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Of Tandem. */
  readonly packageVersion: string;
}

export class ControlMetrics {
  readonly registry = new Registry();
  readonly #loop: ControlLoop;
  readonly #resident = this.#gauge('resident_memory_bytes', 'Memory of the control process.');
  readonly #heap = this.#gauge('heap_used_bytes', 'JavaScript objects of the control process.');
  readonly #processor = new Counter({
    name: 'tandem_control_cpu_seconds_total',
    help: 'Processor time of the control process.',
    labelNames: ['mode'],
    registers: [this.registry],
  });

  constructor({ clock, timers, packageVersion }: ControlMetricsSetup) {
    const labels = { version: packageVersion, haproxy: HAPROXY_VERSION, node: process.versions.node };
    const build = new Gauge({
      name: 'tandem_build_info',
      help: 'Which Tandem this is, which HAProxy it is like, and what it runs on.',
      labelNames: ['version', 'haproxy', 'node'],
      registers: [this.registry],
    });
    build.set(labels, 1);
    this.#loop = new ControlLoop(this.registry, clock, timers);
  }

  start(): void {
    this.#loop.start();
  }

  stop(): void {
    this.#loop.stop();
  }

  show(): void {
    this.#resident.set(process.memoryUsage.rss());
    this.#heap.set(process.memoryUsage().heapUsed);
    const { user, system } = process.cpuUsage();
    this.#processor.reset();
    this.#processor.inc({ mode: 'user' }, user / 1e6);
    this.#processor.inc({ mode: 'system' }, system / 1e6);
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name: `tandem_control_${name}`, help, registers: [this.registry] });
  }
}
