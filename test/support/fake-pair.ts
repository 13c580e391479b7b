/** A pair on a box that is not there: time, commands, sockets and frames are the test's. */
import { type Pair, type PairSetup, startPair } from '../../src/daemon/pair.ts';
import type { Received } from '../../src/vrrp/acceptance.ts';
import { authDataOf } from '../../src/vrrp/auth-data.ts';
import { type Advert, AUTH_NONE, AUTH_PASS, decodeAdvert, encodeAdvert } from '../../src/vrrp/packet.ts';
import type { OpenRawSocket, RawSocketOptions } from '../../src/vrrp/raw-socket.ts';
import type { DataPath } from '../../src/vrrp/tracking/data-path.ts';
import { FakeCommands } from './fake-commands.ts';
import { FakeTime } from './fake-time.ts';
import { pairModel } from './pair-model.ts';

const OWN_IP = '10.77.0.1';
const GROUP = '224.0.0.18';

const DUMP = JSON.stringify([
  {
    ifindex: 2,
    ifname: 'eth0',
    flags: ['UP', 'LOWER_UP'],
    address: '02:77:00:00:00:01',
    addr_info: [{ family: 'inet', local: OWN_IP, prefixlen: 24 }],
  },
]);

interface OpenSocket {
  readonly options: RawSocketOptions;
  readonly receive: (received: Received) => void;
  closed: boolean;
}

export class FakePair {
  readonly time = new FakeTime();
  readonly commands = new FakeCommands();
  readonly sockets: OpenSocket[] = [];
  readonly said: string[] = [];
  /** Adverts that were sent, as `PRIORITY@MS`. */
  sent: string[] = [];
  frames = 0;
  readonly #dataPath: DataPath | null;
  #pair: Pair | null = null;

  constructor(dataPath: DataPath | null = null) {
    this.#dataPath = dataPath;
    this.commands.answer = () => ({ stdout: DUMP });
  }

  get pair(): Pair {
    if (this.#pair === null) throw new Error('not started');
    return this.#pair;
  }

  /** The messages, when it could not. */
  async start(text: string): Promise<readonly string[]> {
    const outcome = await startPair(pairModel(text), this.#setup());
    if (!outcome.ok) return outcome.messages;
    this.#pair = outcome.pair;
    return [];
  }

  /** What `ip -batch` got since the last call, without renewals of leases. */
  batch(): string[] {
    return this.commands.taken('ip -force -batch');
  }

  monitor(line: string): void {
    this.commands.streams.find(({ argv }) => argv.includes('monitor'))?.events.line(line);
  }

  link(up: boolean): void {
    const flags = up ? 'BROADCAST,UP,LOWER_UP' : 'NO-CARRIER,BROADCAST,UP';
    this.monitor(String.raw`2: eth0: <${flags}> mtu 1500 \    link/ether 02:77:00:00:00:01 brd ff:ff:ff:ff:ff:ff`);
  }

  /** The kernel has set or taken an address. */
  address(ip: string, gone = false): void {
    this.monitor(
      `${gone ? 'Deleted ' : ''}2: eth0    inet ${ip}/24 scope global secondary eth0\\       valid_lft 3sec`,
    );
  }

  hear(advert: Partial<Advert>, source = '10.77.0.2'): void {
    const whole: Advert = {
      version: 2,
      vrid: 51,
      priority: 200,
      intervalCs: 100,
      addresses: ['10.77.0.100'],
      authType: advert.authData === undefined ? AUTH_NONE : AUTH_PASS,
      authData: new Uint8Array(8),
      ...advert,
    };
    this.raw(encodeAdvert(whole, { source, destination: GROUP }), source);
  }

  raw(message: Uint8Array, source = '10.77.0.2', ttl = 255): void {
    for (const { receive, closed } of this.sockets) {
      if (!closed) receive({ source, destination: GROUP, ttl, message });
    }
  }

  #setup(): PairSetup {
    const say = (text: string): void => {
      this.said.push(text);
    };
    return {
      journal: { info: say, warning: say },
      commands: this.commands,
      resolveUser: () => ({}),
      clock: this.time,
      timers: this.time,
      openSocket: this.#open,
      sendFrame: () => {
        this.frames++;
        return null;
      },
      dataPath: this.#dataPath,
      uptimeMs: 1_000_000,
    };
  }

  readonly #open: OpenRawSocket = (options, receive) => {
    const socket = { options, receive, closed: false };
    this.sockets.push(socket);
    return {
      engine: 'ffi',
      send: (message, source, destination) => {
        const decoded = decodeAdvert(message, { source, destination });
        if (decoded.fault !== null) throw new Error(`sent what is no advert: ${decoded.fault}`);
        this.sent.push(`${decoded.advert.priority}@${Math.round(this.time.monotonicMs())}`);
        return null;
      },
      drain: async () => {},
      close: () => {
        socket.closed = true;
      },
    };
  };
}

export const PASSWORD = authDataOf('1066');
