// How much more than haproxy Tandem may spend before the guard complains. Generous: they are to catch a change that
// makes the data path slower by a fifth, on any machine, not to decide who is ahead.

/** work → measure → most that tandem ÷ haproxy may be. */
export const BOUNDS = {
  'keep-alive, 256 connections': { instructions: 1.3, 'system calls': 1.2, CPU: 1.25 },
  'connection per request, 32 at once': { instructions: 1.3, 'system calls': 1.2, CPU: 1.25 },
  '1 MiB bodies, 32 connections': { instructions: 1.3, 'system calls': 1.2, CPU: 1.25 },
  'TCP round trips, 256 connections': { instructions: 1.3, 'system calls': 1.2, CPU: 1.25 },
};
