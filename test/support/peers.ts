/**
 * Suites that need something the machine may lack: another program, root, network namespaces.
 *
 *   describeWithPeer('haproxy', 'check -c', () => { it(...) })
 *   describeWithPeer(['varnishtest', 'haproxy'], 'scenarios', () => { ... })
 *   describeAsRoot('unix socket owners', () => { ... })
 *
 * There: an ordinary `describe`. Missing: the suite is left out, and one line about it goes to the file that
 * TANDEM_TEST_LEFT_OUT names; scripts/test.mjs prints these lines at the end of the run. Missing with CI=true: a failure.
 *
 * Not here: starting the peers (test/support/daemon.ts).
 */
import { spawnSync } from 'node:child_process';
import { accessSync, appendFileSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';
import { tryIoUring } from '../../src/sys/io-uring-trial.ts';

/** Program name to the Debian package that brings it. */
const PACKAGES = {
  haproxy: 'haproxy',
  keepalived: 'keepalived',
  genhash: 'keepalived',
  nginx: 'nginx',
  varnishtest: 'varnish',
  wrk: 'wrk',
  curl: 'curl',
  socat: 'socat',
  ip: 'iproute2',
  nft: 'nftables',
  taskset: 'util-linux',
  vrrpd: 'frr',
  'systemd-analyze': 'systemd',
  chromium: 'chromium',
  'systemd-socket-activate': 'systemd',
  setpriv: 'util-linux',
  mandoc: 'mandoc',
  debootstrap: 'debootstrap',
  killall: 'psmisc',
  conntrack: 'conntrack',
  conntrackd: 'conntrackd',
  hatop: 'hatop',
  tmux: 'tmux',
  'prometheus-haproxy-exporter': 'prometheus-haproxy-exporter',
} as const;

export type ProgramName = keyof typeof PACKAGES;
/**
 * `root`: uid 0. `netns`: may create network namespaces (needs root and CAP_SYS_ADMIN). `io_uring`: the kernel allows it,
 * and nothing confines this process.
 */
export type PeerName = ProgramName | 'root' | 'netns' | 'io_uring';

/** In nobody's PATH: the sbin folders for an ordinary user, and where frr keeps its daemons. */
const MORE_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/lib/frr'];

/** Absolute path of a program, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...MORE_FOLDERS];
  for (const folder of folders) {
    if (folder === '') continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Path of a program inside a suite that named it as its peer. */
export function programPath(name: ProgramName): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed: apt-get install ${PACKAGES[name]}`);
  return path;
}

let namespacesWork: boolean | undefined;

function canMakeNamespaces(): boolean {
  if (namespacesWork === undefined) {
    const ip = findProgram('ip');
    const name = `tandem-probe-${process.pid}`;
    namespacesWork = ip !== undefined && spawnSync(ip, ['netns', 'add', name]).status === 0;
    if (ip !== undefined && namespacesWork) spawnSync(ip, ['netns', 'delete', name]);
  }
  return namespacesWork;
}

function hasIoUring(): boolean {
  try {
    tryIoUring();
    return true;
  } catch {
    return false;
  }
}

function isThere(peer: PeerName): boolean {
  switch (peer) {
    case 'root':
      return process.getuid?.() === 0;
    case 'netns':
      return canMakeNamespaces();
    case 'io_uring':
      return hasIoUring();
    default:
      return findProgram(peer) !== undefined;
  }
}

/** The line that says what was left out and what would install it; undefined when every peer is there. */
export function leftOutLine(
  title: string,
  peers: readonly PeerName[],
  there: (peer: PeerName) => boolean = isThere,
): string | undefined {
  const missing = peers.filter((peer) => !there(peer));
  if (missing.length === 0) return undefined;
  const packages: string[] = [];
  const remedies: string[] = [];
  for (const peer of missing) {
    if (peer === 'root') remedies.push('sudo npm test');
    else if (peer === 'netns') remedies.push('sudo npm test, in a container: docker run --privileged');
    else if (peer === 'io_uring') remedies.push('Linux 6.1, and no seccomp profile that refuses it');
    else packages.push(PACKAGES[peer]);
  }
  if (packages.length > 0) remedies.unshift(`apt-get install ${packages.join(' ')}`);
  const words = missing.map((peer) => (peer === 'netns' ? 'network namespaces' : peer));
  return `not run: ${title} (needs ${words.join(', ')}: ${remedies.join('; ')})`;
}

/** `describe` that runs when every named peer is there. */
export function describeWithPeer(peers: PeerName | readonly PeerName[], title: string, body: () => void): void {
  const names: readonly PeerName[] = typeof peers === 'string' ? [peers] : peers;
  const line = leftOutLine(title, names);
  if (line === undefined) {
    describe(title, body);
    return;
  }
  if (process.env['CI'] === 'true') {
    describe(title, () => {
      it('finds its peers', () => {
        throw new Error(line);
      });
    });
    return;
  }
  const file = process.env['TANDEM_TEST_LEFT_OUT'];
  if (file === undefined) console.warn(line);
  else appendFileSync(file, `${line}\n`);
  // The file needs a suite to be a test file; its tests are collected, none runs.
  describe.runIf(false)(title, body);
}

/** `describe` that runs as root only, with further peers if named. */
export function describeAsRoot(title: string, body: () => void, peers: readonly PeerName[] = []): void {
  describeWithPeer(['root', ...peers], title, body);
}
