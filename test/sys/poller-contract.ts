/**
 * What every engine behind the `Poller` seam (src/sys/poller.ts) does, on real sockets: one suite, run through each of them.
 * Turns are driven by hand; what a peer did has happened before the turn, so nothing here waits for time to pass.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ECONNREFUSED,
  ECONNRESET,
  EMFILE,
  ENOBUFS,
  ENOENT,
  EPIPE,
  IPPROTO_TCP,
  RLIMIT_NOFILE,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_USER_TIMEOUT,
} from '../../src/sys/constants.ts';
import * as libc from '../../src/sys/libc.ts';
import { allocate } from '../../src/sys/memory.ts';
import {
  type AcceptHandler,
  type Listener,
  type Poller,
  SEND_DONE,
  SEND_FAILED,
  SEND_PENDING,
  SEND_TOO_EARLY,
  Socket,
  type SocketHandler,
} from '../../src/sys/poller.ts';
import { type Slab, SlabPool } from '../../src/sys/slabs.ts';
import { formatIpv4, formatIpv6 } from '../../src/sys/sockaddr.ts';
import { createWakeup, wake } from '../../src/sys/wakeup.ts';
import { must, option, RawAddress, RawPeer, rawListen, shrink } from './raw-peer.ts';

const SLAB_BYTES = 16_384;
const HEADROOM_BYTES = 1024;
const READ_BYTES = SLAB_BYTES - HEADROOM_BYTES;
const SLABS = 64;
const TURNS_MAX = 500;
const PLAIN = { keepAliveProbes: false, userTimeoutMs: 0 };

export type CreatePoller = (slabs: SlabPool, headroomBytes: number, accepts: AcceptHandler) => Poller;

/** Notes what happens, in words; a test may do something at a word. */
class Recorder implements SocketHandler {
  readonly log: string[] = [];
  received = Buffer.alloc(0);
  readonly lengths: number[] = [];
  errno = 0;
  /** Called at each event with its word, after it was noted. */
  at: (word: string, socket: Socket) => void = () => undefined;

  onConnected(socket: Socket): void {
    this.#note('connected', socket);
  }

  onData(socket: Socket, slab: Slab, start: number, end: number): void {
    expect(start - slab.base).toBeGreaterThanOrEqual(HEADROOM_BYTES);
    expect(end).toBeLessThanOrEqual(slab.base + slab.sizeBytes);
    this.received = Buffer.concat([this.received, slab.bytes.subarray(start, end)]);
    this.lengths.push(end - start);
    this.#note('data', socket);
  }

  onEnd(socket: Socket): void {
    this.#note('end', socket);
  }

  onError(socket: Socket, errno: number): void {
    this.errno = errno;
    this.#note('error', socket);
  }

  onDrained(socket: Socket): void {
    this.#note('drained', socket);
  }

  onSendFailed(socket: Socket, errno: number): void {
    this.errno = errno;
    this.#note('send-failed', socket);
  }

  onDry(): void {}

  onTimeout(): void {}

  get text(): string {
    return this.received.toString('latin1');
  }

  /** The events without those of which there may be more or fewer. */
  get ends(): string[] {
    return this.log.filter((word) => word !== 'data' && word !== 'drained');
  }

  #note(word: string, socket: Socket): void {
    this.log.push(word);
    this.at(word, socket);
  }
}

interface Joined {
  readonly socket: Socket;
  readonly events: Recorder;
  readonly peer: RawPeer;
}

export function pollerContract(name: string, create: CreatePoller): void {
  describe(`${name}:`, () => {
    let slabs: SlabPool;
    let poller: Poller;
    let address: RawAddress;
    let listener: Listener;
    let accepted: number[];
    let failures: number[];
    let atAccept: (fd: number) => void;
    const fds: number[] = [];
    const folders: string[] = [];

    beforeEach(() => {
      slabs = new SlabPool(SLAB_BYTES, SLABS);
      accepted = [];
      failures = [];
      atAccept = () => undefined;
      poller = create(slabs, HEADROOM_BYTES, {
        onAccepted: (_, fd) => {
          accepted.push(fd);
          atAccept(fd);
        },
        onAcceptFailed: (from, errno) => {
          failures.push(errno);
          poller.pauseAccept(from);
        },
      });
      address = new RawAddress({ family: 4, ip: '127.0.0.1', port: 0 });
      const fd = rawListen(address);
      fds.push(fd);
      listener = poller.listen(fd, 3, false);
    });

    afterEach(() => {
      for (const fd of fds.splice(0)) libc.close(fd);
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
    });

    function until(done: () => boolean, what = 'it'): void {
      for (let i = 0; !done(); i++) {
        if (i > TURNS_MAX) throw new Error(`${what} did not happen`);
        poller.turn(10);
      }
    }

    /** A few turns in which nothing more may happen. */
    function rest(): void {
      for (let i = 0; i < 5; i++) poller.turn(0);
    }

    /** A client that was let in. */
    function join4(small = false): Joined {
      const before = accepted.length;
      if (small) shrink(listener.fd);
      const peer = RawPeer.connect(address);
      if (small) shrink(peer.fd);
      fds.push(peer.fd);
      until(() => accepted.length > before, 'accept');
      const events = new Recorder();
      const socket = new Socket(events);
      poller.adopt(socket, accepted.at(-1) ?? -1);
      return { socket, events, peer };
    }

    function slabOf(content: string | Buffer): { slab: Slab; end: number } {
      const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
      const region = allocate(Math.max(bytes.length, 1));
      bytes.copy(region.bytes);
      return {
        slab: { bytes: region.bytes, base: 0, address: region.address, sizeBytes: region.sizeBytes },
        end: bytes.length,
      };
    }

    function send(socket: Socket, content: string | Buffer, more = false): number {
      const { slab, end } = slabOf(content);
      return poller.send(socket, slab, 0, end, more);
    }

    /** Sends `length` bytes of a pattern in slabs, until the kernel takes no more. Returns what was given. */
    function fill(socket: Socket): Buffer {
      const given: Buffer[] = [];
      for (let i = 0; i < 2000; i++) {
        const piece = Buffer.alloc(8000, i);
        given.push(piece);
        const sent = send(socket, piece);
        if (sent === SEND_PENDING) return Buffer.concat(given);
        expect(sent).toBe(SEND_DONE);
      }
      throw new Error('the kernel takes everything');
    }

    describe('what a peer sends', () => {
      it('is delivered, in order, and once', () => {
        const { events, peer } = join4();
        for (const word of ['one ', 'two ', 'three']) {
          peer.send(word);
          until(() => events.text.endsWith(word));
        }
        rest();
        expect(events.text).toBe('one two three');
        expect(events.ends).toEqual([]);
      });

      it('before the socket was adopted is delivered too', () => {
        const peer = RawPeer.connect(address);
        fds.push(peer.fd);
        peer.send('early');
        peer.end();
        until(() => accepted.length > 0);
        const events = new Recorder();
        poller.adopt(new Socket(events), accepted[0] ?? -1);
        until(() => events.log.includes('end'));
        expect([events.text, events.log]).toEqual(['early', ['data', 'end']]);
      });

      it('is followed by its FIN, also when both come at once', () => {
        for (const length of [0, 1, READ_BYTES - 1, READ_BYTES, READ_BYTES + 1, 3 * READ_BYTES]) {
          const { events, peer } = join4();
          const content = Buffer.alloc(length, 'x');
          if (length > 0) expect(peer.send(content)).toBe(length);
          peer.end();
          until(() => events.log.includes('end'), `FIN after ${length} bytes`);
          rest();
          expect(events.received.equals(content)).toBe(true);
          expect(events.ends).toEqual(['end']);
        }
      });

      it('is delivered in reads of a slab at most, with headroom', () => {
        const { events, peer } = join4();
        peer.send(Buffer.alloc(100_000, 'x'));
        until(() => events.received.length === 100_000);
        expect(Math.max(...events.lengths)).toBe(READ_BYTES);
      });

      it('is delivered in longer reads when the session takes them', () => {
        const { socket, events, peer } = join4();
        events.at = () => {
          socket.bulk = true;
        };
        const content = Buffer.alloc(400_000, 'x');
        for (let sent = 0; sent < content.length; ) {
          sent += peer.send(content.subarray(sent));
          poller.turn(0);
        }
        until(() => events.received.length === content.length);
        expect(Math.max(...events.lengths)).toBeGreaterThan(READ_BYTES);
        expect(Math.max(...events.lengths)).toBeLessThanOrEqual(slabs.bulkBytes - HEADROOM_BYTES);
      });

      it('is not delivered in long reads any more after the one that says so', () => {
        const { socket, events, peer } = join4();
        socket.paused = true;
        peer.send(Buffer.alloc(300_000, 'x'));
        poller.turn(0);
        socket.bulk = true;
        events.at = () => {
          socket.bulk = false;
        };
        poller.resume(socket);
        until(() => events.received.length >= 200_000);
        expect(Math.max(...events.lengths.slice(1))).toBeLessThanOrEqual(READ_BYTES);
      });

      it('is not delivered in more than the session has room for', () => {
        const { socket, events, peer } = join4();
        socket.roomBytes = 100;
        peer.send(Buffer.alloc(1000, 'x'));
        until(() => events.received.length >= 100);
        expect(events.lengths[0]).toBe(100);
        socket.roomBytes = 0;
        until(() => events.received.length === 1000);
      });

      it('after FIN of ours still arrives', () => {
        const { socket, events, peer } = join4();
        poller.shutdown(socket);
        expect(peer.text).toBe('');
        expect(peer.sawEnd).toBe(true);
        peer.send('still here');
        peer.end();
        until(() => events.log.includes('end'));
        expect(events.text).toBe('still here');
      });
    });

    describe('RST', () => {
      it('is an error, once', () => {
        const { events, peer } = join4();
        peer.reset();
        until(() => events.log.includes('error'));
        rest();
        expect(events.ends).toEqual(['error']);
        expect(events.errno).toBe(ECONNRESET);
      });

      it('is what the peer gets when we end with it', () => {
        const { socket, peer } = join4();
        poller.close(socket, true);
        peer.read();
        expect([peer.sawEnd, peer.error]).toEqual([false, ECONNRESET]);
      });

      it('is not what the peer gets when we just close', () => {
        const { socket, peer } = join4();
        poller.close(socket, false);
        peer.read();
        expect([peer.sawEnd, peer.error]).toEqual([true, 0]);
      });
    });

    describe('pause', () => {
      it('delivers nothing, and resume what came meanwhile', () => {
        const { socket, events, peer } = join4();
        poller.pause(socket);
        peer.send('while paused');
        rest();
        expect(events.log).toEqual([]);
        poller.resume(socket);
        until(() => events.text === 'while paused');
        peer.send(', after');
        until(() => events.text === 'while paused, after');
      });

      it('in the middle of a long read stops it there', () => {
        const { socket, events, peer } = join4();
        events.at = () => poller.pause(socket);
        const content = Buffer.alloc(100_000, 'x');
        peer.send(content);
        until(() => events.lengths.length === 1);
        rest();
        expect(events.lengths.length).toBe(1);
        while (events.received.length < content.length) {
          const before = events.lengths.length;
          poller.resume(socket);
          until(() => events.lengths.length > before, 'the rest');
          expect(events.lengths.length).toBe(before + 1);
        }
      });

      it.each(['end', 'reset'] as const)('keeps the %s of the peer for later', (way) => {
        const { socket, events, peer } = join4();
        poller.pause(socket);
        peer[way]();
        rest();
        expect(events.log).toEqual([]);
        poller.resume(socket);
        until(() => events.log.length > 0);
        rest();
        expect(events.ends).toEqual([way === 'end' ? 'end' : 'error']);
      });

      it('and resume any number of times is as once', () => {
        const { socket, events, peer } = join4();
        for (let i = 0; i < 3; i++) poller.pause(socket);
        peer.send('x');
        rest();
        for (let i = 0; i < 3; i++) poller.resume(socket);
        rest();
        expect(events.log).toEqual(['data']);
      });
    });

    describe('send', () => {
      it('hands over what fits at once', () => {
        const { socket, events, peer } = join4();
        expect(send(socket, 'hello')).toBe(SEND_DONE);
        expect(peer.text).toBe('hello');
        rest();
        expect(events.log).toEqual([]);
      });

      it('keeps what does not fit, says when it has left, and loses nothing', () => {
        const { socket, events, peer } = join4(true);
        const given = fill(socket);
        expect(slabs.lent).toBe(1);
        rest();
        expect(events.log).toEqual([]);
        until(() => {
          peer.read();
          return events.log.includes('drained');
        });
        peer.read();
        until(() => peer.read() === 0 && peer.received.length === given.length);
        expect(peer.received.equals(given)).toBe(true);
        expect(events.log).toEqual(['drained']);
        expect(slabs.lent).toBe(0);
        expect(send(socket, 'and on')).toBe(SEND_DONE);
      });

      it('while something waits keeps the order', () => {
        const { socket, events, peer } = join4(true);
        const given = Buffer.concat([fill(socket), Buffer.from('second'), Buffer.from('third')]);
        expect(send(socket, 'second')).toBe(SEND_PENDING);
        expect(send(socket, 'third')).toBe(SEND_PENDING);
        until(() => {
          peer.read();
          return peer.received.length === given.length;
        });
        rest();
        expect(peer.received.equals(given)).toBe(true);
        expect(events.log).toEqual(['drained']);
      });

      it('of more than can wait fails, and takes nothing of it', () => {
        const { socket } = join4(true);
        fill(socket);
        expect(send(socket, Buffer.alloc(SLAB_BYTES))).toBe(SEND_FAILED);
        expect(slabs.lent).toBe(1);
        poller.close(socket, false);
        expect(slabs.lent).toBe(0);
      });

      it('without a slab to wait in fails', () => {
        const { socket } = join4(true);
        while (slabs.take() !== null);
        let sent = SEND_DONE;
        for (let i = 0; i < 2000 && sent === SEND_DONE; i++) sent = send(socket, Buffer.alloc(8000));
        expect([sent, poller.sendErrno]).toEqual([SEND_FAILED, ENOBUFS]);
      });

      it('to who has reset fails at the latest with the second try, and says why', () => {
        const { socket, peer } = join4();
        peer.reset();
        const results = [send(socket, 'x'), send(socket, 'y')];
        expect(results[1]).toBe(SEND_FAILED);
        expect([ECONNRESET, EPIPE]).toContain(poller.sendErrno);
      });

      it('that is broken off while it waits says so, after that what can still be read, and then the end', () => {
        const { socket, events, peer } = join4(true);
        fill(socket);
        peer.send('last words');
        peer.reset();
        until(() => events.log.includes('error'));
        rest();
        expect(events.log.filter((word) => word === 'error').length).toBe(1);
        expect(events.log).not.toContain('end');
        expect(events.log).not.toContain('drained');
        poller.close(socket, false);
        expect(slabs.lent).toBe(0);
      });

      it('holds back what is followed by more, until it is pushed or followed', () => {
        const { socket, peer } = join4();
        expect(send(socket, 'one', true)).toBe(SEND_DONE);
        poller.push(socket);
        expect(peer.text).toBe('one');
        expect(send(socket, ', two', true)).toBe(SEND_DONE);
        expect(send(socket, ', three')).toBe(SEND_DONE);
        expect(peer.text).toBe('one, two, three');
      });
    });

    it('says that there is no more after a full read', () => {
      const { socket, events, peer } = join4();
      let dry = 0;
      events.onDry = () => {
        dry++;
      };
      poller.pause(socket);
      peer.send(Buffer.alloc(READ_BYTES, 'x'));
      rest();
      poller.resume(socket);
      until(() => events.received.length === READ_BYTES);
      rest();
      expect(dry).toBe(1);
    });

    it('sends FIN after what waits, not before', () => {
      const { socket, peer } = join4(true);
      const given = fill(socket);
      poller.shutdown(socket);
      until(() => {
        peer.read();
        return peer.sawEnd;
      });
      expect(peer.received.length).toBe(given.length);
    });

    describe('connect', () => {
      /** A connection of ours, and the far end of it. */
      function dial(): { socket: Socket; events: Recorder } {
        const events = new Recorder();
        const socket = new Socket(events);
        expect(poller.connect(socket, address.family, address.address, address.lengthBytes, PLAIN)).toBe(0);
        return { socket, events };
      }

      it('says when it stands, once', () => {
        const { events } = dial();
        until(() => events.log.length > 0);
        rest();
        expect(events.log).toEqual(['connected']);
      });

      it('takes a request at once or in onConnected, never in part and never twice', () => {
        const { socket, events } = dial();
        let sent = send(socket, 'request');
        expect([SEND_DONE, SEND_TOO_EARLY]).toContain(sent);
        events.at = (word) => {
          if (word === 'connected' && sent === SEND_TOO_EARLY) sent = send(socket, 'request');
        };
        until(() => accepted.length > 0 && sent === SEND_DONE);
        const server = new RawPeer(accepted[0] ?? -1);
        fds.push(server.fd);
        until(() => server.text === 'request');
        server.send('response');
        server.end();
        until(() => events.log.includes('end'));
        expect([server.text, events.text]).toEqual(['request', 'response']);
        expect(events.log.filter((word) => word === 'connected').length).toBeLessThanOrEqual(1);
      });

      it('that is refused is an error, whenever it is told', () => {
        const gone = new RawAddress({ family: 4, ip: '127.0.0.1', port: 0 });
        libc.close(rawListen(gone));
        const events = new Recorder();
        const socket = new Socket(events);
        const errno = poller.connect(socket, gone.family, gone.address, gone.lengthBytes, PLAIN);
        if (errno === 0) {
          const sent = send(socket, 'request');
          if (sent === SEND_FAILED) {
            events.errno = poller.sendErrno;
            // onError will not come for it: the caller ends it.
            poller.close(socket, false);
          } else until(() => events.log.includes('error'));
          rest();
          expect(events.log).not.toContain('connected');
          expect(events.log).not.toContain('end');
        }
        expect(errno === 0 ? events.errno : errno).toBe(ECONNREFUSED);
      });

      it('to a path that is not there fails in the call', () => {
        const nowhere = new RawAddress({ family: 'unix', path: '/nonexistent/socket' });
        const socket = new Socket(new Recorder());
        expect(poller.connect(socket, nowhere.family, nowhere.address, nowhere.lengthBytes, PLAIN)).toBe(ENOENT);
        expect(socket.fd).toBe(-1);
      });

      it('can be given up', () => {
        const { socket, events } = dial();
        poller.close(socket, false);
        rest();
        expect(events.log).toEqual([]);
        expect(socket.fd).toBe(-1);
      });

      it('sets what it is told to', () => {
        const socket = new Socket(new Recorder());
        const options = { keepAliveProbes: true, userTimeoutMs: 4321 };
        expect(poller.connect(socket, address.family, address.address, address.lengthBytes, options)).toBe(0);
        expect(option(socket.fd, SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
        expect(option(socket.fd, IPPROTO_TCP, TCP_USER_TIMEOUT)).toBe(4321);
      });
    });

    describe('close', () => {
      it.each(['data', 'end', 'error'])('in the callback of %s is the last that is heard of the socket', (word) => {
        const { socket, events, peer } = join4();
        events.at = (at) => {
          if (at === word) poller.close(socket, false);
        };
        peer.send(Buffer.alloc(50_000, 'x'));
        if (word === 'error') peer.reset();
        else peer.end();
        until(() => socket.fd < 0, word);
        rest();
        expect(events.log.at(-1)).toBe(word);
        expect(events.log.filter((at) => at === word).length).toBe(1);
      });

      it('in onConnected and in onDrained, too', () => {
        const events = new Recorder();
        const socket = new Socket(events);
        events.at = () => poller.close(socket, false);
        poller.connect(socket, address.family, address.address, address.lengthBytes, PLAIN);
        until(() => socket.fd < 0);
        rest();
        expect(events.log).toEqual(['connected']);

        const other = join4(true);
        fill(other.socket);
        other.peer.send('unread');
        poller.pause(other.socket);
        other.events.at = () => poller.close(other.socket, false);
        until(() => {
          other.peer.read();
          return other.socket.fd < 0;
        });
        rest();
        expect(other.events.log).toEqual(['drained']);
      });

      it('twice is as once', () => {
        const { socket } = join4();
        const { fd } = socket;
        poller.close(socket, false);
        const again = must(libc.socket(2, 1, 0));
        expect(again).toBe(fd);
        poller.close(socket, false);
        expect(libc.fcntl(again, 1, 0)).toBeGreaterThanOrEqual(0);
        libc.close(again);
      });

      it('of a socket that waits to be looked at is the last that is heard of it', () => {
        const { socket, events, peer } = join4();
        poller.pause(socket);
        peer.send('x');
        rest();
        poller.resume(socket);
        poller.close(socket, false);
        rest();
        expect(events.log).toEqual([]);
      });
    });

    it('does not take an event of a closed socket for one of the next with the same descriptor', () => {
      const all = Array.from({ length: 8 }, () => join4());
      const next: Joined[] = [];
      let replaced = 0;
      for (const one of all) {
        one.events.at = () => {
          // Whoever is heard first closes all the others, whose events are in the same batch, and opens as many.
          for (const other of all) {
            if (other === one || other.socket.fd < 0) continue;
            const { fd } = other.socket;
            poller.close(other.socket, false);
            const events = new Recorder();
            const socket = new Socket(events);
            expect(poller.connect(socket, address.family, address.address, address.lengthBytes, PLAIN)).toBe(0);
            if (socket.fd === fd) replaced++;
            next.push({ socket, events, peer: other.peer });
          }
        };
      }
      for (const { peer } of all) peer.send('for the one that was');
      until(() => next.length > 0);
      rest();
      expect(replaced).toBe(7);
      expect(all.filter(({ events }) => events.log.length > 0).length).toBe(1);
      for (const { events } of next) expect(events.log).toEqual(['connected']);
    });

    it('serves more sockets at once than there are events in a turn', () => {
      const all = Array.from({ length: 700 }, () => join4());
      for (const { peer } of all) peer.send('x');
      until(() => all.every(({ events }) => events.text === 'x'));
      for (const { peer } of all) peer.end();
      until(() => all.every(({ events }) => events.log.includes('end')));
      for (const { socket } of all) poller.close(socket, false);
    });

    it('does not let a fast sender starve the others', () => {
      const fast = join4();
      const other = join4();
      let reads = 0;
      fast.events.at = () => {
        reads++;
        if (reads > 1000) throw new Error('nobody else is heard');
        fast.peer.send(Buffer.alloc(60_000, 'x'));
        fast.events.received = Buffer.alloc(0);
      };
      fast.peer.send(Buffer.alloc(60_000, 'x'));
      poller.turn(10);
      other.peer.send('me too');
      until(() => other.events.text === 'me too');
    });

    describe('accept', () => {
      it('says who is there, by IPv4', () => {
        let seen = '';
        atAccept = () => {
          seen = `${poller.peerFamily} ${formatIpv4(poller.peerBytes, 0)} ${poller.peerPort}`;
        };
        const peer = RawPeer.connect(address);
        fds.push(peer.fd);
        until(() => accepted.length === 1);
        const own = new RawAddress({ family: 4, ip: '0.0.0.0', port: 0 });
        own.readFrom(peer.fd);
        expect(seen).toBe(`4 127.0.0.1 ${own.port}`);
      });

      it('says who is there, by IPv6', () => {
        const six = new RawAddress({ family: 6, ip: '::1', port: 0 });
        const fd = rawListen(six);
        fds.push(fd);
        poller.listen(fd, 4, false);
        let seen = '';
        atAccept = () => {
          seen = `${poller.peerFamily} ${formatIpv6(poller.peerBytes, 0)}`;
        };
        fds.push(RawPeer.connect(six).fd);
        until(() => accepted.length === 1);
        expect(seen).toBe('6 ::1');
      });

      it('says who is there, by path', () => {
        const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
        folders.push(folder);
        const path = new RawAddress({ family: 'unix', path: join(folder, 's') });
        const fd = rawListen(path);
        fds.push(fd);
        poller.listen(fd, 5, false);
        let seen = -1;
        atAccept = () => {
          seen = poller.peerFamily;
        };
        fds.push(RawPeer.connect(path).fd);
        until(() => accepted.length === 1);
        expect(seen).toBe(0);
      });

      it('lets all in who wait, and none while it is paused', () => {
        poller.pauseAccept(listener);
        const peers = Array.from({ length: 200 }, () => RawPeer.connect(address));
        for (const { fd } of peers) fds.push(fd);
        rest();
        expect(accepted.length).toBe(0);
        poller.resumeAccept(listener);
        until(() => accepted.length === 200);
        expect(new Set(accepted).size).toBe(200);
      });

      it('can be paused from within', () => {
        atAccept = () => poller.pauseAccept(listener);
        for (let i = 0; i < 5; i++) fds.push(RawPeer.connect(address).fd);
        until(() => accepted.length > 0);
        rest();
        expect(accepted.length).toBe(1);
        poller.resumeAccept(listener);
        until(() => accepted.length === 2);
      });

      it('says that there is no descriptor left, and goes on when told to', () => {
        const peer = RawPeer.connect(address);
        fds.push(peer.fd);
        const limit = allocate(16);
        must(libc.getrlimit(RLIMIT_NOFILE, limit.address));
        const soft = limit.bytes.readBigUInt64LE(0);
        // The number that the next descriptor would get is one too many.
        const next = must(libc.socket(2, 1, 0));
        libc.close(next);
        try {
          limit.bytes.writeBigUInt64LE(BigInt(next), 0);
          must(libc.setrlimit(RLIMIT_NOFILE, limit.address));
          until(() => failures.length > 0, 'EMFILE');
        } finally {
          limit.bytes.writeBigUInt64LE(soft, 0);
          must(libc.setrlimit(RLIMIT_NOFILE, limit.address));
        }
        expect(failures).toEqual([EMFILE]);
        rest();
        expect(accepted).toEqual([]);
        poller.resumeAccept(listener);
        until(() => accepted.length === 1);
      });

      it('ends with all who waited, and then the port is free', () => {
        const peers = Array.from({ length: 150 }, () => RawPeer.connect(address));
        for (const { fd } of peers) fds.push(fd);
        poller.finishAccept(listener);
        expect(accepted.length).toBe(150);
        const late = RawPeer.connect(address);
        late.read();
        expect(late.error).toBe(ECONNREFUSED);
        fds.push(late.fd);
        fds.splice(fds.indexOf(listener.fd), 1);
        for (const fd of accepted) libc.close(fd);
      });
    });

    describe('a wakeup', () => {
      it('ends a wait, from whichever thread it comes', () => {
        const fd = createWakeup();
        fds.push(fd);
        poller.watchWakeup(fd);
        poller.turn(0);
        expect(poller.woken).toBe(false);
        wake(fd);
        wake(fd);
        poller.turn(-1);
        expect(poller.woken).toBe(true);
        poller.woken = false;
        poller.turn(0);
        expect(poller.woken).toBe(false);
        wake(fd);
        poller.turn(-1);
        expect(poller.woken).toBe(true);
      });
    });

    it('tells the time once per turn', () => {
      poller.turn(0);
      const before = poller.nowMs;
      expect(poller.nowMs).toBe(before);
      poller.turn(30);
      expect(poller.nowMs - before).toBeGreaterThanOrEqual(29);
      expect(Number.isInteger(poller.nowMs)).toBe(true);
      expect(poller.wallMs).toBeGreaterThan(1_600_000_000_000);
    });
  });
}
