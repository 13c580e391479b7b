/** How connections begin and end, and that none is taken for another. A part of poller-contract.ts. */
import { describe, expect, it } from 'vitest';
import { ECONNREFUSED, ENOENT } from '../../src/sys/constants.ts';
import * as libc from '../../src/sys/libc.ts';
import { SEND_DONE, SEND_FAILED, SEND_TOO_EARLY, Socket } from '../../src/sys/poller.ts';
import { type Joined, PLAIN, type PollerBench, Recorder } from './poller-bench.ts';
import { must, RawAddress, RawPeer, rawListen } from './raw-peer.ts';

export function connectionsContract(bench: PollerBench): void {
  describe('connect', () => {
    it('says when it stands, once', () => {
      const { events } = bench.dial();
      bench.until(() => events.log.length > 0);
      bench.rest();
      expect(events.log).toEqual(['connected']);
    });

    it('takes a request at once or in onConnected, never in part and never twice', () => {
      const { socket, events } = bench.dial();
      let sent = bench.send(socket, 'request');
      expect([SEND_DONE, SEND_TOO_EARLY]).toContain(sent);
      events.at = (word) => {
        if (word === 'connected' && sent === SEND_TOO_EARLY) sent = bench.send(socket, 'request');
      };
      bench.until(() => bench.accepted.length > 0 && sent === SEND_DONE);
      const server = new RawPeer(bench.accepted[0] ?? -1);
      bench.fds.push(server.fd);
      bench.until(() => server.text === 'request');
      server.send('response');
      server.end();
      bench.until(() => events.log.includes('end'));
      expect([server.text, events.text]).toEqual(['request', 'response']);
      expect(events.log.filter((word) => word === 'connected').length).toBeLessThanOrEqual(1);
    });

    it('that is refused is an error, whenever it is told', () => {
      const gone = new RawAddress({ family: 4, ip: '127.0.0.1', port: 0 });
      libc.close(rawListen(gone));
      const events = new Recorder();
      const socket = new Socket(events);
      const errno = bench.poller.connect(socket, gone.family, gone.address, gone.lengthBytes, PLAIN);
      if (errno === 0) {
        const sent = bench.send(socket, 'request');
        if (sent === SEND_FAILED) {
          events.errno = bench.poller.sendErrno;
          // onError will not come for it: the caller ends it.
          bench.poller.close(socket, false);
        } else bench.until(() => events.log.includes('error'));
        bench.rest();
        expect(events.log).not.toContain('connected');
        expect(events.log).not.toContain('end');
      }
      expect(errno === 0 ? events.errno : errno).toBe(ECONNREFUSED);
    });

    it('to a path that is not there fails in the call', () => {
      const nowhere = new RawAddress({ family: 'unix', path: '/nonexistent/socket' });
      const socket = new Socket(new Recorder());
      expect(bench.poller.connect(socket, nowhere.family, nowhere.address, nowhere.lengthBytes, PLAIN)).toBe(ENOENT);
      expect(socket.fd).toBe(-1);
    });

    it('can be given up', () => {
      const { socket, events } = bench.dial();
      bench.poller.close(socket, false);
      bench.rest();
      expect(events.log).toEqual([]);
      expect(socket.fd).toBe(-1);
    });
  });

  describe('close', () => {
    it.each(['data', 'end', 'error'])('in the callback of %s is the last that is heard of the socket', (word) => {
      const { socket, events, peer } = bench.join4();
      events.at = (at) => {
        if (at === word) bench.poller.close(socket, false);
      };
      peer.send(Buffer.alloc(50_000, 'x'));
      if (word === 'error') peer.reset();
      else peer.end();
      bench.until(() => socket.fd < 0, word);
      bench.rest();
      expect(events.log.at(-1)).toBe(word);
      expect(events.log.filter((at) => at === word).length).toBe(1);
    });

    it('in onConnected and in onDrained, too', () => {
      const { socket, events } = bench.dial();
      events.at = () => bench.poller.close(socket, false);
      bench.until(() => socket.fd < 0);
      bench.rest();
      expect(events.log).toEqual(['connected']);

      const other = bench.join4(true);
      bench.fill(other.socket);
      other.peer.send('unread');
      bench.poller.pause(other.socket);
      other.events.at = () => bench.poller.close(other.socket, false);
      bench.until(() => {
        other.peer.read();
        return other.socket.fd < 0;
      });
      bench.rest();
      expect(other.events.log).toEqual(['drained']);
    });

    it('twice is as once', () => {
      const { socket } = bench.join4();
      const { fd } = socket;
      bench.end(socket, false);
      const again = must(libc.socket(2, 1, 0));
      expect(again).toBe(fd);
      bench.poller.close(socket, false);
      expect(libc.fcntl(again, 1, 0)).toBeGreaterThanOrEqual(0);
      libc.close(again);
    });

    it('of a socket that waits to be looked at is the last that is heard of it', () => {
      const { socket, events, peer } = bench.join4();
      bench.poller.pause(socket);
      peer.send('x');
      bench.rest();
      bench.poller.resume(socket);
      bench.poller.close(socket, false);
      bench.rest();
      expect(events.log).toEqual([]);
    });
  });

  it('does not take an event of a closed socket for one of the next with the same descriptor', () => {
    const all = Array.from({ length: 8 }, () => bench.join4());
    const next: Joined[] = [];
    let replaced = 0;
    for (const one of all) {
      one.events.at = () => {
        // Whoever is heard first closes all the others, whose events are in the same batch, and opens as many.
        for (const other of all) {
          if (other === one || other.socket.fd < 0) continue;
          const { fd } = other.socket;
          bench.poller.close(other.socket, false);
          const { socket, events } = bench.dial();
          if (socket.fd === fd) replaced++;
          next.push({ socket, events, peer: other.peer });
        }
      };
    }
    for (const { peer } of all) peer.send('for the one that was');
    bench.until(() => next.length > 0);
    bench.rest();
    expect(replaced).toBe(bench.traits.closesAtOnce ? 7 : 0);
    expect(all.filter(({ events }) => events.log.length > 0).length).toBe(1);
    for (const { events } of next) expect(events.log).toEqual(['connected']);
  });

  // Where a descriptor stays taken until the next turn, there is no such next one.
  it.runIf(bench.traits.closesAtOnce)('does not take it for one of the next that is connected already', () => {
    const idle = bench.join4();
    const all = Array.from({ length: 8 }, () => bench.join4());
    const next: { socket: Socket; events: Recorder }[] = [];
    for (const one of all) {
      one.events.at = () => {
        for (const { socket } of all) {
          if (socket === one.socket || socket.fd < 0) continue;
          const { fd } = socket;
          bench.poller.close(socket, false);
          const events = new Recorder();
          const again = new Socket(events);
          bench.poller.adopt(again, must(libc.dup2(idle.socket.fd, fd)));
          next.push({ socket: again, events });
        }
      };
    }
    for (const { peer } of all) {
      peer.send('for the one that was');
      peer.end();
    }
    bench.until(() => next.length > 0);
    expect(next.length).toBe(7);
    for (const { socket, events } of next) {
      expect([events.log, events.dry, socket.hangup]).toEqual([[], 0, false]);
      bench.poller.close(socket, false);
    }
  });

  it('serves more sockets at once than there are events in a turn', () => {
    const all = Array.from({ length: 700 }, () => bench.join4());
    for (const { peer } of all) peer.send('x');
    bench.until(() => all.every(({ events }) => events.text === 'x'));
    for (const { peer } of all) peer.end();
    bench.until(() => all.every(({ events }) => events.log.includes('end')));
    for (const { socket } of all) bench.poller.close(socket, false);
  });
}
