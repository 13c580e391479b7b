/**
 * Where data threads wait until they may go on: word 0 of a memory that they share with the main thread of their process.
 *
 *   loading (0) ─▶ confine (1): the process has given up its rights, each thread gives up its own ─▶ open (2): serve
 *
 * Word 1 counts the threads that have been told to stop.
 */
export const GATE_LOADING = 0;
export const GATE_CONFINE = 1;
export const GATE_OPEN = 2;
