/**
 * Boxes on switches, in namespaces: what the networks of layer-4 tests are made of. The switches are bridges of one namespace; a box
 * has an /etc and a /run of its own.
 *
 * Not here: which boxes there are (oracle-networks.ts), the balancer on a box (balancer.ts), clients (clients.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Namespace, NamespaceLab } from '../../../support/namespaces.ts';
import { OwnBox } from '../../../support/own-box.ts';

export interface Plug {
  readonly switch: string;
  readonly device: string;
  /** The first of IPv4. */
  readonly addresses: readonly string[];
}

const WITHIN_MS = 45_000;

export class Network {
  readonly lab = new NamespaceLab();
  readonly #switches: Namespace;
  readonly #boxes = new Map<string, OwnBox>();
  readonly #ports = new Map<string, string>();

  constructor(switches: readonly string[]) {
    this.#switches = this.lab.add('switches');
    for (const name of switches) {
      const bridge = ['type', 'bridge', 'stp_state', '0', 'forward_delay', '0', 'mcast_snooping', '0'];
      this.#ip('link', 'add', name, ...bridge);
      this.#ip('link', 'set', name, 'up');
    }
  }

  async add(name: string, plugs: readonly Plug[]): Promise<OwnBox> {
    const space = this.lab.add(name, { hasDad: false });
    for (const { switch: bridge, device, addresses } of plugs) {
      const [first = '', ...more] = addresses;
      this.#ports.set(`${name} ${device}`, this.lab.link(this.#switches, { bridge }, space, first, device));
      for (const address of more) this.lab.run(space, 'ip', 'address', 'add', address, 'dev', device);
    }
    const box = await OwnBox.open(this.lab, space);
    this.#boxes.set(name, box);
    return box;
  }

  box(name: string): OwnBox {
    const box = this.#boxes.get(name);
    if (box === undefined) throw new Error(`there is no ${name}`);
    return box;
  }

  /** What a line of the shell says there; it must succeed. */
  run(name: string, command: string): string {
    const { status, stdout } = this.box(name).run(command);
    if (status !== 0) throw new Error(`${name}: ${command}: ${stdout}`);
    return stdout;
  }

  /** The switch's side loses its link, and so does the box. */
  cut(name: string, device: string): void {
    this.#ip('link', 'set', this.#ports.get(`${name} ${device}`) ?? '', 'down');
  }

  mend(name: string, device: string): void {
    this.#ip('link', 'set', this.#ports.get(`${name} ${device}`) ?? '', 'up');
  }

  /** From now on a switch sends every frame to all of its ports. */
  floods(name: string): void {
    this.#ip('link', 'set', name, 'type', 'bridge', 'ageing_time', '0');
  }

  async remove(): Promise<void> {
    await this.lab.remove();
  }

  #ip(...args: string[]): void {
    this.lab.run(this.#switches, 'ip', ...args);
  }
}

/** Asks until it is so; throws with what was seen last. */
export async function eventually<T>(
  what: string,
  see: () => T | Promise<T>,
  isSo: (seen: T) => boolean,
  explain: () => string = () => '',
): Promise<T> {
  const endMs = performance.now() + WITHIN_MS;
  for (;;) {
    const seen = await see();
    if (isSo(seen)) return seen;
    if (performance.now() > endMs) throw new Error(`not so: ${what}; seen: ${JSON.stringify(seen)}\n${explain()}`);
    await sleep(50);
  }
}
