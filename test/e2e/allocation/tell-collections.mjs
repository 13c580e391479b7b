// Loaded before the program (NODE_OPTIONS=--import): V8 writes a line per garbage collection, and its nursery holds 1 MiB,
// so that each line stands for about a mebibyte that was allocated.
import v8 from 'node:v8';

v8.setFlagsFromString('--trace-gc');
v8.setFlagsFromString('--max-semi-space-size=1');
v8.setFlagsFromString('--min-semi-space-size=1');
