/**
 * Where a line of text leaves the process: one system call a line, from memory that does not move, never waiting. What
 * the kernel does not take at once is lost, and the caller counts it. Kinds: datagram.ts, descriptor.ts.
 */
export interface Outlet {
  /** Sends `length` bytes at `address` as one message; false: lost. */
  send(address: number, length: number): boolean;
  close(): void;
}
