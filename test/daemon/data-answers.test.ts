/** What somebody who has broken into the data process may say instead of an answer. */
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../src/daemon/data-answers.ts';
import { readFromData } from '../../src/daemon/data-messages.ts';
import { PIECE_ENTRIES, type SessionReport } from '../../src/proxy/questions.ts';
import { report } from '../support/session-report.ts';

const descriptor = {
  fd: 7,
  kind: 1,
  owner: 0,
  reads: true,
  writes: false,
  ended: false,
  shut: false,
  local: { family: 4, ip: '127.0.0.1', port: 80 },
  remotePort: 4711,
};
const pool = { sizeBytes: 16_384, allocated: 1024, used: 1, failures: 0 };
const figures = {
  loops: 5,
  wakes: 1,
  ready: 0,
  accepted: 3,
  clients: 2,
  waiting: 0,
  streams: 1,
  timers: 2,
  cpuUs: 100,
  buffers: pool,
  bulkBuffers: pool,
  keptStreams: 1,
};
const sessions = (...all: unknown[]) => ({ type: 'sessions', sessions: all, next: 0 });

describe('an answer', () => {
  it.each([
    sessions(report()),
    { type: 'sessions', sessions: [], next: 12 },
    { type: 'done', count: 0 },
    { type: 'figures', figures },
    { type: 'descriptors', descriptors: [descriptor], next: -1 },
  ])('is itself: $type', (answer) => {
    expect(readAnswer(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
  });

  it('has nothing else in it', () => {
    const received = { ...sessions({ ...report(), name: 'x\n' }), more: 1 };
    expect(readAnswer(received)).toEqual(sessions(report()));
  });

  const wrong: readonly (readonly [string, Partial<Record<keyof SessionReport, unknown>>])[] = [
    ['a text for a number', { serial: '1' }],
    ['a number that is none', { bytesIn: Number.NaN }],
    ['no end', { bytesOut: Number.POSITIVE_INFINITY }],
    ['a fraction', { clientFd: 1.5 }],
    ['less than nothing', { listener: -1 }],
    ['a phase of its own', { phase: 'toString' }],
    ['an address with a line end', { source: { family: 4, ip: '127.0.0.1\n> ', port: 1 } }],
    ['an address with a zone', { source: { family: 6, ip: 'fe80::1%\u001b[2J', port: 1 } }],
    ['an address of the other family', { source: { family: 4, ip: '::1', port: 1 } }],
    ['a long address', { source: { family: 6, ip: `${'0'.repeat(100_000)}::1`, port: 1 } }],
    ['a port that is none', { source: { family: 4, ip: '127.0.0.1', port: 65_536 } }],
    ['a family of its own', { source: { family: 5, ip: '127.0.0.1', port: 1 } }],
    ['no address', { source: null }],
    ['a moment that is no date', { acceptedWallMs: 9e15 }],
    ['a truth that is none', { tunnel: 'yes' }],
  ];

  it.each(wrong)('with %s is none', (_, fields) => {
    expect(readAnswer(sessions({ ...report(), ...fields }))).toBeNull();
  });

  it('with one field missing is none, whichever it is', () => {
    for (const field of Object.keys(report())) {
      expect(readAnswer(sessions({ ...report(), [field]: undefined })), field).toBeNull();
    }
    for (const field of Object.keys(figures)) {
      expect(readAnswer({ type: 'figures', figures: { ...figures, [field]: undefined } }), field).toBeNull();
    }
    for (const field of Object.keys(descriptor)) {
      const answer = { type: 'descriptors', descriptors: [{ ...descriptor, [field]: undefined }], next: 0 };
      expect(readAnswer(answer), field).toBeNull();
    }
  });

  it('with more entries than a piece has is none', () => {
    const most = Array.from({ length: PIECE_ENTRIES }, () => report());
    expect(readAnswer(sessions(...most))).not.toBeNull();
    expect(readAnswer(sessions(...most, report()))).toBeNull();
    const many = Array.from({ length: 10_000 }, () => descriptor);
    expect(readAnswer({ type: 'descriptors', descriptors: many, next: 0 })).toBeNull();
  });

  it.each([null, 7, 'sessions', [], { type: 'sessions' }, { type: 'sessions', sessions: {}, next: 0 }, { type: 'x' }])(
    'is not %j',
    (received) => {
      expect(readAnswer(received)).toBeNull();
    },
  );

  it('comes as a message with a number, or not at all', () => {
    const answer = { type: 'done', count: 1 };
    expect(readFromData({ type: 'answer', id: 4, answer })).toEqual({ type: 'answer', id: 4, answer });
    expect(readFromData({ type: 'answer', id: '4', answer })).toBeNull();
    expect(readFromData({ type: 'answer', id: 4, answer: { type: 'done' } })).toBeNull();
  });
});
