/** What sockets are told, and where connections leave from. A part of poller-contract.ts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatIpv4, formatIpv6 } from '../../src/core/ip-bytes.ts';
import { endpointOf } from '../../src/core/proxy-header.ts';
import type { SourceAddress } from '../../src/core/source-address.ts';
import { ConnectSource } from '../../src/sys/connect-source.ts';
import {
  EADDRNOTAVAIL,
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SO_LINGER,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_USER_TIMEOUT,
} from '../../src/sys/constants.ts';
import { type ConnectOptions, Socket } from '../../src/sys/poller.ts';
import { ANY_CLIENT, PLAIN, type PollerBench, Recorder } from './poller-bench.ts';
import { option, RawAddress, RawPeer, rawListen } from './raw-peer.ts';

const ANYWHERE: SourceAddress = { family: 4, ip: '0.0.0.0', firstPort: 0, lastPort: 0, interface: '', foreign: null };

export function optionsContract(bench: PollerBench): void {
  /** Where connections came from, in order. */
  let seen: string[] = [];
  beforeEach(() => {
    seen = [];
    bench.atAccept = () => {
      const { peerFamily, peerBytes, peerPort } = bench.poller;
      seen.push(`${peerFamily === 4 ? formatIpv4(peerBytes, 0) : formatIpv6(peerBytes, 0)} ${peerPort}`);
    };
  });
  afterEach(() => {
    bench.atAccept = () => undefined;
  });

  function connect(options: ConnectOptions, to: RawAddress = bench.address): Socket {
    const socket = new Socket(new Recorder());
    expect(bench.poller.connect(socket, to.family, to.address, to.lengthBytes, options)).toBe(0);
    return socket;
  }

  function from(source: ConnectSource, to: RawAddress = bench.address): string {
    const before = bench.accepted.length;
    connect({ ...PLAIN, source }, to);
    bench.until(() => bench.accepted.length > before);
    return seen.at(-1) ?? '';
  }

  describe('options', () => {
    it('of connections are those that were asked for', () => {
      const keepAlive = { count: 3, idleS: 11, intervalS: 7 };
      const { fd } = connect({ ...PLAIN, keepAlive, userTimeoutMs: 4321, sendsAtOnce: true });
      expect(option(fd, SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
      expect(option(fd, IPPROTO_TCP, TCP_KEEPCNT)).toBe(3);
      expect(option(fd, IPPROTO_TCP, TCP_KEEPIDLE)).toBe(11);
      expect(option(fd, IPPROTO_TCP, TCP_KEEPINTVL)).toBe(7);
      expect(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT)).toBe(4321);
      expect(option(connect(PLAIN).fd, SOL_SOCKET, SO_KEEPALIVE)).toBe(0);
    });

    it('of the kernel’s own stay where nothing is said of them', () => {
      const plain = connect(PLAIN).fd;
      const probed = connect({ ...PLAIN, keepAlive: { count: 0, idleS: 0, intervalS: 0 } }).fd;
      expect(option(probed, SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
      for (const timer of [TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL]) {
        expect(option(probed, IPPROTO_TCP, timer)).toBe(option(plain, IPPROTO_TCP, timer));
      }
    });

    it('of clients are those of their listener', () => {
      const address = new RawAddress({ family: 4, ip: '127.0.0.1', port: 0 });
      const listening = rawListen(address);
      bench.fds.push(listening);
      bench.poller.listen(listening, 6, { ...ANY_CLIENT, keepAlive: { count: 2, idleS: 9, intervalS: 5 } });
      bench.fds.push(RawPeer.connect(address).fd);
      bench.until(() => bench.accepted.length === 1);
      const [fd = -1] = bench.accepted;
      expect(option(fd, SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
      expect(option(fd, IPPROTO_TCP, TCP_KEEPCNT)).toBe(2);
      expect(option(fd, IPPROTO_TCP, TCP_KEEPIDLE)).toBe(9);
      expect(option(fd, IPPROTO_TCP, TCP_KEEPINTVL)).toBe(5);
    });

    it('let a close reset the client, where the listener says so', () => {
      const address = new RawAddress({ family: 4, ip: '127.0.0.1', port: 0 });
      const listening = rawListen(address);
      bench.fds.push(listening);
      bench.poller.listen(listening, 6, { ...ANY_CLIENT, resets: true });
      const peer = RawPeer.connect(address);
      bench.fds.push(peer.fd);
      bench.until(() => bench.accepted.length === 1);
      const socket = new Socket(new Recorder());
      bench.poller.adopt(socket, bench.accepted[0] ?? -1);
      bench.poller.close(socket, false);
      bench.until(() => {
        peer.read();
        return peer.error !== 0 || peer.sawEnd;
      });
      expect([peer.error, peer.sawEnd]).toEqual([104, false]);
    });
  });

  it('options of a listener are those that it was given last', () => {
    const address = new RawAddress({ family: 4, ip: '127.0.0.1', port: 0 });
    const listening = rawListen(address);
    bench.fds.push(listening);
    const probes = { count: 0, idleS: 0, intervalS: 0 };
    bench.poller.leaveAccept(bench.poller.listen(listening, 6, { ...ANY_CLIENT, keepAlive: probes, resets: true }));
    bench.poller.listen(listening, 6, ANY_CLIENT);
    bench.fds.push(RawPeer.connect(address).fd);
    bench.until(() => bench.accepted.length === 1);
    expect(option(bench.accepted[0] ?? -1, SOL_SOCKET, SO_KEEPALIVE)).toBe(0);
    expect(option(bench.accepted[0] ?? -1, SOL_SOCKET, SO_LINGER)).toBe(0);
  });

  describe('a connection leaves', () => {
    it('from an address', () => {
      expect(from(new ConnectSource({ ...ANYWHERE, ip: '127.0.0.7' }))).toMatch(/^127\.0\.0\.7 \d+$/);
    });

    it('from wherever the kernel likes, if it is none', () => {
      expect(from(new ConnectSource(ANYWHERE))).toMatch(/^127\.0\.0\.1 \d+$/);
    });

    it('from an address and a port, which is free again for the next one at once', () => {
      const other = new RawAddress({ family: 4, ip: '127.0.0.1', port: 0 });
      bench.fds.push(rawListen(other));
      const port = 23_900 + (process.pid % 50);
      const source = new ConnectSource({ ...ANYWHERE, ip: '127.0.0.8', firstPort: port, lastPort: port });
      expect(from(source)).toBe(`127.0.0.8 ${port}`);
      // To another server at the same time.
      connect({ ...PLAIN, source }, other);
    });

    it('from the ports of a range, in turn, past those that are taken', () => {
      const first = 23_950;
      const range = { ...ANYWHERE, ip: '127.0.0.9', firstPort: first, lastPort: first + 2 };
      const source = new ConnectSource(range);
      const ports = [from(source), from(source), from(source)];
      expect(ports).toEqual([`127.0.0.9 ${first}`, `127.0.0.9 ${first + 1}`, `127.0.0.9 ${first + 2}`]);
      const another = new ConnectSource(range);
      const { family, address, lengthBytes } = bench.address;
      const refused = new Socket(new Recorder());
      // All three are connected to this server.
      expect(bench.poller.connect(refused, family, address, lengthBytes, { ...PLAIN, source: another })).toBe(
        EADDRNOTAVAIL,
      );
      expect(refused.fd).toBe(-1);
    });

    it('from somebody else’s address, and from the own one again', () => {
      const source = new ConnectSource({ ...ANYWHERE, ip: '127.0.0.10' });
      source.useForeign(endpointOf('127.0.0.11', 0));
      expect(from(source)).toMatch(/^127\.0\.0\.11 \d+$/);
      source.useForeign({ family: 0, address: new Uint8Array(0), port: 0 });
      expect(from(source)).toMatch(/^127\.0\.0\.10 \d+$/);
    });

    it('from an IPv6 address', () => {
      const six = new RawAddress({ family: 6, ip: '::1', port: 0 });
      const listening = rawListen(six);
      bench.fds.push(listening);
      bench.poller.listen(listening, 7, ANY_CLIENT);
      const source = new ConnectSource({ ...ANYWHERE, family: 6, ip: '::' });
      source.useForeign(endpointOf('::1', 0));
      expect(from(source, six)).toMatch(/^::1 \d+$/);
    });

    it('from an address of another family not at all, nor from one that is nobody’s', () => {
      const { family, address, lengthBytes } = bench.address;
      for (const ip of ['::1', '192.0.2.77']) {
        const source = new ConnectSource({ ...ANYWHERE, family: ip === '::1' ? 6 : 4, ip });
        const socket = new Socket(new Recorder());
        expect(bench.poller.connect(socket, family, address, lengthBytes, { ...PLAIN, source })).not.toBe(0);
        expect(socket.fd).toBe(-1);
      }
    });

    it('by an interface', () => {
      expect(from(new ConnectSource({ ...ANYWHERE, interface: 'lo' }))).toMatch(/^127\.0\.0\.1 \d+$/);
    });

    it('and its own end is known', () => {
      const socket = connect({ ...PLAIN, source: new ConnectSource({ ...ANYWHERE, ip: '127.0.0.12' }) });
      bench.until(() => bench.accepted.length === 1);
      const { family, address, port } = bench.poller.localEnd(socket);
      expect(`${family} ${formatIpv4(address, 0)} ${port}`).toBe(`4 ${seen[0]}`);
    });
  });
}
