/**
 * The networks of a published article ("Configuring Load Balancing Using Keepalived in NAT Mode" and "in DR Mode", Oracle Linux 7).
 *
 *   NAT   client 192.168.1.50-69 ──┬── enp0s8 lb1 enp0s9 ──┬── websvr1 10.0.0.71
 *         2001:db8:1::50           └── enp0s8 lb2 enp0s9 ──┴── websvr2 10.0.0.72     their way out is 10.0.0.100, fd00::100
 *               192.168.1.10, .11; 2001:db8:1::10, ::11   10.0.0.10, .11; fd00::10, ::11
 *
 *   DR    client 10.0.0.50-69, lb1 10.0.0.11, lb2 10.0.0.12, websvr1 10.0.0.71, websvr2 10.0.0.72 on one switch (fd00:: and the same
 *         numbers); the web servers have 10.0.0.1 and fd00::1, too, and do not say so to who asks for its MAC address.
 */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Balancer } from './balancer.ts';
import { Clients } from './clients.ts';
import { Network } from './network.ts';

const CLIENTS = Array.from({ length: 20 }, (_, i) => 50 + i);

export type Web = 'websvr1' | 'websvr2';
export const WEB_ADDRESS: Readonly<Record<Web, string>> = { websvr1: '10.0.0.71', websvr2: '10.0.0.72' };

export class OracleNetwork {
  readonly network: Network;
  readonly lb1: Balancer;
  readonly lb2: Balancer;
  readonly clients: Clients;
  readonly #web: (name: Web) => readonly string[];
  readonly #serving = new Map<Web, ChildProcess>();

  private constructor(network: Network, clients: Clients, web: (name: Web) => readonly string[]) {
    this.network = network;
    this.clients = clients;
    this.lb1 = new Balancer(network, 'lb1');
    this.lb2 = new Balancer(network, 'lb2');
    this.#web = web;
  }

  static async nat(): Promise<OracleNetwork> {
    const network = new Network(['external', 'internal']);
    for (const [name, number] of [
      ['lb1', 10],
      ['lb2', 11],
    ] as const) {
      await network.add(name, [
        {
          switch: 'external',
          device: 'enp0s8',
          addresses: [`192.168.1.${number}/24`, `2001:db8:1::${number}/64`],
        },
        { switch: 'internal', device: 'enp0s9', addresses: [`10.0.0.${number}/24`, `fd00::${number}/64`] },
      ]);
      network.run(name, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
    }
    for (const number of [71, 72]) {
      const name = `websvr${number - 70}`;
      const plug = { switch: 'internal', device: 'enp0s8', addresses: [`10.0.0.${number}/24`, `fd00::${number}/64`] };
      await network.add(name, [plug]);
      network.run(name, 'ip route add default via 10.0.0.100 && ip -6 route add default via fd00::100');
    }
    const addresses = CLIENTS.flatMap((n) => [`192.168.1.${n}/24`, `2001:db8:1::${n}/64`]);
    const box = await network.add('client', [{ switch: 'external', device: 'enp0s8', addresses }]);
    const own = (name: Web) => [WEB_ADDRESS[name], `fd00::${WEB_ADDRESS[name].slice(-2)}`];
    return new OracleNetwork(network, await Clients.start(network, box), own);
  }

  static async direct(): Promise<OracleNetwork> {
    const network = new Network(['lan']);
    const plug = (numbers: readonly number[]) => {
      const addresses = numbers.flatMap((n) => [`10.0.0.${n}/24`, `fd00::${n}/64`]);
      return [{ switch: 'lan', device: 'enp0s8', addresses }];
    };
    await network.add('lb1', plug([11]));
    await network.add('lb2', plug([12]));
    for (const number of [71, 72]) {
      const name = `websvr${number - 70}`;
      await network.add(name, plug([number]));
      // "so that they do not respond to ARP requests for the virtual IP address"
      network.run(name, 'sysctl -qw net.ipv4.conf.enp0s8.arp_ignore=1 net.ipv4.conf.enp0s8.arp_announce=2');
      network.run(name, 'ip address add 10.0.0.1/32 dev lo && ip address add fd00::1/128 dev lo');
    }
    const box = await network.add('client', plug(CLIENTS));
    const own = (name: Web) => [WEB_ADDRESS[name], `fd00::${WEB_ADDRESS[name].slice(-2)}`, '10.0.0.1', 'fd00::1'];
    return new OracleNetwork(network, await Clients.start(network, box), own);
  }

  async serve(...names: readonly Web[]): Promise<void> {
    const script = join(import.meta.dirname, 'web-server.mjs');
    for (const name of names) {
      const command = [process.execPath, script, name, WEB_ADDRESS[name], ...this.#web(name)];
      this.#serving.set(name, await this.network.lab.start(this.network.box(name).space, command));
    }
  }

  /** Its program ends; the box stays. */
  async end(name: Web): Promise<void> {
    const child = this.#serving.get(name);
    if (child !== undefined) await this.network.lab.end(child);
  }

  async remove(): Promise<void> {
    await this.network.remove();
  }
}
