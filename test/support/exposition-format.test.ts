import { describe, expect, it } from 'vitest';
import { readExposition } from './exposition-format.ts';

const header = (name: string, type = 'gauge') => `# HELP ${name} Help.\n# TYPE ${name} ${type}\n`;
const histogram = (lines: string) => `${header('h', 'histogram')}${lines}`;

describe('the reader of the exposition format', () => {
  it('takes what is right', () => {
    const text = `${header('a')}a{x="1\\"\\\\\\n",y=""} 1.5e-7\na NaN\n${header('b', 'counter')}b 3\n\n${histogram(
      'h_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n',
    )}`;
    const families = readExposition(text);
    expect([...families.keys()]).toEqual(['a', 'b', 'h']);
    expect(families.get('a')?.samples[0]).toEqual({
      name: 'a',
      labels: { x: '1"\\\n', y: '' },
      text: '1.5e-7',
      value: 1.5e-7,
    });
    expect(readExposition('').size).toBe(0);
  });

  it.each([
    ['no end of line', `${header('a')}a 1`],
    ['no header', 'a 1\n'],
    ['no type', '# HELP a b\na 1\n'],
    ['no help', '# TYPE a gauge\na 1\n'],
    ['a header alone', header('a')],
    ['a help alone', `${header('a')}a 1\n# HELP b b\n`],
    ['a family in two places', `${header('a')}a 1\n${header('b')}b 1\na{x="1"} 2\n`],
    ['two headers', `${header('a')}a 1\n${header('b')}b 1\n${header('a')}a{x="1"} 2\n`],
    ['a series twice', `${header('a')}a{x="1",y="2"} 1\na{y="2",x="1"} 1\n`],
    ['a label twice', `${header('a')}a{x="1",x="2"} 1\n`],
    ['a quote in a label', `${header('a')}a{x="1"2"} 1\n`],
    ['a backslash in a label', `${header('a')}a{x="\\x"} 1\n`],
    ['a line end in a label', `${header('a')}a{x="\n"} 1\n`],
    ['a name that is none', `${header('a')}a{1x="1"} 1\n`],
    ['an open label', `${header('a')}a{x="1" 1\n`],
    ['a comma too many', `${header('a')}a{x="1",} 1\n`],
    ['two blanks', `${header('a')}a  1\n`],
    ['no value', `${header('a')}a \n`],
    ['nan', `${header('a')}a nan\n`],
    ['a word', `${header('a')}a one\n`],
    ['a negative counter', `${header('a', 'counter')}a -1\n`],
    ['an unknown type', `${header('a', 'guage')}a 1\n`],
    ['a comment', `# hello\n${header('a')}a 1\n`],
    ['a blank line in a family', `# HELP a b\n\n# TYPE a gauge\na 1\n`],
    ['a histogram without +Inf', histogram('h_bucket{le="1"} 1\nh_sum 3\nh_count 1\n')],
    ['one that falls', histogram('h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 3\nh_count 1\n')],
    ['one that miscounts', histogram('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 3\n')],
    ['one without a sum', histogram('h_bucket{le="+Inf"} 2\nh_count 2\n')],
  ])('refuses %s', (_, text) => {
    expect(() => readExposition(text)).toThrow();
  });
});
