/** States of servers, changed by everything that can change them, by haproxy and by Tandem beside each other. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { type Columns, type Twin, Twins } from '../support/twins.ts';
import { AgentPeer, WebPeer } from './server-states/peers.ts';
import { AGENT_WORDS, OPERATOR_STEPS, operatorConfiguration } from './server-states/tables.ts';

const DEFAULTS = (socket: string, port: number): string => `global
  stats socket ${socket} level admin
  log stdout format raw local0 debug
  max-spread-checks 1
  external-check
  insecure-fork-wanted
  node here
defaults
  mode http
  log global
  retries 0
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend idle
  bind 127.0.0.1:${port}
`;

const STATE = ['status', 'weight', 'uweight', 'chkfail', 'chkdown', 'tracked', 'check_health', 'agent_health'];
const CHECKS = ['check_status', 'check_code', 'check_desc', 'last_chk', 'check_rise', 'check_fall', 'hanafail'];
const AGENTS = ['agent_status', 'agent_code', 'agent_desc', 'last_agt', 'agent_rise', 'agent_fall', 'slim'];

/** Without the times of changes, and numbers of backends. */
async function stateLines(twin: Twin): Promise<string[]> {
  const lines = (await twin.ask('show servers state')).trim().split('\n').slice(2);
  return lines.map((line) => {
    const fields = line.split(' ');
    return [...fields.slice(1, 9), ...fields.slice(12)].join(' ');
  });
}

describeWithPeer('haproxy', 'servers', () => {
  let web: WebPeer;
  beforeAll(async () => {
    web = await WebPeer.start();
  });
  afterAll(() => web.stop());

  it('follow operators, and each other', async () => {
    const agent = await AgentPeer.start('up\n');
    const refused = await freePort();
    const twins = await Twins.start(
      (socket, port) => DEFAULTS(socket, port) + operatorConfiguration(web.port, refused, agent.port),
    );
    try {
      const settled = (seen: Readonly<Record<string, Columns>>): boolean =>
        seen['a/up']?.['check_status'] === 'L4OK' && seen['a/dn']?.['check_status'] === 'L4CON';
      await twins.agree((twin) => twin.servers([...STATE, ...CHECKS]), settled);
      await twins.agree(stateLines);
      const before = await twins.agree((twin) => twin.said().sort());
      for (const command of OPERATOR_STEPS) {
        expect(await twins.ours.ask(command), command).toBe(await twins.theirs.ask(command));
        await twins.agree((twin) => twin.said().slice(before.length));
        await twins.agree((twin) => twin.servers(STATE));
        await twins.agree(stateLines);
      }
    } finally {
      await twins.stop();
      await agent.stop();
    }
  });

  it('are what their agents say', async () => {
    const agents = await Promise.all(AGENT_WORDS.map((words) => AgentPeer.start(words)));
    const lines = agents.map(
      ({ port }, i) => `backend b${i}
  ${i % 2 === 0 ? 'option log-health-checks' : ''}
  server s 127.0.0.1:${web.port} weight 10 maxconn 20 agent-check agent-port ${port} agent-inter 500 agent-send hi\\n
`,
    );
    const twins = await Twins.start((socket, port) => DEFAULTS(socket, port) + lines.join(''));
    try {
      const columns = [...STATE, ...AGENTS];
      const asked = (seen: Readonly<Record<string, Columns>>): boolean =>
        Object.values(seen).every((server) => /^[A-Z0-9]+$/.test(server['agent_status'] ?? ''));
      const seen = await twins.agree(
        (twin) => twin.servers(columns),
        (all) => asked(all) && repeated(all),
      );
      expect(Object.keys(seen).length).toBe(AGENT_WORDS.length);
      // Some are said again and again.
      await twins.agree((twin) => [...new Set(twin.said())].sort());
      expect(agents.map((agent) => agent.heard)).toEqual(agents.map(() => new Set(['hi\n'])));
    } finally {
      await twins.stop();
      await Promise.all(agents.map((agent) => agent.stop()));
    }
    function repeated(all: Readonly<Record<string, Columns>>): boolean {
      const cut = AGENT_WORDS.indexOf('no newline');
      return all[`b${cut}/s`]?.['last_agt'] === 'Ignoring incomplete line from agent';
    }
  });

  it('are what traffic shows of them', async () => {
    const reactions = [
      '',
      'on-error mark-down',
      'on-error sudden-death',
      'on-error fastinter',
      'observe layer4 on-error mark-down',
    ];
    const fronts = new Map<string, readonly number[]>();
    for (const name of ['haproxy', 'tandem']) fronts.set(name, await Promise.all(reactions.map(() => freePort())));
    const twins = await Twins.start((socket, port, name) => {
      const listens = reactions.map(
        (reaction, i) => `listen l${i}
  bind 127.0.0.1:${fronts.get(name)?.[i]}
  option httpchk GET /check
  server s 127.0.0.1:${web.port} check inter 1h fall 3 observe layer7 error-limit 3 ${reaction}
`,
      );
      return DEFAULTS(socket, port) + listens.join('');
    });
    const columns = [...STATE, ...CHECKS];
    try {
      await twins.agree(
        (twin) => twin.servers(columns),
        (all) => Object.values(all).every((server) => server['check_status'] === 'L7OK'),
      );
      const manners = ['500', '500', '404', '500', '500', 'close', 'reset', 'bad', '501', '500', '500', '500', '500'];
      for (const manner of manners) {
        web.manner = manner;
        for (const ports of fronts.values()) for (const port of ports) await web.visit(port);
        await twins.agree((twin) => twin.servers(columns));
      }
      await twins.agree((twin) => twin.said().map((line) => line.replace(/\d sessions active/, 'N sessions active')));
    } finally {
      web.manner = '200';
      await twins.stop();
    }
  });

  it('take no new clients after a 404, and are told how they are seen', async () => {
    const twins = await Twins.start(
      (socket, port, name) => `${DEFAULTS(socket, port)}
defaults
  mode http
  log global
  timeout connect 1s
  timeout server 5s
  option httpchk GET /check-${name}
  http-check disable-on-404
  http-check send-state
  default-server inter 300 fall 2 rise 2
backend a
  server s 127.0.0.1:${web.port} check weight 10
  server u 127.0.0.1:${web.port} weight 30
backend b
  server t 127.0.0.1:${web.port} track a/s
`,
    );
    try {
      for (const [status, wanted] of [
        ['200', 'UP'],
        ['404', 'NOLB'],
        ['200', 'UP'],
        ['500', 'DOWN'],
        ['404', 'DOWN'],
        ['200', 'UP'],
        ['404', 'NOLB'],
        ['500', 'DOWN'],
      ] as const) {
        web.checkStatus = status;
        const columns = [...STATE, 'check_status', 'check_code'];
        const isDone = (all: Readonly<Record<string, Columns>>): boolean =>
          all['a/s']?.['status'] === wanted && all['a/s']['check_code'] === status;
        await twins.agree((twin) => twin.servers(columns).then(withoutCounts), isDone);
      }
      // On a busy machine a check may take too long, which is of no interest.
      await twins.agree((twin) => [...new Set(twin.said())].filter((line) => !line.includes('timeout')).sort());
      const toldBy = (name: string): string[] => [...new Set(web.told.get(`/check-${name}`))].sort();
      expect(toldBy('tandem')).toEqual(toldBy('haproxy'));
      expect(toldBy('tandem').length).toBeGreaterThan(3);
    } finally {
      web.checkStatus = '200';
      await twins.stop();
    }
    function withoutCounts(all: Readonly<Record<string, Columns>>) {
      return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, { ...one, chkfail: '', chkdown: '' }]));
    }
  });

  it('are what programs say, which are told whom to look at', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outside-programs-'));
    const script = join(folder, 'look');
    writeFileSync(
      script,
      `#!/bin/sh
{ echo "$# $*"; /usr/bin/env | /usr/bin/sort; } > ${folder}/$HAPROXY_SERVER_NAME.$$
/bin/mv ${folder}/$HAPROXY_SERVER_NAME.$$ ${folder}/$HAPROXY_PROXY_NAME-$HAPROXY_SERVER_NAME
case $HAPROXY_SERVER_NAME in
  bad) exit 3 ;;
  killed) kill -9 $$ ;;
  slow) /bin/sleep 30 ;;
esac
`,
      { mode: 0o755 },
    );
    const fronts = new Map([
      ['haproxy', await freePort()],
      ['tandem', await freePort()],
    ]);
    const twins = await Twins.start(
      (
        socket,
        port,
        name,
      ) => `${DEFAULTS(socket, port).replace('node here', process.getuid?.() === 0 ? 'user root' : '')}
listen ${name}
  bind 127.0.0.1:${fronts.get(name)}
  option external-check
  external-check command ${script}
  default-server inter 2s fall 1
  server good 127.0.0.1:${web.port} check maxconn 7 id 9
  server bad [::1]:${web.port} check
  server killed ${folder}/no.sock check
  server slow 127.0.0.1:${web.port} check inter 500
backend missing
  mode tcp
  option external-check
  external-check path ${folder}
  external-check command nobody
  server s 127.0.0.1:${web.port} check inter 2s fall 1
`,
    );
    try {
      const columns = [...STATE.filter((name) => name !== 'chkfail'), 'check_status', 'check_code', 'check_desc'];
      await twins.agree(
        async (twin) => Object.values(await twin.servers(columns)).map(withoutStar),
        (all) => all.every((server) => /^PROC[A-Z]+$/.test(server['check_status'] ?? '')),
      );
      for (const server of ['good', 'bad', 'killed', 'slow']) {
        const seenBy = (name: string): string =>
          readFileSync(join(folder, `${name}-${server}`), 'utf8')
            .replaceAll(name, 'NAME')
            .replaceAll(String(fronts.get(name)), 'PORT');
        expect(seenBy('tandem'), server).toBe(seenBy('haproxy'));
      }
      const said = (twin: Twin): string[] =>
        twin
          .said()
          .map((line) => line.replace(/(haproxy|tandem)/, 'NAME').replace(/\. \d active.*/, ''))
          .sort();
      await twins.agree(said);
    } finally {
      await twins.stop();
      rmSync(folder, { recursive: true, force: true });
    }
    /** The slow one is being asked half of the time. */
    function withoutStar(server: Columns): Columns {
      return { ...server, check_status: (server['check_status'] ?? '').replace('* ', '') };
    }
  });

  it('come to their whole weight step by step', async () => {
    const twins = await Twins.start(
      (socket, port) => `${DEFAULTS(socket, port)}
backend slow
  server w 127.0.0.1:${web.port} weight 10 maxconn 50 slowstart 3s
  server v 127.0.0.1:${web.port} weight 100
backend still
  balance static-rr
  server w 127.0.0.1:${web.port} weight 10 slowstart 3s
`,
    );
    try {
      for (const twin of [twins.theirs, twins.ours]) {
        await twin.ask('disable server slow/w;disable server still/w');
        await twin.ask('enable server slow/w;enable server still/w');
      }
      const steps = new Map<Twin, Set<string>>([
        [twins.theirs, new Set()],
        [twins.ours, new Set()],
      ]);
      const columns = ['status', 'weight', 'uweight', 'throttle'];
      // Each of them says once more that it is up when it has all of its weight.
      const isUp = (twin: Twin): boolean => twin.said().filter((line) => line.includes('/w is UP. ')).length === 2;
      for (let tries = 0; tries < 400 && !(isUp(twins.theirs) && isUp(twins.ours)); tries++) {
        for (const [twin, seen] of steps) {
          for (const [name, one] of Object.entries(await twin.servers(columns))) {
            seen.add(`${name} ${Object.values(one).join(' ')}`);
          }
        }
        await sleep(50);
      }
      // A second may be missed on a busy machine; what is seen has its place on the way.
      const way = ['no check 1 10 6', 'no check 4 10 37', 'no check 7 10 68', 'no check 10 10 ', 'MAINT 10 10 '];
      const ramp = (twin: Twin): string[] =>
        [...(steps.get(twin) ?? [])].filter((line) => line.startsWith('slow/w')).sort();
      const steady = way.map((step) => `slow/w ${step}`);
      for (const twin of [twins.theirs, twins.ours]) expect(steady).toEqual(expect.arrayContaining(ramp(twin)));
      await twins.agree((twin) => twin.said());
      await twins.agree((twin) => twin.servers(columns));
    } finally {
      await twins.stop();
    }
  });
});

describe('the tables', () => {
  it('have what they say', () => {
    expect(AGENT_WORDS.length).toBeGreaterThan(30);
    expect(OPERATOR_STEPS.length).toBeGreaterThan(60);
  });
});
