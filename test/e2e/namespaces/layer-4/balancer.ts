/** The program on a box of the network: started, signalled, ended; what it says is kept. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnBox } from '../../../support/own-box.ts';
import { eventually, type Network } from './network.ts';

export const KEEPALIVED_CONF = '/etc/keepalived/keepalived.conf';
const AS_KEEPALIVED = ['tandem-keepalived', '-n', '-l', '-G'];
export const AS_TANDEM = ['tandem', 'run', '-f', KEEPALIVED_CONF];

export class Balancer {
  readonly box: OwnBox;
  readonly #network: Network;
  #child: ChildProcess | null = null;
  output = '';
  /** Of the output, where the program that runs now begins. */
  #start = 0;

  constructor(network: Network, name: string) {
    this.#network = network;
    this.box = network.box(name);
  }

  configure(text: string): void {
    this.box.write(KEEPALIVED_CONF, text);
  }

  start(command: readonly string[] = AS_KEEPALIVED): void {
    this.#start = this.output.length;
    const [program = '', ...rest] = [...this.box.exec, ...command];
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: this.box.env, cwd: '/' });
    this.#network.lab.adopt(child);
    const keep = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#child = child;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  async ended(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    await once(child, 'exit');
  }

  /** Told to stop, and gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.signal(signal);
    const late = await Promise.race([this.ended().then(() => false), sleep(20_000, true)]);
    if (late) throw new Error(`it does not end:\n${this.output}`);
  }

  /** The program that runs now has said so. */
  async says(text: string | RegExp, from = this.#start): Promise<void> {
    const isThere = (output: string): boolean =>
      typeof text === 'string' ? output.slice(from).includes(text) : text.test(output.slice(from));
    await eventually(`it says ${text}`, () => this.output, isThere);
  }

  /** IPv4 addresses with their interface, `enp0s8 192.168.1.1/24`. */
  addresses(): readonly string[] {
    const { stdout } = this.box.run('ip -oneline -4 address show scope global');
    return stdout.split('\n').flatMap((line) => {
      const [, device = '', , address] = line.split(/\s+/);
      return address === undefined ? [] : [`${device.replace(/@.*/, '')} ${address}`];
    });
  }

  has(...addresses: readonly string[]): boolean {
    const own = this.addresses();
    return addresses.every((address) => own.includes(address));
  }

  hasNone(...addresses: readonly string[]): boolean {
    const own = this.addresses();
    return !addresses.some((address) => own.includes(address));
  }
}
