/** A format whose line does not fit: it ends where HAProxy ends it, and nothing is written beyond. */
import { describe, expect, it } from 'vitest';
import { LogFormat } from '../../../src/proxy/log/format.ts';
import { StreamNotes } from '../../../src/proxy/log/notes.ts';
import { FLAG_MANDATORY, FLAG_QUOTE } from '../../../src/proxy/log/quoting.ts';
import { LogRecord } from '../../../src/proxy/log/record.ts';
import type { LogPartPlan } from '../../../src/proxy/plan.ts';

const text = (written: string): LogPartPlan => ({ kind: 'text', text: written });
const blank: LogPartPlan = { kind: 'blank' };
const variable = (name: string, flags = FLAG_MANDATORY): LogPartPlan => ({ kind: 'variable', name, flags });

function line(parts: readonly LogPartPlan[], limit: number, change: (record: LogRecord) => void = () => {}): string {
  const record = new LogRecord();
  record.client = Uint8Array.of(192, 0, 2, 7);
  record.backend = Buffer.from('app');
  record.request = Buffer.from('GET /x HTTP/1.1');
  record.requestLength = record.request.length;
  record.status = 200;
  change(record);
  const sample = () => {
    throw new Error('none here');
  };
  const format = new LogFormat(parts, { frontend: 'www', hostname: 'lb1', pid: 42, limit, sample });
  const into = Buffer.alloc(256, 0x7e);
  const end = format.write(record, into, 3);
  expect(end).toBeLessThanOrEqual(3 + limit);
  expect(into.toString('latin1', 0, 3)).toBe('~~~');
  return into.toString('latin1', 3, end);
}

describe('a line that does not fit', () => {
  it.each([
    ['a text is cut off', [text('abcdef')], 4, 'abcd'],
    ['a number is all there or not at all', [text('x'), variable('ST')], 3, 'x'],
    ['an address is a text', [text('x'), variable('ci')], 7, 'x192.0.'],
    ['a port is a number', [text('x'), variable('cp')], 1, 'x'],
    ['so is a state', [text('x'), variable('tsc')], 4, 'x'],
    ['so is a name whose quotes have no room', [text('x'), variable('b', FLAG_QUOTE)], 5, 'x'],
    ['a name is cut off', [text('x'), variable('b')], 3, 'xap'],
    ['a request is cut off, and its quote left out', [variable('r', FLAG_QUOTE)], 6, '"GET /'],
    ['what would come behind is left out', [text('x'), variable('ST'), text('y')], 3, 'x'],
    ['a blank needs room, too', [text('x'), variable('b'), blank, text('y')], 4, 'xapp'],
  ])('%s', (_, parts, limit, expected) => {
    expect(line(parts, limit)).toBe(expected);
  });

  it('is never longer than its limit', () => {
    const parts = ['ci', 'b', 'ST', 'r', 'HU', 'tsc', 'hr', 'hrl', 'f', 'H', 'pid', 'ID', 'B', 't'].flatMap((name) => [
      variable(name, name.length % 2 === 0 ? FLAG_QUOTE : FLAG_MANDATORY),
      blank,
    ]);
    const notes = new StreamNotes({ request: [8, 8], response: [], cookie: 0 });
    notes.keep(notes.request[0] ?? notes.uniqueId, Buffer.from('"{|}'), 0, 4);
    for (let limit = 0; limit < 200; limit++) {
      line(parts, limit, (record) => {
        record.notes = notes;
      });
    }
  });
});

describe('blanks', () => {
  it('around what is not there are one', () => {
    expect(
      line([blank, variable('hr'), blank, blank, variable('hs'), blank, text('x'), blank, variable('hrl')], 99),
    ).toBe('x ');
  });

  it('at the beginning are none', () => {
    expect(line([blank, text('x'), blank, blank, variable('ST')], 99)).toBe('x 200');
  });
});
