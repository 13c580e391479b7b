/** Operations when the kernel is short of memory and takes none for a while. */
import { afterEach, expect, it, vi } from 'vitest';
import { SOCK_NONBLOCK } from '../../src/sys/constants.ts';
import { IoRing, OP_POLL_ADD } from '../../src/sys/io-ring.ts';
import * as libc from '../../src/sys/libc.ts';
import { allocate } from '../../src/sys/memory.ts';
import { describeWithPeer } from '../support/peers.ts';

const EAGAIN = 11;
const POLLIN = 1;
const kernel = vi.hoisted(() => ({ refusals: 0, refused: false }));

vi.mock('../../src/sys/libc.ts', async (original) => {
  const real = await original<typeof libc>();
  return {
    ...real,
    errno: () => (kernel.refused ? EAGAIN : real.errno()),
    ioUringEnter: (...args: Parameters<typeof libc.ioUringEnter>): number => {
      kernel.refused = kernel.refusals > 0;
      if (!kernel.refused) return real.ioUringEnter(...args);
      kernel.refusals--;
      return -1;
    },
  };
});

const fds: number[] = [];
afterEach(() => {
  for (const fd of fds.splice(0)) libc.close(fd);
});

describeWithPeer('io_uring', 'a ring whose kernel takes nothing for a while', () => {
  for (const refusals of [1, 5, 500]) {
    it(`loses no operation (${refusals} refusals)`, () => {
      const ring = new IoRing(4, 64);
      ring.enable();
      fds.push(ring.fd);
      const answered = new Set<number>();
      kernel.refusals = refusals;
      for (let token = 1; token <= 12; token++) {
        const fd = libc.eventfd(1, SOCK_NONBLOCK);
        fds.push(fd);
        ring.prepare(OP_POLL_ADD, 0, 0, fd, token, 0, 0, 0, POLLIN);
      }
      for (let i = 0; i < 1000 && answered.size < 12; i++) {
        ring.enter(0);
        for (; ring.ready > 0; ring.head = (ring.head + 1) | 0) {
          answered.add(ring.completions[ring.at(ring.head) + 1] as number);
        }
        ring.release();
      }
      expect(answered.size).toBe(12);
    });
  }

  it('says so when that lasts', () => {
    const ring = new IoRing(4, 64);
    ring.enable();
    fds.push(ring.fd);
    kernel.refusals = Number.POSITIVE_INFINITY;
    const fill = (): void => {
      for (let i = 0; i < 5; i++) ring.prepare(OP_POLL_ADD, 0, 0, 0, 1, 0, 0, 0, POLLIN);
    };
    expect(fill).toThrow('takes no more operations');
    kernel.refusals = 0;
  });
});

describeWithPeer('io_uring', 'a ring that is enabled', () => {
  const OP_OPENAT = 18;
  const EACCES = 13;

  it('opens no file, and takes no other operation that this program does not make', () => {
    const ring = new IoRing(4, 64);
    fds.push(ring.fd);
    ring.enable();
    const path = allocate(4096);
    path.bytes.write('/etc/passwd\0');
    ring.prepare(OP_OPENAT, 0, 0, -100, 7, path.address, 0, 0, 0);
    ring.enter(1000);
    const at = ring.at(ring.head);
    expect([ring.completions[at + 1], ring.completions[at + 2]]).toEqual([7, -EACCES]);
  });

  it('has no other list of what is allowed from then on', () => {
    const ring = new IoRing(4, 64);
    fds.push(ring.fd);
    ring.enable();
    expect(() => ring.enable()).toThrow('restrictions');
  });
});
