/** What a peer sends, and how a session holds it back. A part of poller-contract.ts. */
import { describe, expect, it } from 'vitest';
import { ECONNRESET } from '../../src/sys/constants.ts';
import { Socket } from '../../src/sys/poller.ts';
import { HEADROOM_BYTES, type PollerBench, READ_BYTES, Recorder, SLABS } from './poller-bench.ts';
import { RawPeer } from './raw-peer.ts';

export function readingContract(bench: PollerBench): void {
  describe('what a peer sends', () => {
    it('is delivered, in order, and once', () => {
      const { events, peer } = bench.join4();
      for (const word of ['one ', 'two ', 'three']) {
        peer.send(word);
        bench.until(() => events.text.endsWith(word));
      }
      bench.rest();
      expect(events.text).toBe('one two three');
      expect(events.ends).toEqual([]);
    });

    it('is known of before it is delivered, when it comes together with what others send', () => {
      const [one, other] = [bench.join4(), bench.join4()];
      const known: number[] = [];
      one.events.at = () => known.push(one.socket.news, other.socket.news);
      other.events.at = () => known.push(other.socket.news, one.socket.news);
      one.peer.send('x');
      other.peer.send('y');
      bench.until(() => known.length === 4);
      // Whoever is heard first: of the second there is news, and then of nobody.
      expect(known).toEqual([0, 1, 0, 0]);
    });

    it('before the socket was adopted is delivered too', () => {
      const peer = RawPeer.connect(bench.address);
      bench.fds.push(peer.fd);
      peer.send('early');
      peer.end();
      bench.until(() => bench.accepted.length > 0);
      const events = new Recorder();
      bench.poller.adopt(new Socket(events), bench.accepted[0] ?? -1);
      bench.until(() => events.log.includes('end'));
      expect([events.text, events.log]).toEqual(['early', ['data', 'end']]);
    });

    it('is followed by its FIN, also when both come at once', () => {
      for (const length of [0, 1, READ_BYTES - 1, READ_BYTES, READ_BYTES + 1, 3 * READ_BYTES]) {
        const { events, peer } = bench.join4();
        const content = Buffer.alloc(length, 'x');
        if (length > 0) expect(peer.send(content)).toBe(length);
        peer.end();
        bench.until(() => events.log.includes('end'), `FIN after ${length} bytes`);
        bench.rest();
        expect(events.received.equals(content)).toBe(true);
        expect(events.ends).toEqual(['end']);
      }
    });

    it('before anybody wants it fills half of the slabs at most, and those who come then have to wait with it', () => {
      for (let i = 0; i < 40; i++) {
        const { socket, events, peer } = bench.join4();
        const before = bench.slabs.lent;
        events.at = () => bench.poller.pause(socket);
        for (let sent = 0; sent < 3; sent++) peer.send(Buffer.alloc(60_000, 'x'));
        bench.until(() => events.log.length > 0);
        bench.rest();
        expect(bench.slabs.lent).toBeLessThanOrEqual(SLABS / 2);
        if (before >= SLABS / 4) expect(bench.slabs.lent).toBe(before);
        if (events.log.includes('error')) bench.poller.close(socket, true);
      }
    });

    it('is delivered in reads of a slab at most, with headroom', () => {
      const { events, peer } = bench.join4();
      peer.send(Buffer.alloc(100_000, 'x'));
      bench.until(() => events.received.length === 100_000);
      expect(Math.max(...events.lengths)).toBe(READ_BYTES);
    });

    it('is delivered in longer reads when the session takes them', () => {
      const { socket, events, peer } = bench.join4();
      events.at = () => {
        socket.bulk = true;
      };
      const content = Buffer.alloc(4_000_000, 'x');
      for (let sent = 0; sent < content.length; ) {
        sent += peer.send(content.subarray(sent));
        bench.poller.turn(0);
      }
      bench.until(() => events.received.length === content.length);
      expect(Math.max(...events.lengths)).toBeGreaterThan(READ_BYTES);
      expect(Math.max(...events.lengths)).toBeLessThanOrEqual(bench.slabs.bulkBytes - HEADROOM_BYTES);
    });

    it('is not delivered in long reads any more after the one that says so', () => {
      const { socket, events, peer } = bench.join4();
      socket.paused = true;
      peer.send(Buffer.alloc(300_000, 'x'));
      bench.poller.turn(0);
      socket.bulk = true;
      events.at = () => {
        socket.bulk = false;
      };
      bench.poller.resume(socket);
      bench.until(() => events.received.length >= 200_000);
      expect(Math.max(...events.lengths.slice(1))).toBeLessThanOrEqual(READ_BYTES);
    });

    it('is not delivered in more than the session has room for', () => {
      const { socket, events, peer } = bench.join4();
      socket.roomBytes = 100;
      peer.send(Buffer.alloc(1000, 'x'));
      bench.until(() => events.received.length >= 100);
      expect(events.lengths[0]).toBe(100);
      socket.roomBytes = 0;
      bench.until(() => events.received.length === 1000);
    });

    it('ends once, also when our own FIN ends the rest', () => {
      const { socket, events, peer } = bench.join4();
      peer.end();
      bench.until(() => events.log.includes('end'));
      bench.poller.shutdown(socket);
      bench.rest();
      expect(events.log).toEqual(['end']);
    });

    it('after FIN of ours still arrives', () => {
      const { socket, events, peer } = bench.join4();
      bench.poller.shutdown(socket);
      expect(peer.text).toBe('');
      expect(peer.sawEnd).toBe(true);
      peer.send('still here');
      peer.end();
      bench.until(() => events.log.includes('end'));
      expect(events.text).toBe('still here');
    });
  });

  describe('RST', () => {
    it('is an error, once', () => {
      const { events, peer } = bench.join4();
      peer.reset();
      bench.until(() => events.log.includes('error'));
      bench.rest();
      expect(events.ends).toEqual(['error']);
      expect(events.errno).toBe(ECONNRESET);
    });

    it('is what the peer gets when we end with it', () => {
      const { socket, peer } = bench.join4();
      bench.end(socket, true);
      peer.read();
      expect([peer.sawEnd, peer.error]).toEqual([false, ECONNRESET]);
    });

    it('is not what the peer gets when we just close', () => {
      const { socket, peer } = bench.join4();
      bench.end(socket, false);
      peer.read();
      expect([peer.sawEnd, peer.error]).toEqual([true, 0]);
    });
  });

  describe('pause', () => {
    it('delivers nothing, and resume what came meanwhile', () => {
      const { socket, events, peer } = bench.join4();
      bench.poller.pause(socket);
      peer.send('while paused');
      bench.rest();
      expect(events.log).toEqual([]);
      bench.poller.resume(socket);
      bench.until(() => events.text === 'while paused');
      peer.send(', after');
      bench.until(() => events.text === 'while paused, after');
    });

    it('in the middle of a long read stops it there', () => {
      const { socket, events, peer } = bench.join4();
      events.at = () => bench.poller.pause(socket);
      const content = Buffer.alloc(100_000, 'x');
      peer.send(content);
      bench.until(() => events.lengths.length === 1);
      bench.rest();
      expect(events.lengths.length).toBe(1);
      while (events.received.length < content.length) {
        const before = events.lengths.length;
        bench.poller.resume(socket);
        bench.until(() => events.lengths.length > before, 'the rest');
        expect(events.lengths.length).toBe(before + 1);
      }
    });

    it.each(['end', 'reset'] as const)('keeps the %s of the peer for later', (way) => {
      const { socket, events, peer } = bench.join4();
      bench.poller.pause(socket);
      peer[way]();
      bench.rest();
      expect(events.log).toEqual([]);
      bench.poller.resume(socket);
      bench.until(() => events.log.length > 0);
      bench.rest();
      expect(events.ends).toEqual([way === 'end' ? 'end' : 'error']);
    });

    it('that ends before anything came asks the kernel for nothing', () => {
      const { socket, events } = bench.join4();
      bench.rest();
      bench.poller.pause(socket);
      bench.poller.resume(socket);
      bench.rest();
      expect([events.log, events.dry]).toEqual([[], 0]);
    });

    it('and resume any number of times is as once', () => {
      const { socket, events, peer } = bench.join4();
      for (let i = 0; i < 3; i++) bench.poller.pause(socket);
      peer.send('x');
      bench.rest();
      for (let i = 0; i < 3; i++) bench.poller.resume(socket);
      bench.rest();
      expect(events.log).toEqual(['data']);
    });
  });

  it('says that there is no more after a read that announced more', () => {
    const { socket, events, peer } = bench.join4();
    bench.poller.pause(socket);
    peer.send(Buffer.alloc(READ_BYTES, 'x'));
    bench.rest();
    bench.poller.resume(socket);
    bench.until(() => events.received.length === READ_BYTES);
    bench.rest();
    expect(events.dry).toBe(events.more ? 1 : 0);
  });

  it('does not let a fast sender starve the others', () => {
    const fast = bench.join4();
    const other = bench.join4();
    let reads = 0;
    fast.events.at = () => {
      reads++;
      if (reads > 1000) throw new Error('nobody else is heard');
      fast.peer.send(Buffer.alloc(60_000, 'x'));
      fast.events.received = Buffer.alloc(0);
    };
    fast.peer.send(Buffer.alloc(60_000, 'x'));
    bench.poller.turn(10);
    other.peer.send('me too');
    bench.until(() => other.events.text === 'me too');
  });
}
