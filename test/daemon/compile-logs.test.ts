import { describe, expect, it } from 'vitest';
import type { LogFormat, LogTarget } from '../../src/config/model.ts';
import { compileLogTargets } from '../../src/daemon/compile-logs.ts';

const around = { hostname: 'box1', descriptors: new Map([[9, 12]]) };
const target = (format: LogFormat, fd = 1): LogTarget => ({
  origin: { file: 'x', line: 1 },
  sink: { kind: 'fd', fd },
  format,
  facility: 16,
  maxLevel: 7,
  minLevel: 0,
  maxLengthBytes: 1024,
  sampling: null,
});
const compile = (one: LogTarget, send: string | null) => compileLogTargets([one], 'haproxy', send, around)[0];

describe('log targets', () => {
  it.each([
    ['local', null, 'rfc3164', ''],
    ['local', '', 'rfc3164', 'box1'],
    ['local', 'other', 'rfc3164', 'other'],
    ['rfc3164', null, 'rfc3164', 'localhost'],
    ['rfc5424', null, 'rfc5424', ''],
    ['rfc5424', '', 'rfc5424', 'box1'],
    ['raw', null, 'raw', ''],
  ] as const)('%s with log-send-hostname %s', (format, send, expectedFormat, hostname) => {
    expect(compile(target(format), send)).toMatchObject({ format: expectedFormat, hostname, tag: 'haproxy' });
  });

  it('name descriptors as the data process sees them', () => {
    expect(compile(target('raw', 9), null)?.sink).toEqual({ kind: 'fd', fd: 12 });
    expect(compile(target('raw', 2), null)?.sink).toEqual({ kind: 'fd', fd: 2 });
  });
});
