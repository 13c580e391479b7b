/**
 * What every engine behind the `Poller` seam (src/sys/poller.ts) does, on real sockets: one suite, run through each of them.
 * Turns are driven by hand; what a peer did has happened before the turn, so nothing here waits for time to pass.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import { acceptingContract } from './poller-accepting.ts';
import { type CreatePoller, type EngineTraits, PollerBench } from './poller-bench.ts';
import { connectionsContract } from './poller-connections.ts';
import { fuzzContract } from './poller-fuzz.ts';
import { lettingGoContract } from './poller-letting-go.ts';
import { optionsContract } from './poller-options.ts';
import { readingContract } from './poller-reading.ts';
import { sendingContract } from './poller-sending.ts';

export function pollerContract(name: string, create: CreatePoller, traits: EngineTraits): void {
  describe(`${name}:`, () => {
    const bench = new PollerBench(create, traits);
    beforeEach(() => bench.open());
    afterEach(() => bench.close());
    readingContract(bench);
    sendingContract(bench);
    connectionsContract(bench);
    acceptingContract(bench);
    lettingGoContract(bench);
    optionsContract(bench);
    fuzzContract(bench);
  });
}
