/** How a connection goes from one engine to another, of another thread. A part of poller-contract.ts. */
import { describe, expect, it } from 'vitest';
import { ECONNRESET } from '../../src/sys/constants.ts';
import type { Poller } from '../../src/sys/poller.ts';
import { Socket } from '../../src/sys/poller.ts';
import { type Joined, type PollerBench, Recorder } from './poller-bench.ts';

export function lettingGoContract(bench: PollerBench): void {
  /** The descriptor that the engine has let go of, or -1 when the socket's handler heard something first. */
  function letGo(poller: Poller, { socket, events }: Pick<Joined, 'socket' | 'events'>): number {
    let fd = -1;
    poller.letGoHandler = {
      onLetGo: (gone, left) => {
        expect([gone, gone.fd]).toEqual([socket, -1]);
        fd = left;
      },
    };
    const heard = events.log.length;
    expect(poller.letGo(socket)).toBe(true);
    for (let i = 0; fd < 0 && events.log.length === heard && i < 100; i++) poller.turn(10);
    return fd;
  }

  function takeOver(poller: Poller, fd: number): Pick<Joined, 'socket' | 'events'> | null {
    const events = new Recorder();
    const socket = new Socket(events);
    return poller.takeOver(socket, fd) ? { socket, events } : null;
  }

  describe('a socket that is let go of', () => {
    it('is heard by whoever takes it over, and by nobody else', () => {
      const other = bench.another();
      const first = bench.join4();
      first.peer.send('one');
      bench.until(() => first.events.text === 'one');
      const fd = letGo(bench.poller, first);
      expect(fd).toBeGreaterThanOrEqual(0);
      const second = takeOver(other, fd);
      first.peer.send('two');
      for (let i = 0; second?.events.text !== 'two' && i < 100; i++) other.turn(10);
      bench.rest();
      expect([first.events.text, second?.events.text]).toEqual(['one', 'two']);
      if (second !== null) other.close(second.socket, false);
      other.turn(0);
    });

    it('goes to and fro, and each word is heard once', () => {
      const pollers = [bench.poller, bench.another()];
      const { peer, ...first } = bench.join4();
      let now: Pick<Joined, 'socket' | 'events'> = first;
      let heard = '';
      for (let i = 0; i < 200; i++) {
        const poller = pollers[i % 2] as Poller;
        const word = `word ${i};`;
        peer.send(word);
        for (let turns = 0; now.events.text !== word && turns < 100; turns++) poller.turn(10);
        heard += now.events.text;
        const next = takeOver(pollers[(i + 1) % 2] as Poller, letGo(poller, now));
        if (next === null) throw new Error('it was not quiet');
        now = next;
      }
      expect(heard.split(';').length).toBe(201);
      bench.poller.close(now.socket, false);
    });

    it.each(['speaks', 'ends', 'resets'] as const)('is closed when its peer %s before it is taken over', (what) => {
      const other = bench.another();
      const joined = bench.join4();
      const fd = letGo(bench.poller, joined);
      if (what === 'speaks') joined.peer.send('x');
      else if (what === 'ends') joined.peer.end();
      else joined.peer.reset();
      expect(takeOver(other, fd)).toBeNull();
      bench.rest();
      expect(joined.events.log).toEqual([]);
    });

    it.each(['speaks', 'ends'] as const)('whose peer %s at the same time is lost by neither side', (what) => {
      const other = bench.another();
      for (let i = 0; i < 50; i++) {
        const joined = bench.join4();
        if (what === 'speaks') joined.peer.send('x');
        else joined.peer.end();
        const fd = letGo(bench.poller, joined);
        if (fd >= 0) expect([takeOver(other, fd), joined.events.log]).toEqual([null, []]);
        else {
          expect(joined.events.log[0]).toBe(what === 'speaks' ? 'data' : 'end');
          bench.poller.close(joined.socket, false);
        }
      }
    });

    it('can be closed before it is gone', () => {
      const joined = bench.join4();
      let told = 0;
      bench.poller.letGoHandler = { onLetGo: () => told++ };
      if (!bench.poller.letGo(joined.socket)) throw new Error('it is quiet');
      bench.poller.close(joined.socket, true);
      bench.rest();
      expect([joined.socket.fd, joined.events.log]).toEqual([-1, []]);
      expect(told).toBe(bench.traits.closesAtOnce ? 1 : 0);
    });

    it('is none with something that waits to leave', () => {
      const joined = bench.join4(true);
      bench.fill(joined.socket);
      expect(bench.poller.letGo(joined.socket)).toBe(false);
      bench.end(joined.socket, true);
    });
  });

  it('drop answers with a reset', () => {
    const joined = bench.join4();
    bench.poller.drop(letGo(bench.poller, joined));
    joined.peer.read();
    expect(joined.peer.error).toBe(ECONNRESET);
  });
}
