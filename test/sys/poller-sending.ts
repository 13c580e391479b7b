/** What a session sends, and what happens to that which does not fit. A part of poller-contract.ts. */
import { describe, expect, it } from 'vitest';
import { ECONNRESET, ENOBUFS, EPIPE } from '../../src/sys/constants.ts';
import { SEND_DONE, SEND_FAILED, SEND_PENDING } from '../../src/sys/poller.ts';
import { type PollerBench, SLAB_BYTES } from './poller-bench.ts';
import { stuff } from './raw-peer.ts';

export function sendingContract(bench: PollerBench): void {
  describe('send', () => {
    it('hands over what fits at once', () => {
      const { socket, events, peer } = bench.join4();
      expect(bench.send(socket, 'hello')).toBe(SEND_DONE);
      expect(peer.text).toBe('hello');
      bench.rest();
      expect(events.log).toEqual([]);
    });

    it('keeps what does not fit, says when it has left, and loses nothing', () => {
      const { socket, events, peer } = bench.join4(true);
      const given = bench.fill(socket);
      expect(bench.slabs.lent).toBe(1);
      bench.rest();
      expect(events.log).toEqual([]);
      bench.until(() => {
        peer.read();
        return events.log.includes('drained');
      });
      peer.read();
      bench.until(() => peer.read() === 0 && peer.received.length === given.length);
      expect(peer.received.equals(given)).toBe(true);
      expect(events.log).toEqual(['drained']);
      expect(bench.slabs.lent).toBe(0);
      expect(bench.send(socket, 'and on')).toBe(SEND_DONE);
    });

    it('while something waits keeps the order', () => {
      const { socket, events, peer } = bench.join4(true);
      const given = Buffer.concat([bench.fill(socket), Buffer.from('second'), Buffer.from('third')]);
      expect(bench.send(socket, 'second')).toBe(SEND_PENDING);
      expect(bench.send(socket, 'third')).toBe(SEND_PENDING);
      bench.until(() => {
        peer.read();
        return peer.received.length === given.length;
      });
      bench.rest();
      expect(peer.received.equals(given)).toBe(true);
      expect(events.log).toEqual(['drained']);
    });

    it('again and again, as long as there is room, keeps the order', () => {
      const { socket, peer } = bench.joinUnix();
      const given = [bench.fill(socket)];
      let moved = 0;
      for (let i = 0; i < 300; i++) {
        const waiting = socket.pendingEnd - socket.pendingStart;
        const piece = Buffer.alloc(1 + ((i * 977) % 5000), i);
        if (socket.pending === null || waiting + piece.length <= SLAB_BYTES) {
          if (socket.pending !== null && socket.pendingEnd + piece.length > socket.pending.base + SLAB_BYTES) moved++;
          expect([SEND_DONE, SEND_PENDING]).toContain(bench.send(socket, piece));
          given.push(piece);
        }
        peer.read(1500);
        bench.poller.turn(0);
      }
      const all = Buffer.concat(given);
      bench.until(() => {
        peer.read();
        return peer.received.length >= all.length;
      });
      expect(peer.received.equals(all)).toBe(true);
      expect(moved).toBeGreaterThan(0);
    });

    it('of more than can wait fails, and takes nothing of it', () => {
      const { socket } = bench.join4(true);
      bench.fill(socket);
      expect(bench.send(socket, Buffer.alloc(SLAB_BYTES))).toBe(SEND_FAILED);
      expect(bench.slabs.lent).toBe(1);
      bench.poller.close(socket, false);
      expect(bench.slabs.lent).toBe(0);
    });

    it('without a slab to wait in fails', () => {
      const { socket } = bench.join4(true);
      while (bench.slabs.take() !== null);
      let sent = SEND_DONE;
      for (let i = 0; i < 2000 && sent === SEND_DONE; i++) sent = bench.send(socket, Buffer.alloc(8000));
      expect([sent, bench.poller.sendErrno]).toEqual([SEND_FAILED, ENOBUFS]);
    });

    it('after one that was said to have left and had not takes a whole slab more', () => {
      const { socket, events, peer } = bench.joinUnix();
      const before = stuff(socket.fd);
      peer.send('x');
      bench.until(() => events.log.includes('data'));
      const first = Buffer.alloc(4000, 'a');
      const second = Buffer.alloc(SLAB_BYTES, 'b');
      // Who is told that it waits knows that there is less room.
      if (bench.send(socket, first) === SEND_PENDING) return;
      bench.poller.turn(0);
      expect(bench.send(socket, second)).toBe(SEND_PENDING);
      const length = before + first.length + second.length;
      bench.until(() => peer.read() === 0 && peer.received.length >= length);
      expect(peer.received.subarray(before).equals(Buffer.concat([first, second]))).toBe(true);
      bench.until(() => events.log.includes('drained'));
      expect(bench.slabs.lent).toBe(0);
    });

    it('after one that was said to have left, had not, and found no slab to wait in, fails: nothing follows a gap', () => {
      const { socket, events, peer } = bench.joinUnix();
      stuff(socket.fd);
      peer.send('x');
      bench.until(() => events.log.includes('data'));
      const taken = [];
      for (let slab = bench.slabs.take(); slab !== null; slab = bench.slabs.take()) taken.push(slab);
      // Who is told at once has nothing to learn.
      if (bench.send(socket, Buffer.alloc(4000, 'a')) !== SEND_DONE) return;
      bench.poller.turn(0);
      for (const slab of taken) bench.slabs.give(slab);
      expect([bench.send(socket, 'after the gap'), bench.poller.sendErrno]).toEqual([SEND_FAILED, ENOBUFS]);
    });

    it('that was said to have left, had not, and finds no slab to wait in when it is closed, ends with RST', () => {
      const { socket, events, peer } = bench.join4(true);
      let before = 0;
      // What the peer's kernel has taken leaves room for more.
      for (let i = 0; i < 5; i++) {
        before += stuff(socket.fd);
        bench.rest();
      }
      peer.send('x');
      bench.until(() => events.log.includes('data'));
      while (bench.slabs.take() !== null);
      // Who is told at once has nothing to learn.
      if (bench.send(socket, Buffer.alloc(4000, 'a')) !== SEND_DONE) return;
      before += stuff(socket.fd);
      bench.poller.close(socket, false);
      bench.until(() => {
        peer.read();
        return peer.sawEnd || peer.error !== 0;
      });
      // On a kernel that had room after all it was no lie.
      const whole = peer.received.length === before + 4000;
      expect(whole || peer.error === ECONNRESET, `${peer.received.length} of ${before + 4000} bytes`).toBe(true);
    });

    it('keeps the order when a great deal happens at the same moment', () => {
      const joined = Array.from({ length: 16 }, () => bench.joinUnix());
      const lengths = joined.map(({ socket }) => stuff(socket.fd));
      bench.rest();
      for (const { socket, events, peer } of joined) {
        events.at = (word) => {
          if (word !== 'data') return;
          events.at = () => undefined;
          expect(bench.send(socket, Buffer.alloc(4000, 'a'))).not.toBe(SEND_FAILED);
          expect(bench.send(socket, Buffer.alloc(1000, 'b'))).not.toBe(SEND_FAILED);
        };
        peer.send('x');
      }
      bench.until(() => joined.every(({ events }) => events.log.includes('data')));
      for (const [i, { peer }] of joined.entries()) {
        const before = lengths[i] as number;
        bench.until(() => peer.read() === 0 && peer.received.length >= before + 5000);
        expect(peer.received.toString('latin1', before)).toBe('a'.repeat(4000) + 'b'.repeat(1000));
      }
    });

    it('to who has reset fails at the latest with the second try, and says why', () => {
      const { socket, peer } = bench.join4();
      peer.reset();
      const results = [bench.send(socket, 'x'), bench.send(socket, 'y')];
      expect(results[1]).toBe(SEND_FAILED);
      expect([ECONNRESET, EPIPE]).toContain(bench.poller.sendErrno);
    });

    it('that is broken off while it waits says so, after that what can still be read, and then the end', () => {
      const { socket, events, peer } = bench.join4(true);
      bench.fill(socket);
      peer.send('last words');
      peer.reset();
      bench.until(() => events.log.includes('error'));
      bench.rest();
      expect(events.log.filter((word) => word === 'error').length).toBe(1);
      expect(events.log).not.toContain('end');
      expect(events.log).not.toContain('drained');
      bench.poller.close(socket, false);
      expect(bench.slabs.lent).toBe(0);
    });

    it('holds back what is followed by more, until it is pushed or followed', () => {
      const { socket, peer } = bench.join4();
      expect(bench.send(socket, 'one', true)).toBe(SEND_DONE);
      bench.poller.push(socket);
      expect(peer.text).toBe('one');
      expect(bench.send(socket, ', two', true)).toBe(SEND_DONE);
      expect(bench.send(socket, ', three')).toBe(SEND_DONE);
      expect(peer.text).toBe('one, two, three');
    });
  });

  it('sends FIN after what was just sent, and says when it has if that was not at once', () => {
    const { socket, events, peer } = bench.join4();
    peer.send('x');
    bench.until(() => events.log.includes('data'));
    bench.send(socket, 'bye');
    bench.poller.shutdown(socket);
    const atOnce = socket.shut;
    bench.rest();
    expect([peer.text, peer.sawEnd, socket.shut]).toEqual(['bye', true, true]);
    expect(events.log).toEqual(atOnce ? ['data'] : ['data', 'drained']);
  });

  it('sends FIN after what waits, not before', () => {
    const { socket, peer } = bench.join4(true);
    const given = bench.fill(socket);
    bench.poller.shutdown(socket);
    bench.until(() => {
      peer.read();
      return peer.sawEnd;
    });
    expect(peer.received.length).toBe(given.length);
  });
}
