/** A data thread of a run, and when it gets to run. */
import type { ThreadLoop } from '../../src/proxy/thread-loop.ts';
import type { Engine } from './engine.ts';
import type { WatchedSlabs } from './watched-slabs.ts';

export class SimulatedThread {
  readonly loop: ThreadLoop;
  readonly engine: Engine;
  readonly slabs: WatchedSlabs;
  /** It sleeps until then at the latest, or does not get to run before. */
  wakesAtMs = 0;
  stalledUntilMs = 0;
  mustTurn = true;
  over = false;
  mail: ((loop: ThreadLoop) => void)[] = [];

  constructor(loop: ThreadLoop, engine: Engine, slabs: WatchedSlabs) {
    this.loop = loop;
    this.engine = engine;
    this.slabs = slabs;
  }
}
