/** setsockopt(2) with values that JavaScript has: numbers, text, bytes. Throws an Error that says what could not be set. */
import { errorText } from '../core/error-text.ts';
import { SO_BINDTODEVICE, SOL_SOCKET } from './constants.ts';
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';

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
