/** Sessions as text: what stands where, for each place that a session can be in. */
import { describe, expect, it } from 'vitest';
import { sessionLine, sessionText } from '../../src/admin/session-text.ts';
import type { SessionView } from '../../src/daemon/inquiries.ts';
import type { SessionReport } from '../../src/proxy/questions.ts';
import { report } from '../support/session-report.ts';

function view(fields: Partial<SessionReport> = {}, more: Partial<SessionView> = {}): SessionView {
  return {
    name: '0x1010000002a001',
    thread: 1,
    report: report(fields),
    method: 'GET',
    frontend: { name: 'web', id: 2, http: true },
    listener: { name: 'door', id: 1, unix: false },
    backend: { name: 'app', id: 4, http: true },
    server: { name: 's1', id: 1, host: '192.0.2.11', port: 8001 },
    ...more,
  };
}

const tcp = { name: 'raw', id: 3, http: false };

describe('a line', () => {
  it('has all of HAProxy’s fields in its order', () => {
    expect(sessionLine(view())).toBe(
      '0x1010000002a001: proto=tcpv4 src=192.0.2.7:4711 fe=web be=app srv=s1' +
        ' ts=00 epoch=0 age=1s calls=0 rate=0 cpu=0 lat=0' +
        ' rq[f=40000000h,i=0,an=8000h,rx=,wx=,ax=] rp[f=80000000h,i=0,an=1400000h,rx=28s,wx=,ax=]' +
        ' scf=[8,0h,fd=13] scb=[8,0h,fd=21] exp=28s rc=0 c_exp=\n',
    );
  });

  const places: readonly (readonly [string, SessionView, RegExp])[] = [
    ['a wait for a place', view({ phase: 'queued', serverFd: -1, clientMs: 19_000 }), /scb=\[2,.* c_exp=19s$/],
    ['a pause before the next try', view({ phase: 'pausing', clientMs: 900, retries: 2 }), /scb=\[3,.* rc=2 c_exp=0s$/],
    ['a connection that does not stand', view({ phase: 'connecting' }), /rx=,wx=.*scb=\[5,.* c_exp=28s$/],
    ['a body that is awaited', view({ phase: 'buffering', clientMs: 9000 }), /an=38h,rx=9s,wx=,ax=9s\].*scb=\[0,/],
    ['an upload', view({ requestDone: false, clientMs: 65_000 }), /rq\[f=000000h,i=0,an=8000h,rx=1m5s/],
    ['a server that is slow to take', view({ requestHeld: 10 }), /rq\[.*i=10,.*wx=28s.*rp\[.*rx=,/],
    [
      'a client that is slow to read',
      view({ responseStarted: true, responseHeld: 7, clientMs: 5000 }),
      /i=7,an=4000000h.*wx=5s/,
    ],
    ['a server that has left', view({ responseDone: true, serverFd: -1 }), /rp\[f=c0000000h.*scb=\[10,0h,fd=-1\]/],
    [
      'ends that have said their end',
      view({ clientEnded: true, serverEnded: true }),
      /rq\[f=40002020h.*rp\[f=80002020h/,
    ],
    ['a tunnel', view({ tunnel: true, clientMs: 3000 }), /rq\[f=000000h,i=0,an=00h,rx=3s.*rp\[f=80000000h,i=0,an=00h/],
    ['mode tcp', view({ clientMs: 3000 }, { frontend: tcp, backend: tcp }), /rq\[f=000000h,i=0,an=00h,rx=3s/],
    ['no backend', view({ serverMs: -1 }, { backend: null, server: null }), /be=<NONE> srv=<none>.* exp= rc=0/],
  ];

  it.each(places)('shows %s', (_, shown, pattern) => {
    expect(sessionLine(shown).trimEnd()).toMatch(pattern);
  });

  it.each([
    [{ family: 6, ip: '2001:db8::7', port: 1 } as const, 'proto=tcpv6 src=2001:db8::7:1 ', false],
    [{ family: 0, ip: '', port: 0 } as const, 'proto=unix_stream src=unix:1 ', true],
  ])('says where a client comes from: %j', (source, expected, unix) => {
    expect(sessionLine(view({ source }, { listener: { name: '?', id: 1, unix } }))).toContain(expected);
  });

  it.each([
    [0, '0s'],
    [59_999, '59s'],
    [3_600_000, '1h'],
    [3_725_000, '1h2m'],
    [90_061_000, '1d1h'],
  ])('says how old it is: %d ms are %s', (ageMs, text) => {
    expect(sessionLine(view({ ageMs }))).toContain(` age=${text} `);
  });
});

describe('all of it', () => {
  it('names both ends of each connection, and how far the messages are', () => {
    const text = sessionText(view({ status: 200, responseStarted: true, serverUses: 2 }));
    expect(text).toContain(
      'id=42 proto=tcpv4 source=192.0.2.7:4711\n  flags=0x100c4a, conn_retries=0, conn_exp=<NEVER>',
    );
    expect(text).toContain('  frontend=web (id=2 mode=http), listener=door (id=1) addr=192.0.2.1:80\n');
    expect(text).toContain(
      '  backend=app (id=4 mode=http) addr=192.0.2.1:50000\n  server=s1 (id=1) addr=192.0.2.11:8001\n',
    );
    expect(text).toContain('  txn=meth=1 status=200 req.st=MSG_DONE rsp.st=MSG_DATA\n');
    expect(text).toContain(' tmask=0x2 ');
  });

  it('of TCP has no transaction; without a server there is no second connection', () => {
    const text = sessionText(view({ serverFd: -1, outgoing: null }, { frontend: tcp, backend: null, server: null }));
    expect(text).not.toContain('txn=');
    expect(text).not.toContain('co1=');
    expect(text).toContain('  backend=<NONE> (id=-1 mode=-)\n  server=<NONE> (id=-1)\n');
  });

  it.each([
    ['POST', 3],
    ['OPTIONS', 0],
    ['PATCH', 8],
    ['', 8],
  ])('knows methods by HAProxy’s numbers: %j is %d', (method, number) => {
    expect(sessionText(view({}, { method }))).toContain(`txn=meth=${number} status=-1`);
  });
});
