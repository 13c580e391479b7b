/** A pair on a box that is not there: time, commands, sockets and frames are the test's. */
import type { PairGlobal } from '../../src/config/pair-model.ts';
import { Chronicle } from '../../src/daemon/chronicle.ts';
import { type Pair, type PairSetup, startPair } from '../../src/daemon/pair.ts';
import type { Received } from '../../src/vrrp/acceptance.ts';
import { authDataOf } from '../../src/vrrp/auth-data.ts';
import {
  type Advert,
  AUTH_NONE,
  AUTH_PASS,
  type ChecksumForm,
  decodeAdvert,
  encodeAdvert,
} from '../../src/vrrp/packet.ts';
import type { OpenRawSocket, RawSocketOptions } from '../../src/vrrp/raw-socket.ts';
import type { DataPath } from '../../src/vrrp/tracking/data-path.ts';
import { FakeCommands } from './fake-commands.ts';
import { FakeLayer4 } from './fake-layer4.ts';
import { FakeTime } from './fake-time.ts';
import { pairModel } from './pair-model.ts';

const OWN_IP = '10.77.0.1';
const OWN_IP6 = 'fe80::77:ff:fe00:1';
const GROUPS = { 4: '224.0.0.18', 6: 'ff02::12' } as const;

const DUMP = JSON.stringify([
  {
    ifindex: 2,
    ifname: 'eth0',
    flags: ['UP', 'LOWER_UP'],
    address: '02:77:00:00:00:01',
    addr_info: [
      { family: 'inet', local: OWN_IP, prefixlen: 24 },
      { family: 'inet6', local: OWN_IP6, prefixlen: 64 },
    ],
  },
]);

interface OpenSocket {
  readonly options: RawSocketOptions;
  readonly receive: (received: Received) => void;
  closed: boolean;
}

/** An advert as it went out. */
export interface SentPacket {
  readonly advert: Advert;
  readonly checksum: ChecksumForm;
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
}

export class FakePair {
  readonly time = new FakeTime();
  readonly commands = new FakeCommands();
  readonly chronicle = new Chronicle(this.time);
  readonly layer4 = new FakeLayer4();
  readonly sockets: OpenSocket[] = [];
  readonly said: string[] = [];
  /** What the process was told of `global_defs`. */
  readonly adopted: PairGlobal[] = [];
  /** Adverts that were sent, as `PRIORITY@MS`. */
  sent: string[] = [];
  readonly packets: SentPacket[] = [];
  frames = 0;
  /** Why no socket can be had; null: it can. */
  refuse: string | null = null;
  /** What the proxies were told. */
  readonly lastAnswers: boolean[] = [];
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

  async reload(text: string): Promise<readonly string[]> {
    return this.pair.reload(pairModel(text));
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
    const destination = source.includes(':') ? GROUPS[6] : GROUPS[4];
    this.raw(encodeAdvert(whole, { source, destination }), source);
  }

  raw(message: Uint8Array, source = '10.77.0.2', ttl = 255): void {
    const family = source.includes(':') ? 6 : 4;
    for (const { options, receive, closed } of this.sockets) {
      if (!closed && options.family === family) receive({ source, destination: GROUPS[family], ttl, message });
    }
  }

  #setup(): PairSetup {
    const say = (text: string): void => {
      this.said.push(text);
    };
    return {
      journal: { info: say, warning: say },
      chronicle: this.chronicle,
      commands: this.commands,
      resolveUser: (user) => (user === 'nobody' ? { uid: 65_534, gid: 65_534 } : {}),
      clock: this.time,
      timers: this.time,
      openSocket: this.#open,
      layer4: this.layer4,
      sendFrame: () => {
        this.frames++;
        return null;
      },
      dataPath: this.#dataPath,
      lastAnswers: this.#dataPath === null ? null : (on) => this.lastAnswers.push(on),
      goodBye: async () => {
        this.lastAnswers.push(true);
        return () => this.lastAnswers.push(false);
      },
      uptimeMs: 1_000_000,
      adopt: (global) => this.adopted.push(global),
    };
  }

  readonly #open: OpenRawSocket = (options, receive) => {
    if (this.refuse !== null) throw new Error(this.refuse);
    const socket = { options, receive, closed: false };
    this.sockets.push(socket);
    return {
      engine: 'ffi',
      send: (message, source, destination, ttl) => {
        const decoded = decodeAdvert(message, { source, destination });
        if (decoded.fault !== null) throw new Error(`sent what is no advert: ${decoded.fault}`);
        const { advert, checksum } = decoded;
        this.packets.push({ advert, checksum, source, destination, ttl });
        this.sent.push(`${advert.word ?? advert.priority}@${Math.round(this.time.monotonicMs())}`);
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
