/** Lanes through one proxy, side by side, and what came out wrong. */

import type { RequestCase, ResponseCase } from './case.ts';
import { RESPONSE_CASES } from './cases/response-cases.ts';
import { judgeRequest, judgeResponse } from './judge.ts';
import { Lane } from './lane.ts';
import { Origin } from './origin.ts';
import type { Layout } from './proxies.ts';

export class Stand {
  readonly layout: Layout;
  readonly #origins: readonly Origin[];
  readonly #lanes: readonly Lane[];

  private constructor(origins: readonly Origin[], ports: readonly number[], giveUpMs: number) {
    const turnPort = ports.at(-1) ?? 0;
    this.#origins = origins;
    this.layout = { ports: ports.map((port, i) => [port, origins[i]?.port ?? 0]) };
    this.#lanes = origins
      .slice(0, -1)
      .map((origin, i) => new Lane({ origin, port: ports[i] ?? 0, turnPort, giveUpMs }));
  }

  /** `portFor` gives an address of the proxy for an origin; one more than `lanes` are asked for, for turns. */
  static async of(lanes: number, portFor: (originPort: number) => Promise<number>, giveUpMs: number): Promise<Stand> {
    const origins: Origin[] = [];
    const ports: number[] = [];
    for (let i = 0; i <= lanes; i++) {
      const origin = await Origin.listen();
      origins.push(origin);
      ports.push(await portFor(origin.port));
    }
    return new Stand(origins, ports, giveUpMs);
  }

  /** Calls `each` for all of `cases`, a lane taking the next one when it is done with one. */
  async run<T>(cases: readonly T[], each: (lane: Lane, one: T) => Promise<void>): Promise<void> {
    const queue = [...cases];
    const work = async (lane: Lane): Promise<void> => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) await each(lane, one);
    };
    await Promise.all(this.#lanes.map(work));
  }

  /** What is wrong, as lines; `cutEvery`: sent in pieces of that size. */
  async requests(cases: readonly RequestCase[], cutEvery?: number): Promise<string[]> {
    const wrong: string[] = [];
    await this.run(cases, async (lane, one) => {
      const faults = judgeRequest(one, await lane.request(one, cutEvery));
      if (faults.length > 0) wrong.push(`${one.id} (${one.expect}, RFC ${one.rfc}): ${faults.join('; ')}`);
    });
    return wrong.sort();
  }

  async responses(cases: readonly ResponseCase[] = RESPONSE_CASES): Promise<string[]> {
    const wrong: string[] = [];
    await this.run(cases, async (lane, one) => {
      const faults = judgeResponse(one, await lane.response(one));
      if (faults.length > 0) wrong.push(`${one.id} (${one.expect}, RFC ${one.rfc}): ${faults.join('; ')}`);
    });
    return wrong.sort();
  }

  async close(): Promise<void> {
    for (const origin of this.#origins) await origin.close();
  }
}
