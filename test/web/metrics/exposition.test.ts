import { describe, expect, it } from 'vitest';
import { headerText, labelsText, sampleText } from '../../../src/web/metrics/exposition.ts';
import { readExposition } from '../../support/exposition-format.ts';
import { SeededRandom } from '../../support/random.ts';

const WORDS = [
  '',
  'a',
  '"',
  '\\',
  '\n',
  '\\n',
  '\\"',
  '}',
  '{',
  ',',
  '=',
  ' ',
  'é',
  '🙂',
  '\r',
  '\u2028',
  '"} 1\nevil 2',
];

function written(value: string): string {
  const labels = labelsText([
    ['proxy', value],
    ['server', 's1'],
  ]);
  return headerText({ name: 'm', type: 'gauge', help: value || 'x' }) + sampleText('m', labels, 1);
}

describe('what is in a label, whatever it is,', () => {
  it.each(WORDS)('comes out as it went in: %j', (value) => {
    const [sample] = readExposition(written(value)).get('m')?.samples ?? [];
    expect(sample?.labels).toEqual({ proxy: value, server: 's1' });
  });

  it('comes out as it went in, together with others, too', () => {
    const random = new SeededRandom(7);
    for (let round = 0; round < 500; round++) {
      const value = Array.from({ length: random.below(6) }, () => WORDS[random.below(WORDS.length)] ?? '').join('');
      const family = readExposition(written(value)).get('m');
      expect(family?.samples.map(({ labels }) => labels['proxy'])).toEqual([value]);
      expect(family?.help).toBe(value || 'x');
    }
  });
});
