// What can be between client and servers, and how each is set up: a balancer of its own for each (network.mjs).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { balancerAddress, directAddress, SERVERS, serverAddress, virtualAddress } from './network.mjs';

const DIST = join(import.meta.dirname, '..', '..', 'dist', 'cli');
/** It is compared with itself, and all others with it. */
export const BASE = 'routing';

/**
 * `targets`: addresses that the client asks by turns. `returns: 'direct'`: answers go around the balancer. `program`: what runs
 * there.
 */
export const WAYS = {
  link: { says: 'client and servers on one cable', targets: () => SERVERS.map(directAddress) },
  routing: { says: 'plain routing', targets: ownAddresses },
  'routing-conntrack': { says: 'plain routing, connections tracked', targets: ownAddresses, setUp: trackConnections },
  'routing-one-way': { says: 'plain routing, answers around it', targets: ownAddresses, returns: 'direct' },
  nat: { says: 'Tandem, NAT', targets: virtual, program: (folder, way) => virtualServer(folder, way, 'NAT') },
  dr: {
    ...{ says: 'Tandem, DR', targets: virtual, returns: 'direct' },
    setUp: (network, _name, way) => network.virtualOnServers(way),
    program: (folder, way) => virtualServer(folder, way, 'DR'),
  },
  'tandem-epoll': { says: 'Tandem, mode tcp, epoll', isProxy: true, targets: own, program: tandemProxy('epoll') },
  'tandem-io_uring': {
    says: 'Tandem, mode tcp, io_uring',
    isProxy: true,
    targets: own,
    program: tandemProxy('io_uring'),
  },
  haproxy: { says: 'haproxy, mode tcp', isProxy: true, targets: own, program: haproxy },
};

function ownAddresses(way) {
  return SERVERS.map((server) => serverAddress(way, server));
}

function virtual(way) {
  return [virtualAddress(way)];
}

function own(way) {
  return [balancerAddress(way)];
}

/** A firewall that lets answers through does this much. */
function trackConnections(network, name) {
  const rules = [
    'table inet firewall {',
    ' chain forward {',
    '  type filter hook forward priority filter; policy drop;',
  ];
  const text = [...rules, '  ct state established,related accept', '  tcp dport 80 accept', ' }', '}', ''].join('\n');
  network.input(name, text, 'nft', '-f', '-');
}

function virtualServer(folder, way, kind) {
  const file = join(folder, `keepalived-${way}.conf`);
  writeFileSync(file, virtualServerText(way, kind));
  return [process.execPath, join(DIST, 'tandem.js'), 'run', '-f', file];
}

export function virtualServerText(way, kind) {
  const servers = SERVERS.map(
    (server) => `  real_server ${serverAddress(way, server)} 80 {
    weight 1
    TCP_CHECK {
      connect_timeout 5
    }
  }
`,
  );
  return `virtual_server ${virtualAddress(way)} 80 {
  delay_loop 10
  protocol TCP
  lb_algo rr
  lb_kind ${kind}
${servers.join('')}}
`;
}

function tandemProxy(poller) {
  return (folder, way) => {
    const file = proxyFile(folder, way, [`tune.tandem.poller ${poller}`]);
    return [process.execPath, join(DIST, 'tandem-haproxy.js'), '-db', '-f', file];
  };
}

function haproxy(folder, way) {
  return ['haproxy', '-db', '-f', proxyFile(folder, way, [])];
}

function proxyFile(folder, way, lines) {
  const file = join(folder, `haproxy-${way}.cfg`);
  writeFileSync(file, proxyText(way, lines));
  return file;
}

export function proxyText(way, lines) {
  return `global
  maxconn 4000
  nbthread 1
${lines.map((line) => `  ${line}\n`).join('')}defaults
  mode tcp
  timeout connect 5s
  timeout client 600s
  timeout server 600s
listen bench
  bind ${balancerAddress(way)}:80
  balance roundrobin
${SERVERS.map((server) => `  server s${server} ${serverAddress(way, server)}:80 check inter 10s\n`).join('')}`;
}
