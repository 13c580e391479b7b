// Starts servers and peers, each on its core, and ends them by pid.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxConnections } from '../idle.mjs';
import { haproxyConfiguration, nginxProxyConfiguration, serversConfiguration } from './configurations.mjs';

const NGINX_STREAM = '/usr/lib/nginx/modules/ngx_stream_module.so';
const root = join(import.meta.dirname, '..', '..');

const WISHED_DESCRIPTORS = 40_000;

/** Descriptors that a program started from here can have. */
export function descriptorLimit() {
  const script = `ulimit -n ${WISHED_DESCRIPTORS} 2>/dev/null || ulimit -n "$(ulimit -H -n)"; ulimit -n`;
  return Number(execFileSync('bash', ['-c', script], { encoding: 'utf8' }));
}

export const PEERS = ['tandem', 'haproxy', 'nginx', 'node'];

/** Why a peer cannot do a mode, or undefined. */
export function cannot(peer, mode) {
  if (peer === 'nginx' && mode === 'tcp' && !existsSync(NGINX_STREAM)) {
    return 'nginx has no stream module: apt-get install libnginx-mod-stream';
  }
  return undefined;
}

function commandOf(peer, mode, port, servers, folder) {
  const file = join(folder, `${peer}-${mode}.conf`);
  switch (peer) {
    case 'tandem':
      writeFileSync(file, haproxyConfiguration(mode, port, servers, maxConnections(descriptorLimit())));
      return [process.execPath, join(root, 'dist', 'cli', 'tandem-haproxy.js'), '-db', '-f', file];
    case 'haproxy':
      writeFileSync(file, haproxyConfiguration(mode, port, servers, maxConnections(descriptorLimit())));
      return ['haproxy', '-db', '-f', file];
    case 'nginx':
      writeFileSync(file, nginxProxyConfiguration(mode, port, servers, folder, NGINX_STREAM));
      return ['nginx', '-c', file];
    default:
      return [
        process.execPath,
        join(import.meta.dirname, 'node-proxy.mjs'),
        mode,
        String(port),
        ...servers.map(String),
      ];
  }
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export class Programs {
  #children = [];

  async #start(command, core, port, name) {
    // More descriptors where we may have them; sbin because nginx and haproxy live there.
    const script = `ulimit -n ${WISHED_DESCRIPTORS} 2>/dev/null; exec taskset -c "$0" "$@"`;
    const child = spawn('bash', ['-c', script, core, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    });
    this.#children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-4000);
      });
    }
    for (let tries = 0; !(await connects(port)); tries++) {
      if (child.exitCode !== null || tries > 100) throw new Error(`${name} does not listen on ${port}:\n${output}`);
      await sleep(100);
    }
    return child.pid;
  }

  async startServers(ports, folder, core) {
    const file = join(folder, 'servers.conf');
    writeFileSync(file, serversConfiguration(ports, folder));
    return this.#start(['nginx', '-c', file], core, ports[0], 'nginx (servers)');
  }

  async startPeer(peer, mode, port, servers, folder, core) {
    return this.#start(commandOf(peer, mode, port, servers, folder), core, port, `${peer} (${mode})`);
  }

  async stop() {
    for (const child of this.#children) child.kill('SIGTERM');
    for (let tries = 0; this.#children.some((child) => child.exitCode === null && child.signalCode === null); tries++) {
      if (tries === 30) for (const child of this.#children) child.kill('SIGKILL');
      await sleep(100);
    }
  }
}
