/**
 * Memory that never moves: pages from mmap, seen as a Buffer by JavaScript and as a number by the kernel. The garbage
 * collector owns none of it. Regions live as long as the process, unless `unmap` is called.
 *
 * Addresses below 2^31 are small integers for V8; others are objects that are made anew for each call that takes one. So
 * private pages are asked for down there, at a place that is not always the same.
 */
import { systemRandom } from '../core/random.ts';

import {
  MAP_ANONYMOUS,
  MAP_FAILED,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
} from './constants.ts';
import * as libc from './libc.ts';

const PAGE_BYTES = 4096;
/** Above where a program and its heap usually are. The kernel takes such a place if it is free, and another one if not. */
const LOW_START = 0x6000_0000;
const LOW_END = 0x8000_0000;
const LOW_TRIES = 8;

export interface Region {
  /** Where it starts, as the kernel wants it. */
  readonly address: number;
  readonly sizeBytes: number;
  readonly bytes: Buffer;
}

function map(sizeBytes: number, flags: number, fd: number, offset = 0, hint = 0): Region {
  const address = libc.mmap(hint, sizeBytes, PROT_READ | PROT_WRITE, flags, fd, offset);
  if (address >= MAP_FAILED - 4096 || address <= 0) {
    throw new Error(`mmap of ${sizeBytes} bytes failed, errno ${libc.errno()}`);
  }
  return { address, sizeBytes, bytes: Buffer.from(libc.view(address, sizeBytes)) };
}

/** Private zeroed pages; the kernel backs them when they are first touched. */
export function allocate(sizeBytes: number): Region {
  for (let i = 0; i < LOW_TRIES; i++) {
    const from = LOW_START + Math.floor(systemRandom.next() * (LOW_END - LOW_START));
    const hint = from - (from % PAGE_BYTES);
    const region = map(sizeBytes, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, hint);
    if (region.address + sizeBytes <= LOW_END) return region;
    unmap(region);
  }
  return map(sizeBytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/** What the kernel shares at `offset` of a descriptor of its own (a ring). */
export function mapKernel(fd: number, offset: number, sizeBytes: number): Region {
  return map(sizeBytes, MAP_SHARED | MAP_POPULATE, fd, offset);
}

/** The pages behind a memfd, shared with every process that maps it. */
export function mapShared(fd: number, sizeBytes: number): Region {
  return map(sizeBytes, MAP_SHARED, fd);
}

/** A new memfd of `sizeBytes` zero bytes; the caller owns the descriptor. Throws when the kernel refuses. */
export function createSharedFd(name: string, sizeBytes: number): number {
  const fd = libc.memfdCreate(name, 1 /* MFD_CLOEXEC */);
  if (fd < 0) throw new Error(`memfd_create failed, errno ${libc.errno()}`);
  resizeShared(fd, sizeBytes);
  return fd;
}

/** What is cut off is gone, what is added is zero. Nobody may touch pages behind the end meanwhile. */
export function resizeShared(fd: number, sizeBytes: number): void {
  if (libc.ftruncate(fd, sizeBytes) < 0) throw new Error(`ftruncate failed, errno ${libc.errno()}`);
}

export function unmap(region: Region): void {
  libc.munmap(region.address, region.sizeBytes);
}

/** A small scratch region for options, addresses and other structs that go to the kernel one call at a time. */
const SCRATCH_BYTES = 4096;
const scratch = allocate(SCRATCH_BYTES);
export const scratchAddress = scratch.address;
export const scratchBytes = scratch.bytes;
