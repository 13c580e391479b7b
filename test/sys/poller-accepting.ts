/** How clients are let in, and what else ends a wait. A part of poller-contract.ts. */
import { describe, expect, it } from 'vitest';
import { formatIpv4, formatIpv6 } from '../../src/core/ip-bytes.ts';
import { ECONNREFUSED, EMFILE, RLIMIT_NOFILE } from '../../src/sys/constants.ts';
import * as libc from '../../src/sys/libc.ts';
import { allocate } from '../../src/sys/memory.ts';
import { createWakeup, wake } from '../../src/sys/wakeup.ts';
import { ANY_CLIENT, type PollerBench } from './poller-bench.ts';
import { must, RawAddress, RawPeer, rawListen } from './raw-peer.ts';

export function acceptingContract(bench: PollerBench): void {
  describe('accept', () => {
    it('says who is there, by IPv4', () => {
      let seen = '';
      bench.atAccept = () => {
        seen = `${bench.poller.peerFamily} ${formatIpv4(bench.poller.peerBytes, 0)} ${bench.poller.peerPort}`;
      };
      const peer = RawPeer.connect(bench.address);
      bench.fds.push(peer.fd);
      bench.until(() => bench.accepted.length === 1);
      const own = new RawAddress({ family: 4, ip: '0.0.0.0', port: 0 });
      own.readFrom(peer.fd);
      expect(seen).toBe(`4 127.0.0.1 ${own.port}`);
    });

    it('says who is there, by IPv6', () => {
      const six = new RawAddress({ family: 6, ip: '::1', port: 0 });
      const fd = rawListen(six);
      bench.fds.push(fd);
      bench.poller.listen(fd, 4, ANY_CLIENT);
      let seen = '';
      bench.atAccept = () => {
        seen = `${bench.poller.peerFamily} ${formatIpv6(bench.poller.peerBytes, 0)}`;
      };
      bench.fds.push(RawPeer.connect(six).fd);
      bench.until(() => bench.accepted.length === 1);
      expect(seen).toBe('6 ::1');
    });

    it('says who is there, by path', () => {
      const path = bench.path();
      const fd = rawListen(path);
      bench.fds.push(fd);
      bench.poller.listen(fd, 5, ANY_CLIENT);
      let seen = -1;
      bench.atAccept = () => {
        seen = bench.poller.peerFamily;
      };
      bench.fds.push(RawPeer.connect(path).fd);
      bench.until(() => bench.accepted.length === 1);
      expect(seen).toBe(0);
    });

    it('lets all in who wait, and none while it is paused', () => {
      bench.poller.pauseAccept(bench.listener);
      const peers = Array.from({ length: 200 }, () => RawPeer.connect(bench.address));
      for (const { fd } of peers) bench.fds.push(fd);
      bench.rest();
      expect(bench.accepted.length).toBe(0);
      bench.poller.resumeAccept(bench.listener);
      bench.until(() => bench.accepted.length === 200);
      expect(new Set(bench.accepted).size).toBe(200);
    });

    it('can be paused from within', () => {
      bench.atAccept = () => bench.poller.pauseAccept(bench.listener);
      for (let i = 0; i < 5; i++) bench.fds.push(RawPeer.connect(bench.address).fd);
      bench.until(() => bench.accepted.length > 0);
      bench.rest();
      expect(bench.accepted.length).toBe(1);
      bench.poller.resumeAccept(bench.listener);
      bench.until(() => bench.accepted.length === 2);
    });

    it('says that there is no descriptor left, and goes on when told to', () => {
      const peer = RawPeer.connect(bench.address);
      bench.fds.push(peer.fd);
      const limit = allocate(16);
      must(libc.getrlimit(RLIMIT_NOFILE, limit.address));
      const soft = limit.bytes.readBigUInt64LE(0);
      // The number that the next descriptor would get is one too many.
      const next = must(libc.socket(2, 1, 0));
      libc.close(next);
      try {
        limit.bytes.writeBigUInt64LE(BigInt(next), 0);
        must(libc.setrlimit(RLIMIT_NOFILE, limit.address));
        bench.until(() => bench.failures.length > 0, 'EMFILE');
      } finally {
        limit.bytes.writeBigUInt64LE(soft, 0);
        must(libc.setrlimit(RLIMIT_NOFILE, limit.address));
      }
      expect(bench.failures).toEqual([EMFILE]);
      bench.rest();
      expect(bench.accepted).toEqual([]);
      bench.poller.resumeAccept(bench.listener);
      bench.until(() => bench.accepted.length === 1);
    });

    for (const [how, leave] of [
      ['finished', 'finishAccept'],
      ['left', 'leaveAccept'],
    ] as const) {
      it(`that is paused from within and then ${how} loses nobody while another process listens there`, () => {
        const others = must(libc.socket(2, 1, 0));
        must(libc.dup2(bench.listener.fd, others));
        bench.fds.push(others);
        bench.atAccept = () => bench.poller.pauseAccept(bench.listener);
        for (let i = 0; i < 20; i++) bench.fds.push(RawPeer.connect(bench.address).fd);
        bench.until(() => bench.accepted.length > 0);
        bench.poller[leave](bench.listener);
        if (leave === 'finishAccept') bench.fds.splice(bench.fds.indexOf(bench.listener.fd), 1);
        let left = 0;
        for (let fd = libc.accept4(others, 0, 0, 0x800); fd >= 0; fd = libc.accept4(others, 0, 0, 0x800)) {
          left++;
          libc.close(fd);
        }
        expect(bench.accepted.length + left).toBe(20);
        for (const fd of bench.accepted) libc.close(fd);
      });
    }

    it('ends with all who waited, and then the port is free', () => {
      const peers = Array.from({ length: 150 }, () => RawPeer.connect(bench.address));
      for (const { fd } of peers) bench.fds.push(fd);
      bench.poller.finishAccept(bench.listener);
      expect(bench.accepted.length).toBe(150);
      const late = RawPeer.connect(bench.address);
      late.read();
      expect(late.error).toBe(ECONNREFUSED);
      bench.fds.push(late.fd);
      bench.fds.splice(bench.fds.indexOf(bench.listener.fd), 1);
      for (const fd of bench.accepted) libc.close(fd);
    });
  });

  describe('a wakeup', () => {
    it('ends a wait, from whichever thread it comes', () => {
      const fd = createWakeup();
      bench.fds.push(fd);
      bench.poller.watchWakeup(fd);
      bench.poller.turn(0);
      expect(bench.poller.woken).toBe(false);
      wake(fd);
      wake(fd);
      bench.poller.turn(-1);
      expect(bench.poller.woken).toBe(true);
      bench.poller.woken = false;
      bench.poller.turn(0);
      expect(bench.poller.woken).toBe(false);
      wake(fd);
      bench.poller.turn(-1);
      expect(bench.poller.woken).toBe(true);
    });
  });

  it('sleeps when nobody has anything new to say', () => {
    const idle = bench.join4();
    const paused = bench.join4();
    const finished = bench.join4();
    const stuck = bench.join4(true);
    paused.peer.send('unread');
    bench.poller.pause(paused.socket);
    finished.peer.end();
    bench.until(() => finished.events.log.includes('end'));
    stuck.peer.end();
    bench.until(() => stuck.events.log.includes('end'));
    bench.fill(stuck.socket);
    bench.rest();
    const before = bench.poller.nowMs;
    bench.poller.turn(30);
    expect(bench.poller.nowMs - before).toBeGreaterThanOrEqual(29);
    expect([idle.events.log, paused.events.log]).toEqual([[], []]);
  });

  it('tells the time once per turn', () => {
    bench.poller.turn(0);
    const before = bench.poller.nowMs;
    expect(bench.poller.nowMs).toBe(before);
    bench.poller.turn(30);
    expect(bench.poller.nowMs - before).toBeGreaterThanOrEqual(29);
    expect(Number.isInteger(bench.poller.nowMs)).toBe(true);
    expect(bench.poller.wallMs).toBeGreaterThan(1_600_000_000_000);
  });
}
