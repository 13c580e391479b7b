/** The `log` targets of each proxy, for what the control process has to say about it: states of servers, its own stop. */
import type { Model } from '../config/model.ts';
import type { Clock } from '../core/clock.ts';
import { LogSinks } from '../proxy/log/sink.ts';
import { runningProxies } from './compile.ts';
import { compileLogTargets } from './compile-logs.ts';

export class ProxyLogs {
  readonly #sinks: readonly LogSinks[];
  readonly #clock: Clock;

  constructor(model: Model, hostname: string, clock: Clock) {
    const { logTag, logSendHostname } = model.global;
    // Descriptors have their own numbers in this process.
    const around = { hostname, descriptors: new Map<number, number>() };
    this.#clock = clock;
    this.#sinks = runningProxies(model).map((proxy) => {
      return new LogSinks(compileLogTargets(proxy.logs, proxy.logTag ?? logTag, logSendHostname, around), process.pid);
    });
  }

  /** `proxy`: its index in the plan; `level`: 0 emerg to 7 debug. */
  say(proxy: number, level: number, message: string): void {
    this.#sinks[proxy]?.say(level, message, this.#clock.wallMs());
  }
}
