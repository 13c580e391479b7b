/**
 * `tandem demo`: two web servers, the proxy in front of them, and the dashboard, to see servers take turns, leave and come back.
 *
 *   curl ─▶ 127.0.0.1:8080 ─┐
 *                           ├─▶ the data process ─▶ web1, web2 (in this process, on ports that are free)
 *   visitors of our own ────┘                         ▲ stopped and started by a key, or through the switchboard
 *   browser ─▶ 127.0.0.1:8081, the dashboard
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemTimers } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import { plainJournal } from '../daemon/journal.ts';
import { hasDesktop, openInBrowser } from './browser.ts';
import { loadText } from './configuration.ts';
import { DemoServer } from './demo-server.ts';
import { DemoVisitors } from './demo-visitors.ts';
import { environment, environmentWith } from './environment.ts';
import { runConfiguration } from './run.ts';
import { SignalWatch } from './signals.ts';

const CTRL_C = '\u0003';

/** `opens`: the dashboard in a browser, if there is somebody to see it. */
export async function demoCommand(port: number, opens: boolean): Promise<number> {
  const servers = [new DemoServer('web1'), new DemoServer('web2')];
  for (const server of servers) await server.start();
  const switchboard = await openSwitchboard(servers);
  const journal = plainJournal((line) => process.stdout.write(line));
  const shopPort = await freePort(0);
  const visitors = new DemoVisitors(shopPort, systemTimers, systemRandom);
  const configuration = loadText('demo.cfg', configurationText(port, shopPort, servers));
  const serving = (urls: readonly string[]): void => {
    const dashboard = urls[0] ?? '';
    process.stdout.write(welcome(dashboard, port, switchboard, servers));
    listenForKeys(servers);
    visitors.start();
    const isTerminal = process.stdout.isTTY === true;
    if (opens && hasDesktop({ environment, isTerminal })) openInBrowser(dashboard, environmentWith({}));
  };
  const address = { family: 4, ip: '127.0.0.1', port: await freePort(port + 1) } as const;
  const http = [{ address, admin: true }];
  const code = await runConfiguration(configuration, journal, serving, new SignalWatch(), () => configuration, http);
  visitors.stop();
  for (const server of servers) server.stop();
  switchboard.close();
  if (process.stdin.isTTY) process.stdin.setRawMode(false);
  return code;
}

/** This one, if it is free. */
async function freePort(wanted: number): Promise<number> {
  const probe = createServer();
  const listening = once(probe, 'listening').then(
    () => true,
    () => false,
  );
  probe.listen(wanted <= 65_535 ? wanted : 0, '127.0.0.1');
  if (!(await listening)) return freePort(0);
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function configurationText(port: number, shopPort: number, servers: readonly DemoServer[]): string {
  const lines = (more: (name: string) => string): string =>
    servers
      .map(({ name, port: own }) => `    server ${name} 127.0.0.1:${own} check inter 500ms${more(name)}`)
      .join('\n');
  return `defaults
    mode http
    timeout connect 1s
    timeout client 30s
    timeout server 30s
    option redispatch

listen demo
    bind 127.0.0.1:${port}
    balance roundrobin
    cookie SERVER insert indirect nocache
    option forwardfor
    option httpchk GET /health HTTP/1.1
    http-check send hdr Host demo
${lines((name) => ` cookie ${name}`)}

frontend visitors
    bind 127.0.0.1:${shopPort}
    default_backend shop

backend shop
    balance leastconn
    timeout queue 2s
    option httpchk GET /health HTTP/1.1
    http-check send hdr Host demo
${lines(() => ' maxconn 2')}
`;
}

function welcome(dashboard: string, port: number, switchboard: Server, servers: readonly DemoServer[]): string {
  const proxy = `http://127.0.0.1:${port}/`;
  const board = `http://127.0.0.1:${(switchboard.address() as AddressInfo).port}`;
  const keys = process.stdin.isTTY ? '  press 1 or 2                           the same by a key\n' : '';
  return `
Dashboard: ${dashboard}

Try, in another terminal:
  curl ${proxy}               the servers take turns
  curl -i ${proxy}            the cookie that is inserted
  curl -b SERVER=web2 ${proxy}   a client that has it stays
${servers.map(({ name }) => `  curl ${board}/${name}           stops ${name}, or starts it again\n`).join('')}${keys}
Ctrl-C ends all of it.

`;
}

/** Stops and starts servers by HTTP, for those whose terminal is not here. */
async function openSwitchboard(servers: readonly DemoServer[]): Promise<Server> {
  const switchboard = createServer((request, response) => {
    const server = servers.find(({ name }) => request.url === `/${name}`);
    if (server === undefined) {
      response.statusCode = 404;
      response.end(`there is ${servers.map(({ name }) => `/${name}`).join(' and ')}\n`);
      return;
    }
    void server.toggle().then(() => response.end(`${server.name} ${state(server)}\n`));
  });
  switchboard.listen(0, '127.0.0.1');
  await once(switchboard, 'listening');
  return switchboard;
}

function listenForKeys(servers: readonly DemoServer[]): void {
  const { stdin } = process;
  if (!stdin.isTTY) return;
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', (key: string) => {
    // In raw mode the terminal sends no signal for it.
    if (key === CTRL_C || key === 'q') process.kill(process.pid, 'SIGINT');
    const server = servers[Number(key) - 1];
    if (server !== undefined)
      void server.toggle().then(() => process.stdout.write(`${server.name} ${state(server)}\n`));
  });
}

function state(server: DemoServer): string {
  return server.running ? 'is running again' : 'is stopped';
}
