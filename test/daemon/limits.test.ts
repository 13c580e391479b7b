import { describe, expect, it } from 'vitest';
import {
  decideLimits,
  describeLimits,
  hasRoomForSpare,
  type LimitInput,
  usableMemoryBytes,
} from '../../src/daemon/limits.ts';

const GIB = 2 ** 30;
const box: LimitInput = {
  maxconn: null,
  ulimitN: null,
  descriptors: { soft: 20_000, hard: 20_000 },
  root: false,
  memoryBytes: 16 * GIB,
  bufferSizeBytes: 16_384,
  threads: 1,
  listeners: 2,
};

describe('maxconn that nobody configured', () => {
  it('is what the descriptors allow', () => {
    expect(decideLimits(box)).toMatchObject({ maxconn: 9944, maxconnFrom: 'descriptors', setDescriptors: null });
  });

  it('is what half of the memory allows where descriptors are without bound', () => {
    const limits = decideLimits({ ...box, descriptors: { soft: 2 ** 30, hard: 2 ** 30 }, memoryBytes: GIB });
    expect(limits).toMatchObject({ maxconn: Math.floor(GIB / 2 / 40_960), maxconnFrom: 'memory' });
  });

  it('is never more than a million', () => {
    const infinite = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY };
    expect(decideLimits({ ...box, descriptors: infinite, memoryBytes: 1024 * GIB })).toMatchObject({
      maxconn: 1_000_000,
      maxconnFrom: 'bound',
    });
  });

  it('follows ulimit-n', () => {
    expect(decideLimits({ ...box, ulimitN: 1112 })).toMatchObject({ maxconn: 500, setDescriptors: 1112 });
  });

  it('is at least one on the smallest machine', () => {
    expect(decideLimits({ ...box, descriptors: { soft: 64, hard: 64 } }).maxconn).toBe(1);
  });
});

describe('maxconn that was configured', () => {
  it('leaves a limit alone that is enough', () => {
    expect(decideLimits({ ...box, maxconn: 500 })).toMatchObject({ maxconn: 500, setDescriptors: null, warning: null });
  });

  it('raises the soft limit up to the hard one', () => {
    const limits = decideLimits({ ...box, maxconn: 500, descriptors: { soft: 256, hard: 4096 } });
    expect(limits).toMatchObject({ maxconn: 500, setDescriptors: 1112, warning: null });
  });

  it('raises the hard limit as root', () => {
    expect(decideLimits({ ...box, maxconn: 50_000, root: true })).toMatchObject({
      maxconn: 50_000,
      setDescriptors: 100_112,
      warning: null,
    });
  });

  it('is cut with a warning where the limit cannot be raised', () => {
    const limits = decideLimits({ ...box, maxconn: 50_000 });
    expect(limits.maxconn).toBe(9944);
    expect(limits.warning).toBe(
      'maxconn 50000 needs 100112 file descriptors but the limit is 20000: at most 9944 connections are accepted. ' +
        "Raise 'ulimit -n' (LimitNOFILE= in a unit file).",
    );
  });
});

it('memory is that of the machine or the container, bounded by -m', () => {
  expect(usableMemoryBytes(64)).toBe(64 * 2 ** 20);
  expect(usableMemoryBytes(null)).toBeGreaterThan(2 ** 20);
});

it('the limits are one line', () => {
  const line = describeLimits(decideLimits(box), 16 * GIB, { threads: 1, poller: 'epoll' });
  expect(line).toBe('limits: maxconn 9944 (from descriptors), 20000 descriptors, 16384 MB of memory, 1 thread, epoll');
});

describe('a spare data process', () => {
  it.each([
    ['auto', 2 * GIB, true],
    ['auto', GIB / 2, false],
    ['on', GIB / 2, true],
    ['off', 2 * GIB, false],
  ] as const)('%s, with %i bytes of memory: %s', (configured, bytes, expected) => {
    expect(hasRoomForSpare(configured, bytes)).toBe(expected);
  });
});

describe('memory', () => {
  const MIB = 2 ** 20;

  it('is for clients by half, or what two processes leave where that is less', () => {
    const withMemory = (memoryBytes: number) => decideLimits({ ...box, memoryBytes }).slabsPerThread * 16_384;
    expect(withMemory(16 * GIB)).toBe(8 * GIB);
    expect(withMemory(160 * MIB)).toBe(40 * MIB);
    expect(withMemory(64 * MIB)).toBe(8 * MIB);
  });

  it('is divided among threads', () => {
    expect(decideLimits({ ...box, threads: 4 }).slabsPerThread).toBe((8 * GIB) / 16_384 / 4);
  });

  it('bounds a configured maxconn to what it can hold while all are idle, and says so', () => {
    const small = { ...box, memoryBytes: 160 * MIB, root: true };
    expect(decideLimits({ ...small, maxconn: 5000 })).toMatchObject({ maxconn: 5000, warning: null });
    expect(decideLimits({ ...small, maxconn: 100_000 })).toMatchObject({
      maxconn: 5120,
      warning: 'maxconn 100000 does not fit into 160 MB of memory: at most 5120 connections are accepted.',
    });
  });
});
