// Network namespaces of bench:l4: one client, two servers, and one balancer for each way, all of the same shape, so that all of
// them stand ready and idle, and rounds go from one to the other without a change of anything.
//
//   client 192.168.K.10 ── 192.168.K.1 balancer K 10.K.1.1 ── 10.K.1.71 server 1
//      │                                          10.K.2.1 ── 10.K.2.72 server 2
//      └── 172.16.1.10, 172.16.2.10 ─── links of their own for answers that do not pass the balancer ── 172.16.N.7N
//
// Links are veth pairs without a bridge. The virtual address of way K is 192.168.K.100. Needs root.
import { execFileSync } from 'node:child_process';
import { ENVIRONMENT } from '../programs.mjs';

export const SERVERS = [1, 2];

export const virtualAddress = (way) => `192.168.${way}.100`;
export const balancerAddress = (way) => `192.168.${way}.1`;
export const serverAddress = (way, server) => `10.${way}.${server}.7${server}`;
export const directAddress = (server) => `172.16.${server}.7${server}`;

function ip(...args) {
  return execFileSync('ip', args, { env: ENVIRONMENT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export class Network {
  #prefix = `tb4-${process.pid}`;
  #names = [];

  /** Client and servers; `remove` also after a part of it. */
  start() {
    for (const name of ['client', ...SERVERS.map((server) => `server${server}`)]) this.#add(name);
    for (const server of SERVERS) {
      this.#link(
        'client',
        `d${server}`,
        `172.16.${server}.10/24`,
        `server${server}`,
        'direct',
        `${directAddress(server)}/24`,
      );
      // Of the virtual address, which they have on their loopback.
      this.write(`server${server}`, 'net/ipv4/conf/all/arp_ignore', '1');
      this.write(`server${server}`, 'net/ipv4/conf/all/arp_announce', '2');
    }
    this.write('client', 'net/ipv4/ip_local_port_range', '1024 65535');
  }

  /** A balancer for way K. `returns: 'direct'`: answers go to the client without it. */
  balancer(way, returns) {
    const name = `way${way}`;
    this.#add(name);
    this.write(name, 'net/ipv4/ip_forward', '1');
    this.write(name, 'net/ipv4/conf/all/send_redirects', '0');
    this.#link('client', `c${way}`, `192.168.${way}.10/24`, name, 'front', `${balancerAddress(way)}/24`);
    this.in('client', 'route', 'add', `10.${way}.0.0/16`, 'via', balancerAddress(way));
    for (const server of SERVERS) {
      const there = `server${server}`;
      this.#link(
        name,
        `back${server}`,
        `10.${way}.${server}.1/24`,
        there,
        `w${way}`,
        `${serverAddress(way, server)}/24`,
      );
      const via = returns === 'direct' ? `172.16.${server}.10` : `10.${way}.${server}.1`;
      this.in(there, 'route', 'add', `192.168.${way}.0/24`, 'via', via);
    }
    return name;
  }

  virtualOnBalancer(way) {
    this.in(`way${way}`, 'addr', 'add', `${virtualAddress(way)}/32`, 'dev', 'front');
  }

  /** As servers with direct routing have it. */
  virtualOnServers(way) {
    for (const server of SERVERS) this.in(`server${server}`, 'addr', 'add', `${virtualAddress(way)}/32`, 'dev', 'lo');
  }

  /** Of TCP, for connections that begin from now on: as large as the kernel likes, or as the link's packets. */
  largestSegments(name, isCut) {
    const links = JSON.parse(ip('-j', '-n', this.full(name), 'link')).filter(({ ifname }) => ifname !== 'lo');
    for (const { ifname } of links) this.in(name, 'link', 'set', 'dev', ifname, 'gso_max_segs', isCut ? '1' : '65535');
  }

  in(name, ...args) {
    return ip('-n', this.full(name), ...args);
  }

  full(name) {
    return `${this.#prefix}-${name}`;
  }

  exec(name) {
    return ['ip', 'netns', 'exec', this.full(name)];
  }

  run(name, ...command) {
    const [program, ...args] = [...this.exec(name), ...command];
    return execFileSync(program, args, { env: ENVIRONMENT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  input(name, text, ...command) {
    const [program, ...args] = [...this.exec(name), ...command];
    return execFileSync(program, args, { env: ENVIRONMENT, encoding: 'utf8', input: text });
  }

  write(name, path, value) {
    this.input(name, value, 'sh', '-c', `cat > /proc/sys/${path}`);
  }

  /** Packets that a balancer received, so far. */
  packets(name) {
    const lines = this.run(name, 'cat', '/proc/net/dev').split('\n');
    return lines
      .map((line) => line.trim().split(/[\s:]+/))
      .filter(([device]) => /^(front|back\d)$/.test(device))
      .reduce((sum, words) => sum + Number(words[2]), 0);
  }

  remove() {
    for (const name of this.#names.splice(0)) ip('netns', 'delete', this.full(name));
  }

  #add(name) {
    ip('netns', 'add', this.full(name));
    this.#names.push(name);
    this.in(name, 'link', 'set', 'lo', 'up');
    for (const which of ['all', 'default']) this.write(name, `net/ipv4/conf/${which}/rp_filter`, '0');
  }

  #link(a, aName, aAddress, b, bName, bAddress) {
    this.in(a, 'link', 'add', aName, 'type', 'veth', 'peer', 'name', bName, 'netns', this.full(b));
    this.in(a, 'addr', 'add', aAddress, 'dev', aName);
    this.in(b, 'addr', 'add', bAddress, 'dev', bName);
    this.in(a, 'link', 'set', 'dev', aName, 'up');
    this.in(b, 'link', 'set', 'dev', bName, 'up');
  }
}
