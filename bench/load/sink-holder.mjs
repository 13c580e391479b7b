// The UDP socket that log lines are sent to: prints its port, and reads nothing, so that counting costs no core
// anything; the kernel counts what it drops at a full socket. Ends by signal.
import { createSocket } from 'node:dgram';
import { writeSync } from 'node:fs';

const socket = createSocket('udp4');
socket.bind(0, '127.0.0.1', () => {
  writeSync(1, `port ${socket.address().port}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
