/** A socket of the package raw-socket that closes itself: opened anew, with pauses that grow. The package is the test's. */
import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Received } from '../../src/vrrp/acceptance.ts';
import { type Addon, type AddonSocket, addonOpener } from '../../src/vrrp/addon-socket.ts';
import { ipPacket } from '../../src/vrrp/ip-packet.ts';
import type { RawSocket } from '../../src/vrrp/raw-socket.ts';
import { FakeTime } from '../support/fake-time.ts';

class FakeAddonSocket extends EventEmitter implements AddonSocket {
  readonly options: [number, number][] = [];
  sent = 0;
  closed = 0;
  /** What recv gives. */
  waiting: Buffer[] = [];
  readonly wrap: AddonSocket['wrap'] = {
    recv: (_buffer, done) => {
      const packet = this.waiting.shift();
      if (packet === undefined) throw new Error('Resource temporarily unavailable');
      done(packet, packet.length, '');
    },
    send: () => {
      this.sent++;
    },
  };

  setOption(level: number, option: number): void {
    this.options.push([level, option]);
  }

  close(): void {
    this.closed++;
    this.emit('close');
  }

  /** What the package does upon a poll error. */
  fail(): void {
    this.emit('error', new Error('-9'));
    this.close();
  }
}

const PACKET = Buffer.from(ipPacket(new Uint8Array(20), '10.77.0.2', '224.0.0.18', 255, 1));

let time: FakeTime;
let made: FakeAddonSocket[];
let refuse: string | null;
let said: string[];
let heard: Received[];
let socket: RawSocket;

beforeEach(() => {
  time = new FakeTime();
  made = [];
  refuse = null;
  said = [];
  heard = [];
  const addon: Addon = {
    createSocket: () => {
      if (refuse !== null) throw new Error(refuse);
      const one = new FakeAddonSocket();
      made.push(one);
      return one;
    },
  };
  const options = { family: 4 as const, receiveOn: 'lo', sendOn: 'lo', group: '224.0.0.18' };
  socket = addonOpener(addon, time, time)(
    options,
    (received) => heard.push(received),
    (text) => said.push(text),
  );
});

const open = () => made.filter(({ closed }) => closed === 0);
const send = () => socket.send(new Uint8Array(20), '10.77.0.1', '224.0.0.18', 255);

describe('a poll error', () => {
  it.each([
    ['on the hearing one', 0],
    ['on the sending one', 1],
  ])('%s: both are opened anew, prepared as at first, and it hears and sends', async (_, which) => {
    const options = made.map((one) => one.options);
    made[which]?.fail();
    expect([open().length, send()]).toEqual([0, 'the socket was lost and is not open again yet']);
    expect(made.map(({ closed }) => closed > 0)).toEqual([true, true]);
    await time.advance(99);
    expect(made).toHaveLength(2);
    await time.advance(1);
    expect(open().map((one) => one.options)).toEqual(options);
    expect([send(), made[3]?.sent]).toEqual([null, 1]);
    made[2]?.emit('message', PACKET, '10.77.0.2');
    expect(heard.map(({ source }) => source)).toEqual(['10.77.0.2']);
    expect(said).toEqual(['the socket on lo was lost; opened again in 100 ms']);
  });

  it('what is said of the old pair afterwards is nobody’s business', async () => {
    made[0]?.fail();
    await time.advance(100);
    made[0]?.fail();
    made[1]?.fail();
    expect(open()).toEqual(made.slice(2));
  });

  it('again and again: pauses grow to five seconds, and shrink when one has lived', async () => {
    const pauses: number[] = [];
    for (let times = 0; times < 9; times++) {
      const lostMs = time.monotonicMs();
      open()[0]?.fail();
      while (open().length === 0) await time.advance(100);
      pauses.push(time.monotonicMs() - lostMs);
    }
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
    await time.advance(10_000);
    open()[0]?.fail();
    await time.advance(100);
    expect(open()).toHaveLength(2);
  });

  it('and it cannot be opened: it is tried on', async () => {
    refuse = 'Too many open files';
    made[0]?.fail();
    await time.advance(700);
    expect(said.slice(1)).toEqual(Array(3).fill('the socket on lo cannot be opened again: Too many open files'));
    refuse = null;
    await time.advance(800);
    expect([open().length, send()]).toEqual([2, null]);
  });

  it('while it is drained: the rest is lost, nothing throws', async () => {
    made[0]?.waiting.push(PACKET, PACKET);
    await socket.drain();
    expect(heard).toHaveLength(2);
    made[0]?.waiting.push(PACKET);
    made[0]?.fail();
    await socket.drain();
    expect(heard).toHaveLength(2);
  });
});

describe('closed', () => {
  it('it stays closed', async () => {
    socket.close();
    socket.close();
    expect([open().length, time.due, send()]).toEqual([0, [], null]);
    made[0]?.emit('message', PACKET, '10.77.0.2');
    expect(heard).toEqual([]);
  });

  it('while it waits for another: none comes', async () => {
    made[0]?.fail();
    socket.close();
    await time.advance(10_000);
    expect(made).toHaveLength(2);
  });
});
