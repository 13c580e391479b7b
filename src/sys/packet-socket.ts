/**
 * Ethernet frames out of an interface through AF_PACKET (packet(7)): gratuitous ARP and unsolicited neighbour
 * advertisements. It hears nothing. Not here: the frames (src/netlink/frames.ts).
 */
import { errorText } from '../core/error-text.ts';
import { AF_PACKET, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_RAW } from './constants.ts';
import * as libc from './libc.ts';
import { allocate } from './memory.ts';
import { interfaceIndex } from './socket-options.ts';

const FRAME = 32;
const FRAME_BYTES = 2048;
const region = allocate(FRAME + FRAME_BYTES);

let shared = -1;

/** Sends one frame, which starts with its Ethernet header; null, or what is wrong. */
export function sendFrame(device: string, frame: Uint8Array): string | null {
  if (shared < 0) {
    // Protocol 0: nothing is received.
    shared = libc.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (shared < 0) return `packet socket: ${errorText(libc.errno())}`;
  }
  const index = interfaceIndex(device);
  if (index === 0) return `there is no interface ${device}`;
  const { bytes, address } = region;
  // struct sockaddr_ll { family, protocol (BE), index, hatype, pkttype, halen, addr[8] }
  bytes.fill(0, 0, FRAME);
  bytes.writeUInt16LE(AF_PACKET, 0);
  bytes.writeUInt16BE(((frame[12] ?? 0) << 8) | (frame[13] ?? 0), 2);
  bytes.writeInt32LE(index, 4);
  bytes[11] = 6;
  bytes.set(frame.subarray(0, 6), 12);
  bytes.set(frame.subarray(0, FRAME_BYTES), FRAME);
  const sent = libc.sendto(shared, address + FRAME, frame.length, MSG_DONTWAIT, address, 20);
  return sent === frame.length ? null : `${device}: ${errorText(libc.errno())}`;
}
