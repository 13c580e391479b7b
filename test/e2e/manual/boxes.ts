/**
 * The network that the manual speaks of: two boxes, two web servers, a client, on one switch. Each box has an /etc, a /run and a
 * /var/log of its own, so that what a page writes there is gone with it, and `tandem` in its PATH.
 *
 *   client 192.0.2.1 ──┬── lb1 192.0.2.11 ──┬── web1 192.0.2.21:80
 *                      └── lb2 192.0.2.12 ──┴── web2 192.0.2.22:80       (all on eth0 of 192.0.2.0/24)
 *
 * Where a page wants them there are two servers more behind the boxes, on eth1 of 10.0.0.0/24:
 *
 *   lb1 10.0.0.11 ──┬── web3 10.0.0.23:80
 *   lb2 10.0.0.12 ──┴── web4 10.0.0.24:80
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Namespace, NamespaceLab } from '../../support/namespaces.ts';
import { OwnBox } from '../../support/own-box.ts';
import type { CommandStep, FileStep } from './page.ts';
import { matches } from './page.ts';

const HOSTS: readonly (readonly [string, number])[] = [
  ['client', 1],
  ['lb1', 11],
  ['lb2', 12],
  ['web1', 21],
  ['web2', 22],
];
const INNER_HOSTS: readonly (readonly [string, number])[] = [
  ['lb1', 11],
  ['lb2', 12],
  ['web3', 23],
  ['web4', 24],
];
/** For what takes its time: a start, an election, a check. */
const WITHIN_MS = 60_000;
const WEB = `const [name] = process.argv.slice(1);
const answer = ({ socket }, a) => a.setHeader('X-Served-At', socket.localAddress.replace('::ffff:', '') + ':' + socket.localPort).end(name + '\\n');
const { createServer } = require('node:http');
createServer(answer).listen(8080, () => createServer(answer).listen(80, () => console.log('ready')));`;

export class ManualBoxes {
  readonly #lab = new NamespaceLab();
  readonly #boxes = new Map<string, OwnBox>();
  readonly #spaces: Namespace[] = [];

  /** `more`: addresses that `web1` has, too; `routes`: networks that are on the same switch; `inner`: with web3 and web4. */
  async start({
    more = [],
    routes = [],
    inner = false,
  }: {
    more?: readonly string[];
    routes?: readonly string[];
    inner?: boolean;
  } = {}): Promise<void> {
    const lab = this.#lab;
    const network = lab.add('switch');
    lab.bridge(network, 'br0', '192.0.2.254/24');
    for (const [name, number] of HOSTS) {
      const box = lab.add(name);
      lab.link(network, { bridge: 'br0' }, box, `192.0.2.${number}/24`, 'eth0');
      for (const network of routes) lab.run(box, 'ip', 'route', 'add', network, 'dev', 'eth0');
      if (name === 'web1') for (const address of more) lab.run(box, 'ip', 'address', 'add', address, 'dev', 'eth0');
      await this.#open(name, box);
    }
    if (inner) await this.#startInner();
  }

  async #startInner(): Promise<void> {
    const lab = this.#lab;
    const network = lab.add('inner');
    lab.bridge(network, 'br1', '10.0.0.254/24');
    for (const [name, number] of INNER_HOSTS) {
      const box = this.#boxes.get(name)?.space ?? lab.add(name);
      lab.link(network, { bridge: 'br1' }, box, `10.0.0.${number}/24`, 'eth1');
      if (!this.#boxes.has(name)) await this.#open(name, box);
    }
  }

  async #open(name: string, space: Namespace): Promise<void> {
    const lab = this.#lab;
    if (name.startsWith('web')) await lab.start(space, [process.execPath, '-e', WEB, name]);
    this.#spaces.push(space);
    this.#boxes.set(name, await OwnBox.open(lab, space));
  }

  write({ boxes, path, text }: FileStep): void {
    for (const name of boxes) this.#box(name).write(path, text);
  }

  /** What it says; asked again until that is what the page promises. Without a promise it must succeed. */
  async run(step: CommandStep): Promise<string> {
    const { box, command, expected } = step;
    const endMs = performance.now() + WITHIN_MS;
    for (;;) {
      const { status, stdout: seen } = this.#box(box).run(command);
      if (expected.length === 0 ? status === 0 : matches(expected, seen)) return seen;
      if (expected.length === 0 || performance.now() > endMs)
        throw new Error(
          `line ${step.line}: ${box}: ${command}\n--- promised\n${expected.join('\n')}\n--- seen\n${seen}`,
        );
      await sleep(300);
    }
  }

  #box(name: string): OwnBox {
    const box = this.#boxes.get(name);
    if (box === undefined) throw new Error(`there is no box '${name}'`);
    return box;
  }

  async remove(): Promise<void> {
    await this.#lab.remove();
  }
}
