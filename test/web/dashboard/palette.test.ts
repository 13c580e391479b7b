/** The colours of the page, in both themes: whatever is written on whatever can be read (WCAG 2.2, 1.4.3: 4.5 to 1). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const style = readFileSync(join(import.meta.dirname, '../../../src/web/dashboard/page/style.css'), 'utf8');
const palette = new Map(
  [...style.matchAll(/--([\w-]+): light-dark\((#\w+), (#\w+)\)/g)].map(([, name = '', light = '', dark = '']) => [
    name,
    { light, dark },
  ]),
);
const GROUNDS = ['ground', 'surface', 'raised', 'good-ground', 'warn-ground', 'bad-ground'];
const TEXTS = ['text', 'quiet', 'accent', 'good', 'warn', 'bad', 'idle'];

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(['light', 'dark'] as const)('colours, %s', (theme) => {
  const color = (name: string): string => {
    const found = palette.get(name)?.[theme];
    if (found === undefined) throw new Error(`there is no --${name}`);
    return found;
  };

  it.each(GROUNDS.flatMap((ground) => TEXTS.map((text) => [text, ground])))('%s on %s', (text, ground) => {
    expect(contrast(color(text), color(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it('what is written on colours', () => {
    expect(contrast(color('on-accent'), color('accent'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(color('surface'), color('good'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(color('surface'), color('text'))).toBeGreaterThanOrEqual(4.5);
  });
});

describe('the style', () => {
  it('loads nothing, and names its colours in one place', () => {
    expect(style).not.toMatch(/url\(|@import/);
    // Ids of elements have a letter beyond f.
    const rules = style.slice(style.indexOf('}'));
    expect(rules.match(/#[0-9a-f]{3,8}\b/gi) ?? []).toEqual(['#0008']);
  });
});
