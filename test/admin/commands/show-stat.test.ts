/** `show stat` and `show info`: shapes, filters, and numbers that come from where they are counted. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STAT_COLUMNS } from '../../../src/admin/stat-columns.ts';
import {
  PROXY_BACKEND_SESSIONS,
  PROXY_BAD_REQUESTS,
  PROXY_BYTES_IN_LOW,
  PROXY_FRONTEND_SESSIONS,
  PROXY_FRONTEND_SESSIONS_MAX,
  PROXY_OWN_CONNECT_ERRORS,
  PROXY_OWN_RESPONSES_1XX,
  PROXY_REQUESTS,
  PROXY_RESPONSES_1XX,
  PROXY_TOTAL_CONNECTIONS,
  SERVER_CONNECT_ERRORS,
  SERVER_IDLE,
  SERVER_IDLE_FRESH,
  SERVER_NEEDED,
  SERVER_RESPONSE_MS,
  SERVER_RESPONSES_1XX,
  SERVER_TIMED,
  SERVER_TOTAL_MS_LOW,
  SERVER_TOTAL_MS_MAX,
  SERVER_TOTAL_SESSIONS,
} from '../../../src/proxy/shared-state.ts';
import { AdminScene } from '../../support/admin-scene.ts';

/** HAProxy's management.txt: "do not insert any column before these". */
const PROMISED =
  'pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,' +
  'chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,' +
  'check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,' +
  'req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,' +
  'agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,' +
  'agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,' +
  'reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,' +
  'safe_conn_cur,used_conn_cur,need_conn_est,uweight,agg_server_status,agg_server_check_status,agg_check_status,-,';

let scene: AdminScene;
beforeEach(() => {
  scene = new AdminScene();
});
afterEach(() => scene.close());

async function rows(command: string): Promise<Record<string, string>[]> {
  const [header = '', ...lines] = (await scene.ask(command)).trimEnd().split('\n');
  const names = header.slice(2).split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i] ?? '', cell])));
}

const names = (found: Record<string, string>[]) => found.map((row) => `${row['pxname']}/${row['svname']}`);

describe('the table', () => {
  it('has the promised columns, and as many cells in each line', async () => {
    const lines = (await scene.ask('show stat')).split('\n');
    expect(lines[0]).toBe(`# ${PROMISED}`);
    expect(STAT_COLUMNS.length).toBe(103);
    for (const line of lines.slice(0, -2)) expect(line.split(',').length).toBe(105);
    expect(lines.slice(-2)).toEqual(['', '']);
  });

  it('shows a proxy’s frontend, servers and backend, in the order of the file', async () => {
    expect(names(await rows('show stat'))).toEqual([
      'web/FRONTEND',
      ...['app/s1', 'app/s2', 'app/s3', 'app/BACKEND'],
      ...['tcp/FRONTEND', 'tcp/t1', 'tcp/BACKEND'],
    ]);
  });

  it.each([
    ['-1 4 -1', ['app/s1', 'app/s2', 'app/s3', 'tcp/t1']],
    ['-1 1 -1', ['web/FRONTEND', 'tcp/FRONTEND']],
    ['3 2 -1', ['app/BACKEND']],
    ['app 6 -1', ['app/s1', 'app/s2', 'app/s3', 'app/BACKEND']],
    ['app 4 7', ['app/s3']],
    ['app 4 9', []],
    ['app 7 7', ['app/s3', 'app/BACKEND']],
    ['99 7 -1', []],
    ['app 4 -1 no-maint', ['app/s1', 'app/s2']],
    ['no-maint', ['web/FRONTEND', 'app/s1', 'app/s2', 'app/BACKEND', 'tcp/FRONTEND', 'tcp/t1', 'tcp/BACKEND']],
    // As in haproxy: three words, or none.
    ['app', expect.arrayContaining(['web/FRONTEND'])],
  ])('%s', async (filter, expected) => {
    expect(names(await rows(`show stat ${filter}`))).toEqual(expected);
  });

  it('says that there is no such proxy', async () => {
    expect(await scene.ask('show stat nope 7 -1')).toBe('No such proxy.\n\n');
  });

  it('hides what is down, and says how many run', async () => {
    await scene.ask('set server app/s2 health down');
    const found = await rows('show stat up');
    expect(names(found)).not.toContain('app/s2');
    expect(found.find(({ pxname, svname }) => pxname === 'app' && svname === 'BACKEND')?.['status']).toBe('UP (1/3)');
  });

  it.each([
    ['', 'no check'],
    ['set server app/s1 state drain', 'DRAIN'],
    ['set server app/s1 state maint', 'MAINT'],
    ['set server app/s1 health stopping', 'NOLB'],
    ['set server app/s1 health down', 'DOWN'],
    ['set weight app/s1 0', 'no check'],
  ])('after %j a server is %s', async (command, status) => {
    if (command !== '') await scene.ask(command);
    expect((await rows('show stat app 4 1'))[0]?.['status']).toBe(status);
  });
});

describe('numbers', () => {
  it('are those of the shared memory', async () => {
    const { state } = scene.side;
    const web = state.proxy(0);
    const app = state.proxy(1);
    const s1 = state.server(0);
    state.set(web + PROXY_FRONTEND_SESSIONS, 3);
    state.set(web + PROXY_FRONTEND_SESSIONS_MAX, 5);
    state.set(web + PROXY_TOTAL_CONNECTIONS, 11);
    state.set(web + PROXY_REQUESTS, 12);
    state.set(web + PROXY_BAD_REQUESTS, 4);
    state.set(web + PROXY_RESPONSES_1XX + 1, 8);
    state.addBytes(web + PROXY_BYTES_IN_LOW, 5_000_000_000);
    state.set(app + PROXY_BACKEND_SESSIONS, 2);
    state.set(app + PROXY_OWN_CONNECT_ERRORS, 1);
    state.set(app + PROXY_OWN_RESPONSES_1XX + 4, 3);
    state.set(s1 + SERVER_TOTAL_SESSIONS, 9);
    state.set(s1 + SERVER_CONNECT_ERRORS, 2);
    state.set(s1 + SERVER_RESPONSES_1XX + 1, 7);
    const [frontend, server, , , backend] = await rows('show stat');
    expect(frontend).toMatchObject({ scur: '3', smax: '5', stot: '11', req_tot: '12', ereq: '4', hrsp_2xx: '8' });
    expect(frontend).toMatchObject({ bin: '5000000000', slim: '1000' });
    expect(server).toMatchObject({ stot: '9', econ: '2', hrsp_2xx: '7', req_tot: '7' });
    expect(backend).toMatchObject({ stot: '12', econ: '3', hrsp_2xx: '7', hrsp_5xx: '3', scur: '2' });
  });

  it('have times: the averages of what was counted, and the longest', async () => {
    const { state } = scene.side;
    const [s1, s2] = [state.server(0), state.server(1)];
    const count = (row: number, streams: number, totalMs: number) => {
      state.add(row + SERVER_TIMED, streams);
      state.add(row + SERVER_RESPONSE_MS, 10 * streams);
      state.addBytes(row + SERVER_TOTAL_MS_LOW, totalMs);
      state.raise(row + SERVER_TOTAL_MS_MAX, totalMs);
    };
    count(s1, 3, 100);
    count(s2, 1, 300);
    const found = async () =>
      (await rows('show stat app 6 -1')).map(({ qtime, rtime, ttime, ttime_max }) => [qtime, rtime, ttime, ttime_max]);
    const nothing = ['0', '0', '0', '0'];
    const all = [['0', '10', '34', '100'], ['0', '10', '300', '300'], nothing, ['0', '10', '100', '300']];
    expect(await found()).toEqual(all);
    await scene.ask('clear counters');
    expect((await found())[0]).toEqual(['0', '10', '34', '0']);
    await scene.ask('clear counters all');
    expect(await found()).toEqual([nothing, nothing, nothing, nothing]);
    count(s1, 1, 7);
    expect((await found())[0]).toEqual(['0', '10', '7', '7']);
  });

  it('have idle connections by what they have carried', async () => {
    const { state } = scene.side;
    const s1 = state.server(0);
    state.set(s1 + SERVER_IDLE, 5);
    state.set(s1 + SERVER_IDLE_FRESH, 2);
    state.set(s1 + SERVER_NEEDED, 6);
    expect((await rows('show stat app 4 1'))[0]).toMatchObject({
      srv_icur: '5',
      idle_conn_cur: '2',
      safe_conn_cur: '3',
      need_conn_est: '6',
    });
  });

  it('do not wrap where the memory does', async () => {
    const { state, statistics } = scene.side;
    const word = state.proxy(0) + PROXY_TOTAL_CONNECTIONS;
    state.set(word, -10);
    statistics.look();
    state.set(word, 15);
    expect((await rows('show stat web 1 -1'))[0]?.['stot']).toBe(String(2 ** 32 + 15));
  });

  it('that nobody asks for are looked at in turn, each before it can wrap', async () => {
    scene.close();
    const servers = Array.from({ length: 50 }, (_, i) => ` server s${i} 192.0.2.1:80`).join('\n');
    scene = new AdminScene('level admin', '', `backend b\n mode http\n${servers}\n`);
    const { state, statistics, time } = scene.side;
    const words = Array.from({ length: 50 }, (_, i) => state.server(i) + SERVER_CONNECT_ERRORS);
    statistics.start();
    for (const word of words) state.set(word, -10);
    await time.advance(5000);
    for (const word of words) state.set(word, 7);
    statistics.stop();
    const econ = (await rows('show stat -1 4 -1')).map((row) => row['econ']);
    expect(new Set(econ)).toEqual(new Set([String(2 ** 32 + 7)]));
  });

  it('become rates, and the greatest of them is kept', async () => {
    const { state, statistics, time } = scene.side;
    const word = state.proxy(0) + PROXY_TOTAL_CONNECTIONS;
    statistics.start();
    state.set(word, 40);
    await time.advance(1000);
    state.set(word, 50);
    await time.advance(500);
    // Ten in this half second, and half of the forty of the last one.
    expect((await rows('show stat web 1 -1'))[0]).toMatchObject({ rate: '30', rate_max: '40', conn_rate: '30' });
    await time.advance(2500);
    expect((await rows('show stat web 1 -1'))[0]).toMatchObject({ rate: '0', rate_max: '40' });
    statistics.stop();
  });

  it('begin anew when they are cleared: greatest values, or all', async () => {
    const { state } = scene.side;
    const web = state.proxy(0);
    state.set(web + PROXY_FRONTEND_SESSIONS, 1);
    state.set(web + PROXY_FRONTEND_SESSIONS_MAX, 5);
    state.set(web + PROXY_TOTAL_CONNECTIONS, 11);
    await scene.ask('clear counters');
    expect((await rows('show stat web 1 -1'))[0]).toMatchObject({ smax: '1', stot: '11' });
    await scene.ask('clear counters all');
    state.add(web + PROXY_TOTAL_CONNECTIONS, 2);
    expect((await rows('show stat web 1 -1'))[0]).toMatchObject({ scur: '1', stot: '2' });
    expect(state.get(web + PROXY_TOTAL_CONNECTIONS)).toBe(13);
    // As in haproxy, what the process as such has done stays.
    expect(await scene.ask('show info')).toContain('\nCumConns: 13\n');
  });

  it('tell how long a server has been away', async () => {
    await scene.ask('set server app/s2 state maint');
    await scene.side.time.advance(5000);
    await scene.ask('set server app/s2 state ready');
    await scene.side.time.advance(2000);
    await scene.ask('set server app/s2 health down');
    await scene.side.time.advance(3000);
    expect((await rows('show stat app 4 2'))[0]).toMatchObject({ downtime: '3', chkdown: '2', lastchg: '3' });
  });
});

describe('typed lines', () => {
  it('name object, place, field and kind of number', async () => {
    const lines = (await scene.ask('show stat typed')).split('\n');
    expect(lines).toContain('F.2.0.0.pxname.1:KNS:str:web');
    expect(lines).toContain('S.3.7.1.svname.1:KNS:str:s3');
    expect(lines).toContain('B.3.0.19.act.1:MGP:u32:1');
    expect(lines).toContain('S.3.1.19.act.1:SGP:u32:1');
    expect(lines.some((line) => line.includes('slim') && line.startsWith('S.'))).toBe(false);
  });

  it('may have descriptions', async () => {
    expect(await scene.ask('show stat typed desc')).toContain('F.2.0.0.pxname.1:KNS:str:web:"Proxy name"\n');
    expect(await scene.ask('show info typed desc')).toContain('4.Nbproc.1:CGS:u32:1:"Number of started worker');
  });
});

describe('JSON', () => {
  it('is JSON, with the same values', async () => {
    const stat = JSON.parse(await scene.ask('show stat json')) as { field: { name: string } }[][];
    expect(stat.length).toBe(8);
    expect(stat[0]?.[0]).toEqual({
      objType: 'Frontend',
      proxyId: 2,
      id: 0,
      field: { pos: 0, name: 'pxname' },
      processNum: 1,
      tags: { origin: 'Key', nature: 'Name', scope: 'Service' },
      value: { type: 'str', value: 'web' },
    });
    const info = JSON.parse(await scene.ask('show info json')) as { field: { pos: number; name: string } }[];
    expect(info.map(({ field }) => field.name)).toContain('Unstoppable Jobs');
    expect(JSON.parse(await scene.ask('show stat app 4 99 json'))).toEqual([]);
    expect(JSON.parse(await scene.ask('show schema json'))).toHaveProperty('definitions');
  });
});

describe('show info', () => {
  it('has a field a line', async () => {
    const info = await scene.ask('show info');
    expect(info).toMatch(/^Name: HAProxy\nVersion: 2\.6\.12-tandem-1\.2\.3\nRelease_date: /);
    expect(info).toContain('\nNbthread: 2\n');
    expect(info).toContain('\nUptime: 0d 0h00m00s\n');
    expect(info).not.toContain('description');
  });

  it('counts time', async () => {
    await scene.side.time.advance((((2 * 24 + 3) * 60 + 4) * 60 + 5) * 1000);
    expect(await scene.ask('show info')).toContain('\nUptime: 2d 3h04m05s\nUptime_sec: 183845\n');
  });
});

describe('the environment', () => {
  it('is told whole, or one of it', async () => {
    expect(await scene.ask('show env')).toBe('HOME=/root\nEMPTY=\n\n');
    expect(await scene.ask('show env HOME;show env EMPTY;show env NONE')).toBe(
      'HOME=/root\n\nEMPTY=\n\nVariable not found\n\n',
    );
  });
});
