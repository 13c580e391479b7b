import { describe, expect, it } from 'vitest';
import { escapeXml, picture } from '../../bench/report/picture.mjs';
import { newRecord, workResult } from '../../bench/report/result.mjs';
import { memoryTable, summaryTable, threeDigits, workTable } from '../../bench/report/table.mjs';

function sampleOf(cpu: number, rate: number, trouble = '') {
  const latencies = { p50Ms: 1, p90Ms: 2, p99Ms: 100 / rate, p999Ms: 4 };
  return { cpu, user: cpu / 4, cores: cpu * 1.1, rate, busy: 0.9, ...latencies, trouble };
}

const work = { name: 'bodies <64 KiB> & "more"', per: 'request' };
const unknown = { ...sampleOf(Number.NaN, 50), user: Number.NaN, cores: Number.NaN, busy: Number.NaN };
const samples = new Map([
  ['tandem', [sampleOf(8, 130), sampleOf(18, 60), sampleOf(9, 120, '3 status errors')]],
  ['haproxy', [sampleOf(10, 100), sampleOf(20, 50), sampleOf(10, 100)]],
  ['direct', [unknown, unknown, unknown]],
]);
const result = workResult(work, samples, {
  baseOf: () => 'haproxy',
  residentMib: new Map([['tandem', 100]]),
  notes: ['a note'],
});
const empty = newRecord({
  started: '2026-11-21T00:00:00Z',
  machine: { lines: ['2 × a core', 'programs'] },
  settings: { rounds: 3, seconds: 4 },
});
const record = { ...empty, works: [result] };

/** Every opened element is closed, in order; attributes are quoted; nothing is left over. */
function faultOfXml(xml: string): string | undefined {
  const open: string[] = [];
  const rest = xml.replace(
    /<(\/?)([\w]+)((?:\s[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_all, close, name, _attributes, empty) => {
      if (close === '/') {
        const last = open.pop();
        if (last !== name) open.push(`${last} closed by ${name}`);
      } else if (empty !== '/') open.push(name);
      return '';
    },
  );
  if (open.length > 0) return `open: ${open.join(', ')}`;
  const odd = /[<>]|&(?!amp;|lt;|gt;|quot;)/.exec(rest);
  return odd === null ? undefined : `odd: ${rest.slice(odd.index, odd.index + 40)}`;
}

describe('the result of a work', () => {
  const [tandem, haproxy, direct] = result.peers;

  it('has median, least and most of each measure, and the rounds themselves', () => {
    expect(tandem).toMatchObject({ peer: 'tandem', comparedWith: 'haproxy', cpu: { median: 9, least: 8, most: 18 } });
    expect(tandem?.rounds).toHaveLength(3);
    expect(tandem).toMatchObject({ residentMib: 100, troubles: ['3 status errors'] });
  });

  it('compares round by round', () => {
    expect(tandem).toMatchObject({ cpuRatio: { median: 0.9, least: 0.8, most: 0.9 } });
    expect(haproxy).toMatchObject({ cpuRatio: { median: 1, least: 1, most: 1 } });
  });

  it('leaves out what could not be known, so that JSON gives back what went in', () => {
    expect(direct).not.toHaveProperty('cpu');
    expect(direct).not.toHaveProperty('cpuRatio');
    expect(direct).toHaveProperty('rate');
    const summed = record.works.map(({ peers, ...rest }) => ({
      ...rest,
      peers: peers.map(({ rounds: _rounds, ...peer }) => peer),
    }));
    expect(JSON.parse(JSON.stringify(summed))).toEqual(summed);
  });

  it('stands in a record that says its format, machine and settings', () => {
    expect(Object.keys(record)).toEqual(
      expect.arrayContaining(['format', 'started', 'machine', 'settings', 'engines', 'notes', 'works']),
    );
  });
});

describe('the picture', () => {
  const svg = picture(record);

  it('is well-formed, whatever the works are called', () => {
    expect(faultOfXml(svg)).toBeUndefined();
    expect(svg).toContain('bodies &lt;64 KiB&gt; &amp; &quot;more&quot;');
  });

  it('would be found out if it were not', () => {
    expect(faultOfXml(svg.replace('</title>', ''))).toContain('open');
    expect(faultOfXml(svg.replace('&lt;', '<'))).toBeDefined();
    expect(faultOfXml(`${svg}&nbsp;`)).toContain('odd');
  });

  it('has a bar for each peer whose CPU time is known, longer for more', () => {
    const bars = [...svg.matchAll(/<rect class="(\w+)"[^>]* width="([\d.]+)"/g)];
    expect(bars.map(([, kind]) => kind)).toEqual(['own', 'haproxy']);
    expect(Number(bars[0]?.[2])).toBeLessThan(Number(bars[1]?.[2]));
  });

  it('has colours for light and dark', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
  });

  it('can be drawn of a run without works', () => {
    expect(faultOfXml(picture(empty))).toBeUndefined();
  });

  it('escapes what XML gives a meaning', () => {
    expect(escapeXml('<a href="b">&</a>')).toBe('&lt;a href=&quot;b&quot;&gt;&amp;&lt;/a&gt;');
  });
});

describe('tables', () => {
  it('have as many cells in each line as in the head', () => {
    const memory = { connections: 10, notes: [], peers: [{ peer: 'tandem', bytesPerConnection: 700.4, lost: 2 }] };
    for (const text of [workTable(result), summaryTable([result]), memoryTable(memory)]) {
      const lines = text.split('\n').filter((line: string) => line.startsWith('|'));
      expect(lines.length).toBeGreaterThan(2);
      expect(new Set(lines.map((line: string) => line.split('|').length)).size).toBe(1);
    }
  });

  it('say beside a peer what went wrong, and put notes below', () => {
    expect(workTable(result)).toContain('tandem (3 status errors)');
    expect(workTable(result)).toMatch(/\na note$/);
  });

  it.each([
    { value: 0.123, text: '0.12' },
    { value: 12.345, text: '12.3' },
    { value: 1234.5, text: '1235' },
    { value: Number.NaN, text: '–' },
  ])('write $value as $text', ({ value, text }) => {
    expect(threeDigits(value)).toBe(text);
  });
});
