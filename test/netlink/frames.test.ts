import { expect, it } from 'vitest';
import { gratuitousArp, macBytes, unsolicitedNeighbourAdvertisement } from '../../src/netlink/frames.ts';

const MAC = macBytes('02:77:00:00:00:01');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const wire = (text: string) => text.replaceAll(/\s/g, '');

// Behind the Ethernet header these are keepalived's own (tcpdump).
it('gratuitous ARP is what keepalived sends, and the reply to it', () => {
  const body = '0001 0800 0604 0001 0277 0000 0001 0a4d 0066 ffff ffff ffff 0a4d 0066';
  const request = wire(`ffff ffff ffff 0277 0000 0001 0806 ${body}`);
  expect(hex(gratuitousArp(MAC, '10.77.0.102', 'request'))).toBe(request);
  expect(hex(gratuitousArp(MAC, '10.77.0.102', 'reply'))).toBe(request.replace('06040001', '06040002'));
});

it('unsolicited neighbour advertisement is what keepalived sends', () => {
  const packet = `6000 0000 0020 3aff fd77 0000 0000 0000 0000 0000 0000 0100 ff02 0000 0000 0000 0000 0000 0000 0001
    8800 5738 2000 0000 fd77 0000 0000 0000 0000 0000 0000 0100 0201 0277 0000 0001`;
  const frame = hex(unsolicitedNeighbourAdvertisement(MAC, 'fd77::100', false));
  expect(frame).toBe(wire(`3333 0000 0001 0277 0000 0001 86dd ${packet}`));
});

it('a router says so', () => {
  const frame = unsolicitedNeighbourAdvertisement(MAC, 'fd77::100', true);
  expect(frame[14 + 40 + 4]).toBe(0xa0);
});
