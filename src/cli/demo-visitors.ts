/**
 * The demo's own clients, so that there is something to see: a few requests a second, more and fewer by turns. Never more at once
 * than a machine could miss.
 */
import { Agent, get } from 'node:http';
import type { Timer, Timers } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { SHOP_PATH } from './demo-server.ts';

const EVERY_MS = 100;
/** A second: between these. */
const FEWEST = 8;
const MOST = 30;
/** From few to many and back. */
const WAVE_MS = 70_000;
const AT_ONCE = 12;
const PATIENCE_MS = 5000;

export class DemoVisitors {
  readonly #port: number;
  readonly #timers: Timers;
  readonly #random: Random;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE, maxFreeSockets: AT_ONCE });
  #timer: Timer | null = null;
  #underWay = 0;
  #ticks = 0;
  /** What is due of the next request. */
  #due = 0;

  constructor(port: number, timers: Timers, random: Random) {
    this.#port = port;
    this.#timers = timers;
    this.#random = random;
  }

  start(): void {
    this.#timer = this.#timers.after(EVERY_MS, () => {
      this.start();
      this.#come();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#agent.destroy();
  }

  #come(): void {
    const wave = (1 + Math.sin((2 * Math.PI * this.#ticks++ * EVERY_MS) / WAVE_MS)) / 2;
    const perSecond = FEWEST + (MOST - FEWEST) * wave;
    this.#due += (perSecond * EVERY_MS * 2 * this.#random.next()) / 1000;
    for (; this.#due >= 1; this.#due--) if (this.#underWay < AT_ONCE) this.#visit();
  }

  #visit(): void {
    this.#underWay++;
    const options = { host: '127.0.0.1', port: this.#port, path: SHOP_PATH, agent: this.#agent, timeout: PATIENCE_MS };
    const request = get(options, (response) => response.resume());
    request.on('timeout', () => request.destroy());
    request.on('error', () => {});
    request.on('close', () => this.#underWay--);
  }
}
