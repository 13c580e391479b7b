// Tandem, haproxy and nginx as the same reverse proxy, started on so many addresses.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowedCores } from '../cores.mjs';
import { haproxyConfiguration, nginxConfiguration } from '../out/hostile/proxies.js';

const TANDEM =
  process.env['TANDEM_E2E_PROGRAM'] ?? join(import.meta.dirname, '..', '..', 'dist', 'cli', 'tandem-haproxy.js');
const READY_MS = 20_000;

export const PEERS = {
  tandem: { program: TANDEM, like: 'haproxy', lines: [] },
  'tandem-epoll': { program: TANDEM, like: 'haproxy', lines: ['tune.tandem.poller epoll'] },
  'tandem-io_uring': { program: TANDEM, like: 'haproxy', lines: ['tune.tandem.poller io_uring'] },
  haproxy: { program: 'haproxy', debian: 'haproxy', like: 'haproxy', lines: [] },
  nginx: { program: 'nginx', debian: 'nginx', like: 'nginx' },
};

export const DEFAULT_PEERS = ['tandem', 'haproxy', 'nginx'];

const connects = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Starts a peer; `stop` ends it and removes its files, `output` is what it has said. */
export async function startPeer(programs, name, layout) {
  const peer = PEERS[name];
  const folder = mkdtempSync(join(tmpdir(), 'tandem-hostile-'));
  // nginx's worker is nobody.
  chmodSync(folder, 0o755);
  const file = join(folder, 'proxy.cfg');
  const isNginx = peer.like === 'nginx';
  writeFileSync(file, isNginx ? nginxConfiguration(layout, folder) : haproxyConfiguration(layout, peer.lines));
  const command = isNginx ? [peer.program, '-p', folder, '-c', file] : [peer.program, '-db', '-f', file];
  const program = programs.start(command, { cores: allowedCores() });
  const stop = async () => {
    await programs.stop([program]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    // They are bound one after the other.
    for (const [port] of layout.ports) await programs.until(program, () => connects(port), READY_MS, name);
  } catch (error) {
    await stop();
    throw error;
  }
  return { program, stop };
}
