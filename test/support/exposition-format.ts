/**
 * A strict reader of Prometheus' text format 0.0.4, which shares no code with its writers: what it takes, any scraper takes.
 * Throws with the line that is wrong.
 *
 * Stricter than scrapers: each family has HELP and TYPE, in this order, its lines are together, no series is there twice,
 * counters are not negative, histograms add up, and there is no blank line but where prom-client leaves one.
 */

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As it is written. */
  readonly text: string;
  readonly value: number;
}

export interface ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: ReadSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const NUMBER = /^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

export function readExposition(text: string): ReadonlyMap<string, ReadFamily> {
  if (text === '') return new Map();
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, ReadFamily>();
  const series = new Set<string>();
  let help: { readonly name: string; readonly text: string } | null = null;
  let current: ReadFamily | null = null;
  const lines = text.slice(0, -1).split('\n');
  lines.forEach((line, i) => {
    const wrong = (why: string): Error => new Error(`line ${i + 1}: ${why}: ${line}`);
    if (line === '') {
      // Between families only.
      if (help !== null || current === null || current.samples.length === 0) throw wrong('a blank line');
      return;
    }
    if (line.startsWith('# HELP ')) {
      const [, name = '', words = ''] = /^# HELP (\S+) (.*)$/s.exec(line) ?? [];
      if (!NAME.test(name)) throw wrong('no name');
      if (!/^(?:[^\\]|\\[\\n])+$/.test(words)) throw wrong('not a help text');
      if (help !== null || families.has(name)) throw wrong('a second header');
      help = { name, text: words.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)) };
      return;
    }
    if (line.startsWith('# TYPE ')) {
      const [, name = '', type = ''] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
      if (help === null || help.name !== name) throw wrong('a type without its help');
      current = { name, help: help.text, type, samples: [] };
      families.set(name, current);
      help = null;
      return;
    }
    if (line.startsWith('#')) throw wrong('a comment');
    if (help !== null || current === null) throw wrong('a sample without its header');
    const sample = readSample(line, wrong);
    if (!belongs(sample, current)) throw wrong(`not of ${current.name}`);
    const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (series.has(key)) throw wrong('a series that was there');
    series.add(key);
    // NaN is HAProxy's word for a counter that its object does not have.
    if (current.type === 'counter' && sample.value < 0) throw wrong('less than nothing');
    current.samples.push(sample);
  });
  if (help !== null) throw new Error('a header at the end');
  for (const family of families.values()) {
    if (family.samples.length === 0) throw new Error(`${family.name} has no samples`);
    if (family.type === 'histogram') checkHistogram(family);
  }
  return families;
}

function belongs({ name }: ReadSample, family: ReadFamily): boolean {
  if (family.type !== 'histogram') return name === family.name;
  return ['_bucket', '_sum', '_count'].some((end) => name === family.name + end);
}

function readSample(line: string, wrong: (why: string) => Error): ReadSample {
  const [, name = '', rest = ''] = /^([^{ ]+)(.*)$/s.exec(line) ?? [];
  if (!NAME.test(name)) throw wrong('no name');
  const labels: Record<string, string> = {};
  let at = 0;
  if (rest.startsWith('{')) {
    at = 1;
    for (;;) {
      const [whole, label = '', value = ''] = /^([^=]+)="((?:[^"\\]|\\[\\"n])*)"/.exec(rest.slice(at)) ?? [];
      if (whole === undefined || !LABEL.test(label) || label in labels) throw wrong('not a label');
      labels[label] = value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
      at += whole.length;
      if (rest[at] === '}') break;
      if (rest[at] !== ',') throw wrong('labels without an end');
      at++;
    }
    at++;
  }
  const text = rest.slice(at + 1);
  if (rest[at] !== ' ' || !NUMBER.test(text)) throw wrong('no value');
  return { name, labels, text, value: text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text) };
}

function checkHistogram({ name, samples }: ReadFamily): void {
  const groups = new Map<string, ReadSample[]>();
  for (const sample of samples) {
    const { le: _, ...others } = sample.labels;
    const key = JSON.stringify(Object.entries(others).sort());
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  for (const [key, group] of groups) {
    const buckets = group.filter((one) => one.name.endsWith('_bucket'));
    const bounds = buckets.map(({ labels }) => (labels['le'] === '+Inf' ? Infinity : Number(labels['le'])));
    const counts = buckets.map(({ value }) => value);
    const total = group.find((one) => one.name.endsWith('_count'))?.value;
    const rises = (list: readonly number[], strictly: boolean): boolean =>
      list.every((one, i) => i === 0 || (strictly ? one > (list[i - 1] ?? 0) : one >= (list[i - 1] ?? 0)));
    const good = rises(bounds, true) && rises(counts, false) && bounds.at(-1) === Infinity && counts.at(-1) === total;
    if (!good || !group.some((one) => one.name.endsWith('_sum'))) throw new Error(`${name}${key} does not add up`);
  }
}
