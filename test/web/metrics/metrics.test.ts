import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Legacy } from '../../../src/daemon/succession.ts';
import type { ProgramView } from '../../../src/daemon/views.ts';
import { PROXY_REQUESTS, SERVER_RETRIES, SERVER_SESSIONS } from '../../../src/proxy/shared-state.ts';
import { Metrics, type MetricsSide } from '../../../src/web/metrics/metrics.ts';
import { PROXIES } from '../../support/admin-scene.ts';
import { FakeAdminSide } from '../../support/admin-side.ts';
import { type ReadFamily, readExposition } from '../../support/exposition-format.ts';
import { FakePair } from '../../support/fake-pair.ts';
import { FakeTime } from '../../support/fake-time.ts';

const THREADS = [
  { number: 1, connections: 3, turns: 500, slabs: 2, heartbeatAgeMs: 0 },
  { number: 2, connections: 0, turns: 4_000_000_000, slabs: 0, heartbeatAgeMs: 1250 },
];

const made: Metrics[] = [];

function metrics(side: MetricsSide | (() => MetricsSide)): Metrics {
  const time = new FakeTime();
  const now = typeof side === 'function' ? side : () => side;
  const one = new Metrics({ side: now, clock: time, timers: time, packageVersion: '1.2.3' });
  made.push(one);
  return one;
}

afterEach(() => {
  for (const one of made.splice(0)) one.stop();
});

function sideOf(config = PROXIES, change: Partial<ProgramView> = {}): MetricsSide & { readonly fake: FakeAdminSide } {
  const fake = new FakeAdminSide(config);
  const program = (): ProgramView => ({ ...fake.program(), hasProxies: true, threads: THREADS, ...change });
  return { fake, proxies: { statistics: fake.statistics, program }, pair: null };
}

async function textOf(pieces: AsyncIterable<string> | string): Promise<string> {
  if (typeof pieces === 'string') throw new Error(pieces);
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

async function scrape(side: MetricsSide, query = ''): Promise<ReadonlyMap<string, ReadFamily>> {
  return readExposition(await textOf(metrics(side).answer(query)));
}

/** Samples of a family as `label=value… number`. */
function lines(families: ReadonlyMap<string, ReadFamily>, name: string): readonly string[] {
  return (families.get(name)?.samples ?? []).map(({ labels, text }) => {
    const words = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
    return [...words, text].join(' ');
  });
}

/** What the dashboards of HAProxy ask for most, by their number of panels. */
const DASHBOARDS = `
haproxy_backend_current_queue haproxy_frontend_http_responses_total haproxy_backend_http_responses_total
haproxy_server_http_responses_total haproxy_frontend_status haproxy_backend_status haproxy_server_status
haproxy_frontend_current_sessions haproxy_backend_current_sessions haproxy_frontend_http_requests_total
haproxy_backend_http_requests_total haproxy_frontend_bytes_in_total haproxy_frontend_bytes_out_total
haproxy_backend_bytes_in_total haproxy_backend_bytes_out_total haproxy_frontend_sessions_total
haproxy_backend_sessions_total haproxy_frontend_connections_total haproxy_backend_connection_attempts_total
haproxy_process_start_time_seconds haproxy_frontend_limit_sessions haproxy_backend_limit_sessions
haproxy_backend_weight haproxy_server_weight haproxy_frontend_request_errors_total
haproxy_frontend_requests_denied_total haproxy_frontend_intercepted_requests_total
haproxy_backend_redispatch_warnings_total haproxy_backend_retry_warnings_total haproxy_backend_response_errors_total
haproxy_backend_connection_errors_total haproxy_server_bytes_in_total haproxy_server_bytes_out_total
haproxy_server_current_queue haproxy_server_connection_errors_total haproxy_server_response_errors_total
haproxy_server_check_failures_total
haproxy_backend_queue_time_average_seconds haproxy_backend_connect_time_average_seconds
haproxy_backend_response_time_average_seconds haproxy_backend_total_time_average_seconds
haproxy_server_queue_time_average_seconds haproxy_server_connect_time_average_seconds
haproxy_server_response_time_average_seconds haproxy_server_total_time_average_seconds
haproxy_process_current_connections
`;

describe('a scrape', () => {
  it('has every family of HAProxy 2.6, and those that dashboards ask for', async () => {
    const families = await scrape(sideOf());
    const names = [...families.keys()];
    const count = (prefix: string) => names.filter((name) => name.startsWith(prefix)).length;
    expect(['haproxy_process_', 'haproxy_frontend_', 'haproxy_backend_', 'haproxy_server_'].map(count)).toEqual([
      60, 28, 50, 48,
    ]);
    // Of the 187 the duration of checks is missing, as none has ended.
    expect(count('haproxy_')).toBe(186);
    for (const name of DASHBOARDS.trim().split(/\s+/)) expect(names).toContain(name);
  });

  it('says of proxies what show stat says', async () => {
    const side = sideOf();
    const { state } = side.fake;
    state.add(state.proxy(0) + PROXY_REQUESTS, 7);
    state.add(state.server(0) + SERVER_RETRIES, 3);
    state.set(state.server(3) + SERVER_SESSIONS, 2);
    const families = await scrape(side);
    expect(lines(families, 'haproxy_frontend_http_requests_total')).toEqual(['proxy=web 7']);
    expect(lines(families, 'haproxy_server_retry_warnings_total')).toEqual([
      'proxy=app server=s1 3',
      'proxy=app server=s2 0',
      'proxy=app server=s3 0',
      'proxy=tcp server=t1 0',
    ]);
    expect(lines(families, 'haproxy_server_current_sessions').at(-1)).toBe('proxy=tcp server=t1 2');
    // Who has no limit.
    expect(lines(families, 'haproxy_server_queue_limit')[0]).toBe('proxy=app server=s1 NaN');
    expect(lines(families, 'haproxy_process_build_info')).toEqual([
      expect.stringMatching(/^version=2\.6\.\d+-tandem-1\.2\.3 1$/),
    ]);
  });

  it('has one 1 among the states of each server', async () => {
    const side = sideOf();
    const families = await scrape(side);
    expect(lines(families, 'haproxy_server_status').filter((line) => line.endsWith(' 1'))).toEqual([
      'proxy=app server=s1 state=UP 1',
      'proxy=app server=s2 state=UP 1',
      'proxy=app server=s3 state=MAINT 1',
      'proxy=tcp server=t1 state=UP 1',
    ]);
    expect(lines(families, 'haproxy_server_status')).toHaveLength(4 * 5);
    // One is checked, and no check has ended.
    expect(lines(families, 'haproxy_server_check_status')).toHaveLength(16);
    expect(lines(families, 'haproxy_server_check_status').filter((line) => !line.endsWith(' 0'))).toEqual([]);
    expect(lines(families, 'haproxy_server_check_code')).toEqual(['proxy=app server=s2 0']);
    expect(families.has('haproxy_server_check_duration_seconds')).toBe(false);
    expect(lines(families, 'haproxy_backend_agg_server_status').slice(0, 5)).toEqual([
      'proxy=app state=DOWN 0',
      'proxy=app state=UP 2',
      'proxy=app state=MAINT 1',
      'proxy=app state=DRAIN 0',
      'proxy=app state=NOLB 0',
    ]);
  });

  it('leaves out what does not apply: HTTP of TCP proxies, checks of servers that are not checked', async () => {
    const families = await scrape(sideOf());
    const proxies = (name: string) => new Set(families.get(name)?.samples.map(({ labels }) => labels['proxy']));
    expect(proxies('haproxy_frontend_http_requests_total')).toEqual(new Set(['web']));
    expect(proxies('haproxy_frontend_bytes_in_total')).toEqual(new Set(['web', 'tcp']));
    expect(proxies('haproxy_server_http_responses_total')).toEqual(new Set(['app']));
  });

  it('is of the scopes that it asks for, without servers in maintenance if it says so', async () => {
    const prefixes = async (query: string) => {
      const names = [...(await scrape(sideOf(), query)).keys()];
      return [
        ...new Set(
          names.map((name) =>
            name
              .split('_')
              .slice(0, name.startsWith('haproxy') ? 2 : 1)
              .join('_'),
          ),
        ),
      ];
    };
    expect(await prefixes('scope=global')).toEqual(['haproxy_process']);
    expect(await prefixes('scope=server&scope=frontend')).toEqual(['haproxy_frontend', 'haproxy_server']);
    expect(await prefixes('scope=tandem')).toEqual(['tandem']);
    expect(await prefixes('scope=')).toEqual([]);
    expect(await prefixes('scope=listener&scope=sticktable&scope=keepalived')).toEqual([]);
    const servers = lines(await scrape(sideOf(), 'scope=server&no-maint'), 'haproxy_server_weight');
    expect(servers.map((line) => line.split(' ')[1])).toEqual(['server=s1', 'server=s2', 'server=t1']);
  });

  it('has only the families that are named', async () => {
    const names = 'haproxy_backend_status,haproxy_process_jobs,tandem_generation';
    expect([...(await scrape(sideOf(), `metrics=${names}`)).keys()].sort()).toEqual(names.split(',').sort());
    const all = await scrape(sideOf(), 'metrics=-haproxy_server_check_status,-tandem_thread_slabs');
    expect(all.has('haproxy_server_check_status') || all.has('tandem_thread_slabs')).toBe(false);
    expect(all.has('haproxy_server_status') && all.has('tandem_thread_turns_total')).toBe(true);
  });

  it('of a bad query is refused', () => {
    expect(metrics(sideOf()).answer('scope=nobody')).toBe('bad query');
  });
});

describe('what Tandem says of itself', () => {
  it('is what runs: generations, reloads, the data process, its threads', async () => {
    const families = await scrape(
      sideOf(PROXIES, {
        generation: 4,
        olderGenerations: 2,
        serving: true,
        dataDeaths: 5,
        engine: 'epoll (io_uring: not permitted)',
        reloads: { done: 3, failed: 1, failedInARow: 0 },
        reloadedWallMs: 1_700_000_001_500,
      }),
    );
    const one = (name: string) => lines(families, `tandem_${name}`);
    expect(one('generation')).toEqual(['4']);
    expect(one('older_generations')).toEqual(['2']);
    expect(one('data_process_up')).toEqual(['1']);
    expect(one('data_process_restarts_total')).toEqual(['5']);
    expect(one('data_engine_info')).toEqual(['engine=epoll 1']);
    expect(one('reloads_total')).toEqual(['result=done 3', 'result=failed 1']);
    expect(one('last_reload_timestamp_seconds')).toEqual(['1700000001.5']);
    expect(one('thread_connections')).toEqual(['thread=1 3', 'thread=2 0']);
    expect(one('thread_turns_total')).toEqual(['thread=1 500', 'thread=2 4000000000']);
    expect(one('thread_slabs')).toEqual(['thread=1 2', 'thread=2 0']);
    expect(one('thread_heartbeat_age_seconds')).toEqual(['thread=1 0', 'thread=2 1.25']);
    expect(one('build_info')[0]).toMatch(/^version=1\.2\.3 haproxy=2\.6\.\d+ node=\d+\.\d+\.\d+ 1$/);
    expect(one('control_cpu_seconds_total')).toHaveLength(2);
    expect(families.get('tandem_control_resident_memory_bytes')?.samples[0]?.value).toBeGreaterThan(1e6);
  });

  it('is of the moment: threads that are gone are gone, counts start anew where they did', async () => {
    let now = sideOf();
    const source = metrics(() => now);
    const text = async (threads: ProgramView['threads']) => {
      now = sideOf(PROXIES, { threads });
      return readExposition(await textOf(source.answer('scope=tandem')));
    };
    await text(THREADS);
    const after = await text([{ number: 1, connections: 0, turns: 2, slabs: 0, heartbeatAgeMs: 0 }]);
    expect(lines(after, 'tandem_thread_turns_total')).toEqual(['thread=1 2']);
    expect(lines(after, 'tandem_thread_slabs')).toEqual(['thread=1 0']);
  });

  it('is there without proxies, which have nothing then', async () => {
    const names = [...(await scrape({ proxies: null, pair: null })).keys()];
    expect(names).toContain('tandem_control_loop_lag_seconds');
    expect(names.filter((name) => /^haproxy_|^tandem_(generation|thread)/.test(name))).toEqual([]);
    const alone = [...(await scrape(sideOf(PROXIES, { hasProxies: false }))).keys()];
    expect(alone.filter((name) => name.startsWith('haproxy_'))).toEqual([]);
  });
});

it('a pair has its families, with proxies or without', async () => {
  const box = new FakePair();
  const instance = 'interface eth0\n virtual_router_id 51\n virtual_ipaddress { 10.77.0.100/32 }';
  expect(await box.start(`vrrp_instance V {\n ${instance}\n}`)).toEqual([]);
  const alone = [...(await scrape({ proxies: null, pair: box.pair })).keys()];
  expect(alone).toContain('keepalived_vrrp_state');
  expect(alone).toContain('tandem_vrrp_advert_lateness_seconds');
  const both = { ...sideOf(), pair: box.pair };
  expect([...(await scrape(both)).keys()]).toEqual(expect.arrayContaining(['haproxy_server_status', 'keepalived_up']));
  const its = [...(await scrape(both, 'scope=keepalived')).keys()];
  expect(its.filter((name) => !name.startsWith('keepalived_'))).toEqual([]);
  await box.pair.stop(false);
});

describe('many servers', () => {
  const SERVERS = 500;
  const config = `defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nlisten l\n bind :80\n${Array.from(
    { length: SERVERS },
    (_, i) => ` server s${i} 192.0.2.1:80 check\n`,
  ).join('')}`;

  it('are looked at in turns with others, and told in pieces', async () => {
    const source = metrics(sideOf(config));
    await textOf(source.answer('scope=tandem'));
    let turns = 0;
    let over = false;
    const others = (async () => {
      while (!over) {
        turns++;
        await nextTurn();
      }
    })();
    const sizes: number[] = [];
    const pieces = source.answer('scope=server&scope=backend');
    if (typeof pieces === 'string') throw new Error(pieces);
    for await (const piece of pieces) sizes.push(piece.length);
    over = true;
    await others;
    // Every 32 servers, and after each piece.
    expect(turns).toBeGreaterThan(SERVERS / 32 + sizes.length - 1);
    expect(Math.max(...sizes)).toBeLessThan(32_768);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(1_000_000);
  });

  it('are looked at anew when a reload comes in between', async () => {
    let now = sideOf(config);
    const source = metrics(() => now);
    const first = now.proxies?.statistics;
    const next = sideOf();
    let turns = 0;
    const others = (async () => {
      while (turns++ < 5) await nextTurn();
      if (first !== undefined)
        next.fake.statistics.follow(first, new Legacy(now.fake.state, next.fake.state, { proxies: [], servers: [] }));
      now = next;
    })();
    const text = await textOf(source.answer('metrics=haproxy_server_weight'));
    await others;
    expect(lines(readExposition(text), 'haproxy_server_weight')).toHaveLength(4);
  });

  it('are not told to more than a few at once, nor to those who have left', async () => {
    const source = metrics(sideOf(config));
    const readers: AsyncIterator<string>[] = [];
    for (;;) {
      const pieces = source.answer('scope=server');
      if (pieces === 'busy') break;
      if (pieces === 'bad query') throw new Error(pieces);
      const reader = pieces[Symbol.asyncIterator]();
      readers.push(reader);
      await reader.next();
    }
    expect(readers).toHaveLength(8);
    // One leaves in the middle.
    await readers[0]?.return?.();
    expect(source.answer('')).not.toBe('busy');
  });
});
