// Who is measured, how each is started, and what each cannot do.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_PIPES, maxConnections } from '../descriptors.mjs';
import { haproxyConfiguration } from './haproxy-configuration.mjs';
import { nginxConfiguration, STREAM_MODULE } from './nginx-configuration.mjs';

const TANDEM = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'tandem-haproxy.js');

/**
 * Programs that read haproxy.cfg. Two engines of Tandem, or two settings of either program, are two peers that differ in
 * `lines` or `environment`; `--variant` adds one from the command line.
 */
const HAPROXY_LIKE = {
  'tandem-io_uring': like('tandem', { global: ['tune.tandem.poller io_uring'] }),
  'tandem-epoll': like('tandem', { global: ['tune.tandem.poller epoll'] }),
  // Whichever engine it chooses itself.
  tandem: like('tandem', {}),
  haproxy: like('haproxy', {}),
  'haproxy-splice': {
    ...like('haproxy', { global: [`maxpipes ${MAX_PIPES}`], defaults: ['option splice-auto'] }),
    // Everywhere else it does what haproxy does.
    onlyLargeBodies: true,
  },
};

function like(program, { global = [], defaults = [], environment = {} }) {
  return { program, lines: { global, defaults }, environment };
}

export const PEERS = [...Object.keys(HAPROXY_LIKE), 'nginx', 'node', 'http-proxy-3', 'direct'];
export const DEFAULT_PEERS = PEERS.filter((name) => name !== 'tandem');

/** `NAME=[haproxy:]LINE`: a peer like tandem (or haproxy) with one more line; `env A=B` instead of a line: a variable. */
export function parseVariant(text) {
  const match = /^([\w.-]+)=(?:(tandem|haproxy):)?\s*(.+)$/.exec(text);
  if (match === null) return undefined;
  const [, name, program = 'tandem', line] = match;
  if (PEERS.includes(name)) return undefined;
  const variable = /^env (\w+)=(.*)$/.exec(line);
  if (variable !== null) return { name, ...like(program, { environment: { [variable[1]]: variable[2] } }) };
  const section = /^(no )?option |^http-reuse /.test(line) ? 'defaults' : 'global';
  return { name, ...like(program, { [section]: [line] }) };
}

/**
 * The peers of a run: each name at each number of threads.
 * @returns {{ name: string, kind: string, threads: number, like: object | undefined }[]}
 */
export function peersOf(names, variants, threadCounts) {
  const kinds = { ...HAPROXY_LIKE, ...Object.fromEntries(variants.map((variant) => [variant.name, variant])) };
  return names.flatMap((kind) =>
    threadCounts
      // Nothing in front of the servers, so nothing that could have threads.
      .filter((_threads, index) => kind !== 'direct' || index === 0)
      .map((threads) => ({
        name: threads === 1 || kind === 'direct' ? kind : `${kind} ×${threads}`,
        kind,
        threads: kind === 'direct' ? 1 : threads,
        like: kinds[kind],
      })),
  );
}

/** What a proxy says of its engine when it starts, or undefined. */
export function engineIn(output) {
  return /\blimits: .*\b(io_uring|epoll)\b/.exec(output)?.[1];
}

/** With whom a peer is compared: haproxy with as many threads, or any haproxy. */
export function baseOf(peer, peers) {
  const haproxies = peers.filter((one) => one.kind === 'haproxy');
  return (haproxies.find((one) => one.threads === peer.threads) ?? haproxies[0])?.name;
}

/** Why a peer cannot do a work, '' when that needs no words, undefined when it can. */
export function cannot(peer, work) {
  if (peer.like?.onlyLargeBodies && work.per !== 'MiB') return '';
  switch (peer.kind) {
    case 'nginx':
      if (work.mode === 'http' || existsSync(STREAM_MODULE)) return undefined;
      return 'nginx has no stream module: apt-get install libnginx-mod-stream';
    case 'node':
      return peer.threads > 1 ? 'node runs on one thread' : undefined;
    case 'http-proxy-3':
      if (peer.threads > 1) return 'http-proxy-3 runs on one thread';
      return work.mode === 'tcp' ? 'http-proxy-3 has no TCP mode' : undefined;
    case 'direct':
      return work.log ? '' : undefined;
    default:
      return undefined;
  }
}

/** The command that starts a peer, after its configuration has been written. */
export function commandOf(peer, stage, context) {
  const { port, servers, sinkPort, folder, modules } = context;
  const file = join(folder, `${peer.kind}-${peer.threads}-${stage.name}.conf`);
  const inFront = [String(port), String(sinkPort), ...servers.map(String)];
  if (peer.like !== undefined) {
    const settings = { ...context, threads: peer.threads, lines: peer.like.lines, maxConnections: maxConnections() };
    writeFileSync(file, haproxyConfiguration(stage, settings));
    const program = peer.like.program === 'haproxy' ? ['haproxy'] : [process.execPath, TANDEM];
    return { command: [...program, '-db', '-f', file], environment: peer.like.environment };
  }
  switch (peer.kind) {
    case 'nginx':
      writeFileSync(
        file,
        nginxConfiguration(stage, { ...context, threads: peer.threads, name: `${peer.kind}-${stage.name}` }),
      );
      return { command: ['nginx', '-c', file], environment: {} };
    case 'http-proxy-3':
      return {
        command: [process.execPath, join(import.meta.dirname, 'http-proxy-3.mjs'), modules, ...inFront],
        environment: {},
      };
    default:
      return {
        command: [process.execPath, join(import.meta.dirname, 'node-proxy.mjs'), stage.mode, ...inFront],
        environment: {},
      };
  }
}
