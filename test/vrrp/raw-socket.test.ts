/** One contract, both implementations of the socket seam, both families where they can. */
import { execFileSync } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RawIpSocket } from '../../src/sys/raw-ip-socket.ts';
import type { Received } from '../../src/vrrp/acceptance.ts';
import { hasAddon, openAddonSocket } from '../../src/vrrp/addon-socket.ts';
import { VRRP_PROTOCOL } from '../../src/vrrp/packet.ts';
import { type OpenRawSocket, openFfiSocket, type RawSocket } from '../../src/vrrp/raw-socket.ts';
import { insideNamespace } from '../support/inside-namespace.ts';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeAsRoot, programPath } from '../support/peers.ts';

const MESSAGE = Uint8Array.from({ length: 40 }, (_, i) => i);

interface Net {
  readonly family: 4 | 6;
  readonly group: string;
  /** Of the end under test, and of the other. */
  readonly here: string;
  readonly there: string;
}

const NET4: Net = { family: 4, group: '224.0.0.18', here: '10.77.0.1', there: '10.77.0.2' };
const NET6: Net = { family: 6, group: 'ff02::12', here: 'fd77::1', there: 'fd77::2' };

const CONTRACTS: readonly { name: string; open: OpenRawSocket; net: Net; there: boolean }[] = [
  { name: 'ffi, IPv4', open: openFfiSocket, net: NET4, there: true },
  { name: 'ffi, IPv6', open: openFfiSocket, net: NET6, there: true },
  { name: 'raw-socket, IPv4', open: openAddonSocket, net: NET4, there: hasAddon() },
];

describeAsRoot('raw sockets', () => {
  const lab = new NamespaceLab();
  let a: Namespace;
  let b: Namespace;
  const sockets: { close(): void }[] = [];

  const ip = (inside: Namespace, ...args: string[]) =>
    execFileSync(programPath('ip'), ['-n', inside.name, ...args], { encoding: 'utf8' });

  beforeAll(() => {
    a = lab.add('a');
    b = lab.add('b');
    lab.link(a, { address: '10.77.0.1/24' }, b, '10.77.0.2/24');
    ip(a, '-6', 'addr', 'add', 'fd77::1/64', 'dev', 'ta0', 'nodad');
    ip(b, '-6', 'addr', 'add', 'fd77::2/64', 'dev', 'tb0', 'nodad');
    lab.link(a, { address: '10.78.0.1/24' }, b, '10.78.0.2/24', 'other0');
    ip(b, '-6', 'addr', 'add', 'fd78::2/64', 'dev', 'other0', 'nodad');
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
  });

  afterAll(() => lab.remove());

  describe.each(CONTRACTS.filter(({ there }) => there))('$name', ({ open, net }) => {
    /** `heard` fills as messages arrive. */
    function openAt(inside: Namespace, device: string, group: string | null, using = open) {
      const heard: Received[] = [];
      const socket = insideNamespace(inside.name, () =>
        using(
          { family: net.family, receiveOn: device, sendOn: device, group },
          (received) => heard.push(received),
          () => {},
        ),
      );
      sockets.push(socket);
      return { socket, heard };
    }

    /** Messages that have been sent are there; a few turns of the loop tell everybody. */
    async function arrived(heard: readonly Received[], count: number): Promise<void> {
      for (let tries = 0; heard.length < count && tries < 20_000; tries++) await turn();
    }

    const sendFrom = (socket: RawSocket, source: string, destination: string, ttl = 255) =>
      expect(socket.send(MESSAGE, source, destination, ttl)).toBeNull();

    it('hears multicast: bytes, source, destination and TTL as they arrived', async () => {
      const { heard } = openAt(a, 'ta0', net.group);
      const peer = openAt(b, 'tb0', net.group, openFfiSocket).socket;
      sendFrom(peer, net.there, net.group);
      sendFrom(peer, net.there, net.group, 254);
      await arrived(heard, 2);
      const expected = { source: net.there, destination: net.group, message: MESSAGE };
      expect(heard).toEqual([
        { ...expected, ttl: 255 },
        { ...expected, ttl: 254 },
      ]);
    });

    it('sends with the source, TTL and class that it is told', async () => {
      const { heard } = openAt(b, 'tb0', net.group, openFfiSocket);
      const packets: Uint8Array[] = [];
      const whole = insideNamespace(b.name, () => {
        const events = { ipv4: (packet: Uint8Array) => packets.push(Uint8Array.from(packet)), ipv6: () => {} };
        return new RawIpSocket(
          { family: 4, protocol: VRRP_PROTOCOL, receiveOn: 'tb0', sendOn: 'tb0', group: '224.0.0.18' },
          events,
        );
      });
      sockets.push(whole);
      sendFrom(openAt(a, 'ta0', net.group).socket, net.here, net.group, 77);
      await arrived(heard, 1);
      expect(heard).toEqual([{ source: net.here, destination: net.group, ttl: 77, message: MESSAGE }]);
      whole.drain();
      // Version and class, as keepalived has them; IPv6 has no packets here.
      for (const packet of packets) expect([packet[0], packet[1]]).toEqual([0x45, 0xc0]);
      expect(packets.length).toBe(net.family === 4 ? 1 : 0);
    });

    it('sends from an address that is not on the interface yet', async () => {
      const { heard } = openAt(b, 'tb0', net.group, openFfiSocket);
      const other = net.family === 4 ? '10.77.0.200' : 'fd77::200';
      sendFrom(openAt(a, 'ta0', net.group).socket, other, net.group);
      await arrived(heard, 1);
      expect(heard[0]?.source).toBe(other);
    });

    it('sends where the interface has no address at all, from whichever it is told', async () => {
      const { heard } = openAt(b, 'tb0', net.group, openFfiSocket);
      ip(a, 'link', 'add', 'mv0', 'link', 'ta0', 'type', 'macvlan', 'mode', 'bridge');
      ip(a, 'link', 'set', 'mv0', 'addrgenmode', 'none');
      ip(a, 'link', 'set', 'mv0', 'up');
      const { family, group } = net;
      const socket = insideNamespace(a.name, () =>
        open(
          { family, receiveOn: 'ta0', sendOn: 'mv0', group },
          () => {},
          () => {},
        ),
      );
      sockets.push(socket);
      const sources = family === 4 ? [net.here, '10.77.0.200'] : ['fe80::1', net.here, 'fe80::1'];
      for (const source of sources) sendFrom(socket, source, group);
      await arrived(heard, sources.length);
      ip(a, 'link', 'del', 'mv0');
      expect(heard.map(({ source }) => source)).toEqual(sources);
    });

    it('does not hear itself', async () => {
      const { socket, heard } = openAt(a, 'ta0', net.group);
      const peer = openAt(b, 'tb0', net.group, openFfiSocket);
      sendFrom(socket, net.here, net.group);
      await arrived(peer.heard, 1);
      await socket.drain();
      expect(heard).toEqual([]);
    });

    it('joins the group, and leaves it', () => {
      const { socket } = openAt(a, 'ta0', net.group);
      expect(ip(a, 'maddr', 'show', 'dev', 'ta0')).toContain(net.group);
      socket.close();
      expect(ip(a, 'maddr', 'show', 'dev', 'ta0')).not.toContain(`${net.group}\n`);
    });

    it('hears unicast; without a group no multicast', async () => {
      const { heard } = openAt(a, 'ta0', null);
      const peer = openAt(b, 'tb0', net.group, openFfiSocket).socket;
      sendFrom(peer, net.there, net.group);
      sendFrom(peer, net.there, net.here);
      await arrived(heard, 1);
      expect(heard.map(({ destination }) => destination)).toEqual([net.here]);
    });

    it('hears its own interface only', async () => {
      const { heard } = openAt(a, 'ta0', net.group);
      const elsewhere = openAt(a, 'ta1', net.group).heard;
      sendFrom(openAt(b, 'other0', net.group, openFfiSocket).socket, net.there, net.group, 1);
      await arrived(elsewhere, 1);
      sendFrom(openAt(b, 'tb0', net.group, openFfiSocket).socket, net.there, net.group, 2);
      await arrived(heard, 1);
      expect([heard, elsewhere].map((list) => list.map(({ ttl }) => ttl))).toEqual([[2], [1]]);
    });

    it('drain hands over what has arrived, before anything else happens', () => {
      const { socket, heard } = openAt(a, 'ta0', net.group);
      const peer = openAt(b, 'tb0', net.group, openFfiSocket).socket;
      for (let i = 0; i < 10; i++) sendFrom(peer, net.there, net.group);
      void socket.drain();
      expect(heard.length).toBe(10);
    });

    it('says what is wrong', () => {
      expect(() => openAt(a, 'nowhere0', net.group)).toThrow('there is no interface nowhere0');
    });

    it('is silent after it was closed', async () => {
      const { socket, heard } = openAt(a, 'ta0', net.group);
      const peer = openAt(b, 'tb0', net.group, openFfiSocket);
      socket.close();
      socket.close();
      expect(socket.send(MESSAGE, net.here, net.group, 255)).toBeNull();
      sendFrom(peer.socket, net.there, net.group);
      await socket.drain();
      await turn();
      expect([heard, peer.heard]).toEqual([[], []]);
    });
  });
}, ['netns', 'ip']);
