/**
 * The network that the manual speaks of: two boxes, two web servers, a client, on one switch. Each box has an /etc, a /run and a
 * /var/log of its own, so that what a page writes there is gone with it, and `tandem` in its PATH.
 *
 *   client 192.0.2.1 ──┬── lb1 192.0.2.11 ──┬── web1 192.0.2.21:80
 *                      └── lb2 192.0.2.12 ──┴── web2 192.0.2.22:80       (all on eth0 of 192.0.2.0/24)
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Namespace, NamespaceLab } from '../../support/namespaces.ts';
import { endAll, OwnBox } from '../../support/own-box.ts';
import type { CommandStep, FileStep } from './page.ts';
import { matches } from './page.ts';

const HOSTS: readonly (readonly [string, number])[] = [
  ['client', 1],
  ['lb1', 11],
  ['lb2', 12],
  ['web1', 21],
  ['web2', 22],
];
/** For what takes its time: a start, an election, a check. */
const WITHIN_MS = 30_000;
const WEB = `const [name] = process.argv.slice(1);
const answer = ({ socket }, a) => a.setHeader('X-Served-At', socket.localAddress.replace('::ffff:', '') + ':' + socket.localPort).end(name + '\\n');
const { createServer } = require('node:http');
createServer(answer).listen(8080, () => createServer(answer).listen(80, () => console.log('ready')));`;

export class ManualBoxes {
  readonly #lab = new NamespaceLab();
  readonly #boxes = new Map<string, OwnBox>();
  readonly #spaces: Namespace[] = [];

  /** `more`: addresses that `web1` has, too; `routes`: networks that are on the same switch. */
  async start({
    more = [],
    routes = [],
  }: {
    more?: readonly string[];
    routes?: readonly string[];
  } = {}): Promise<void> {
    const lab = this.#lab;
    const network = lab.add('switch');
    lab.bridge(network, 'br0', '192.0.2.254/24');
    for (const [name, number] of HOSTS) {
      const box = lab.add(name);
      this.#spaces.push(box);
      lab.link(network, { bridge: 'br0' }, box, `192.0.2.${number}/24`, 'eth0');
      for (const network of routes) lab.run(box, 'ip', 'route', 'add', network, 'dev', 'eth0');
      if (name === 'web1') for (const address of more) lab.run(box, 'ip', 'address', 'add', address, 'dev', 'eth0');
      if (name.startsWith('web')) await lab.start(box, [process.execPath, '-e', WEB, name]);
      else this.#boxes.set(name, await OwnBox.open(lab, box));
    }
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
    for (const box of this.#spaces) endAll(box);
    await this.#lab.remove();
  }
}
