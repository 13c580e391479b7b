/** Log lines for people. */
import { describe, expect, it } from 'vitest';
import { noPaint, type Paint } from '../../src/admin/text-line.ts';
import { readLogLine } from '../../src/cli/log-line.ts';
import { type LogFilter, readMilliseconds, readStatuses, shownLogLine } from '../../src/cli/log-view.ts';
import { SeededRandom } from '../support/random.ts';

const ALL: LogFilter = { statuses: [], backend: null, slowMs: null };
const show = (line: string, filter: Partial<LogFilter> = {}) =>
  shownLogLine(line, { ...ALL, ...filter }, 1000, noPaint);

const HTTP =
  '10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"';
const FAILED =
  '2001:db8::7:4711 [06/Feb/2009:12:14:14.655] web~ app/<NOSRV> 0/-1/-1/-1/5002 503 216 - - SQ-- 9/9/3/0/+2 0/5 "POST /a b HTTP/1.0"';
const TCP = '10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 cD 0/0/0/0/3 0/0';
const JSON_LINE = JSON.stringify({
  ...{ level: 30, time: 1_795_296_021_697, pid: 1, hostname: 'lb1', responseTime: 7, termination: '----' },
  ...{ frontend: 'www', backend: 'app', server: 's1', res: { statusCode: 404, bytes: 1126 } },
  req: { remoteAddress: '192.0.2.7', remotePort: 1, method: 'GET', version: 'HTTP/1.1', url: '/x' },
  msg: 'request completed',
});

describe('a line', () => {
  it('that is none of ours is shown, but for what would command a terminal', () => {
    expect(show('\tat \u001b]0;x\u0007 \u009b2J \u202e.')).toBe('\tat ?]0;x? ?2J ?.');
  });

  it.each([
    [HTTP, '12:14:14.655  200    109 ms  GET /index.html  static/srv1  10.0.1.2  2.7kB'],
    [
      `<134>Feb  6 12:14:14 lb1 haproxy[14389]: ${HTTP}`,
      '12:14:14.655  200    109 ms  GET /index.html  static/srv1  10.0.1.2  2.7kB',
    ],
    [FAILED, '12:14:14.655  503   5002 ms  POST /a b HTTP/1.0  app/<NOSRV>  2001:db8::7  216B  SQ--'],
    [TCP, '12:12:51.443  tcp   5007 ms  fnt  bck/srv1  10.0.1.2  212B  cD'],
    ['[WARNING]  (1234) : Server web/s2 is DOWN', 'Server web/s2 is DOWN'],
    ['warning: Server web/s2 is DOWN', 'Server web/s2 is DOWN'],
  ])('%s', (line, shown) => expect(show(line)).toBe(shown));

  it('of JSON is shown alike', () => {
    expect(show(JSON_LINE)).toMatch(
      /^\d\d:\d\d:\d\d\.697 {2}404 {6}7 ms {2}GET \/x {2}app\/s1 {2}192\.0\.2\.7 {2}1\.1kB$/,
    );
    const said = JSON.stringify({
      level: 40,
      time: 1_795_296_021_697,
      pid: 1,
      name: 'tandem',
      msg: 'Server a/b is DOWN',
    });
    expect(show(said)).toMatch(/^\d\d:\d\d:\d\d\.697 {2}Server a\/b is DOWN$/);
  });

  it.each([
    'hello',
    '',
    '{"not": "ours"}',
    '{"level":30,',
    'Server web/s1 is UP.',
    HTTP.replace('109 200', '109 two'),
    HTTP.slice(0, 80),
    HTTP.replace('1/1/1/1/0', '1/1'),
    TCP.replace('212', ''),
    '[06/Feb/2009:12:12:51.443] a b/c 1/2/3',
  ])('that is none of ours is shown as it is: %j', (line) => expect(show(line)).toBe(line));

  it('has the colour of its status', () => {
    const paint: Paint = (style, text) => `<${style}>${text}`;
    const styles = [200, 302, 404, 503].map(
      (status) => /<(\w+)>\d{3}/.exec(shownLogLine(HTTP.replace(' 200 ', ` ${status} `), ALL, 1000, paint) ?? '')?.[1],
    );
    expect(styles).toEqual(['good', undefined, 'warn', 'bad']);
  });

  it('does nothing to the terminal, and is no wider than it', () => {
    const line = JSON_LINE.replace('/x', '/\\u001b[2J\\u009b31m');
    expect(show(line)).toContain('GET /?[2J?31m');
    expect(shownLogLine(HTTP, ALL, 20, noPaint)).toHaveLength(20);
  });
});

describe('filters', () => {
  it.each<[Partial<LogFilter>, string]>([
    [{ statuses: [[500, 599]] }, '503'],
    [
      {
        statuses: [
          [200, 200],
          [404, 404],
        ],
      },
      '200 404',
    ],
    [{ backend: 'app' }, '503 404'],
    [{ slowMs: 110 }, '503 tcp'],
    [{ slowMs: 109, backend: 'static' }, '200'],
  ])('%j', (filter, left) => {
    const lines = [HTTP, FAILED, TCP, JSON_LINE, 'hello', 'warning: hello'];
    const shown = lines.flatMap((line) => show(line, filter) ?? []);
    expect(shown.map((line) => line.split('  ')[1]?.trim()).join(' ')).toBe(left);
  });

  it.each([
    ['5xx', [[500, 599]]],
    [
      '404,200-299',
      [
        [404, 404],
        [200, 299],
      ],
    ],
    ['', null],
    ['6xx', null],
    ['5xx,', null],
    ['5', null],
  ])('statuses %j', (text, ranges) => expect(readStatuses(text)).toEqual(ranges));

  it.each([
    ['250', 250],
    ['250ms', 250],
    ['1.5s', 1500],
    ['1m', null],
    ['', null],
  ])('time %j', (text, ms) => expect(readMilliseconds(text)).toBe(ms));
});

it('any line is read or left alone', () => {
  const random = new SeededRandom(77);
  const bases = [HTTP, FAILED, TCP, JSON_LINE];
  for (let i = 0; i < 3000; i++) {
    const base = random.pick(bases as [string, ...string[]]);
    const at = random.below(base.length);
    const cut = base.slice(0, at) + String.fromCharCode(random.below(256)) + base.slice(at + random.below(4));
    const entry = readLogLine(cut);
    if (entry === null) expect(show(cut)).toBe(cut.replace(/[\0-\x08\x0a-\x1f\x7f-\x9f\xad]/g, '?'));
    else expect(typeof show(cut)).toBe('string');
  }
});
