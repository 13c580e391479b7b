/** How long the queues of an io_uring engine are; its tests make them too short. */
export interface RingSizes {
  /** Operations written before they must be handed over. */
  readonly operations: number;
  /** Results that fit before the kernel has to keep them elsewhere. */
  readonly completions: number;
  /** What can be received in one turn before connections fall back to plain reads; a power of two. */
  readonly receiveBuffers: number;
}

const OPERATIONS = 2048;
const COMPLETIONS = 8192;
const RECEIVE_BUFFERS = 128;
export const SIZES: RingSizes = { operations: OPERATIONS, completions: COMPLETIONS, receiveBuffers: RECEIVE_BUFFERS };
