/** setsockopt(2) with values that JavaScript has: numbers, text, bytes. `set…` throw an Error that says what could not be set. */
import { errorText } from '../core/error-text.ts';
import type { KeepAliveTimers } from '../core/keep-alive.ts';
import {
  IPPROTO_TCP,
  SO_BINDTODEVICE,
  SO_KEEPALIVE,
  SO_LINGER,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
} from './constants.ts';
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';

/** False: the kernel refuses, and nobody minds. */
export function setOption(fd: number, level: number, option: number, value: number): boolean {
  scratchBytes.writeInt32LE(value, 0);
  return libc.setsockopt(fd, level, option, scratchAddress, 4) === 0;
}

/** SO_KEEPALIVE, with what is said about it. */
export function probeWhenSilent(fd: number, { count, idleS, intervalS }: KeepAliveTimers): void {
  setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  if (count > 0) setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, count);
  if (idleS > 0) setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, idleS);
  if (intervalS > 0) setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, intervalS);
}

/** Its close will throw away what has not left, and answer with RST. */
export function closeHard(fd: number, on = true): void {
  scratchBytes.writeInt32LE(on ? 1 : 0, 0);
  scratchBytes.writeInt32LE(0, 4);
  libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, scratchAddress, 8);
}

export function setIntOption(fd: number, level: number, option: number, value: number): void {
  scratchBytes.writeInt32LE(value, 0);
  set(fd, level, option, 4);
}

export function setBytesOption(fd: number, level: number, option: number, value: Uint8Array): void {
  scratchBytes.set(value, 0);
  set(fd, level, option, value.length);
}

export function bindToDevice(fd: number, device: string): void {
  setBytesOption(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`));
}

/** 0: there is no such interface. */
export function interfaceIndex(name: string): number {
  return libc.ifNameToIndex(name);
}

function set(fd: number, level: number, option: number, length: number): void {
  if (libc.setsockopt(fd, level, option, scratchAddress, length) === 0) return;
  throw new Error(`setsockopt(${level}, ${option}): ${errorText(libc.errno())}`);
}
