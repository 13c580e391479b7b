// Clients that are slow on purpose, thousands of them, in a process of their own:
//
//   node attackers.mjs KIND PORT COUNT [EVERY_MS]      KIND: one of ATTACKS (attacks.mjs); EVERY_MS: between two bytes (1000)
//
// Prints `ready` when all stand and have said their first words. A line on stdin is answered by one of JSON:
// { standing, ended: { "408": 3, "fin": 1, "reset": 2 } } — the status that a connection was ended with, or how else. Ends
// with its stdin.
//
// On the system calls of src/sys, not on node:net: 10,000 of them must not take the time of those whose time is measured,
// and a tiny receive window has to be there before the handshake.
import { createInterface } from 'node:readline';
import {
  AF_INET,
  EAGAIN,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SO_LINGER,
  SO_RCVBUF,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_MAXSEG,
} from '../../dist/sys/constants.js';
import * as libc from '../../dist/sys/libc.js';
import { allocate } from '../../dist/sys/memory.js';
import { writeSockaddr } from '../../dist/sys/sockaddr.js';
import { setBytesOption, setIntOption } from '../../dist/sys/socket-options.js';
import { ATTACKS } from './attacks.mjs';

const [kind, port, count, everyMs = 1000] = process.argv.slice(2).map((word, i) => (i === 0 ? word : Number(word)));
const attack = ATTACKS[kind];
const TICK_MS = 10;
/** New connections in a tick: no accept queue must overflow. */
const CONNECTS_PER_TICK = 64;
const TINY_WINDOW_BYTES = 1024;
const TINY_SEGMENT_BYTES = 536;
const RESET_ON_CLOSE = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
const CONNECTING = 0;
const STANDS = 1;
const GONE = 2;

const fds = new Int32Array(count).fill(-1);
const states = new Uint8Array(count);
const turns = new Int32Array(count);
const ended = {};
let opened = 0;
let standing = 0;
let saidReady = false;
let cursor = 0;

const address = allocate(64);
const addressLength = writeSockaddr(address.bytes, 0, { family: 4, ip: '127.0.0.1', port });
const incoming = allocate(4096);
const texts = new Map();

/** A text where the kernel can read it. */
function placed(text) {
  let place = texts.get(text);
  if (place === undefined) {
    const region = allocate(Math.max(text.length, 1));
    region.bytes.write(text, 'latin1');
    place = { address: region.address, length: text.length };
    texts.set(text, place);
  }
  return place;
}

function say(i, text) {
  const { address: from, length } = placed(text);
  return libc.send(fds[i], from, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

function open(i) {
  const fd = libc.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) throw new Error(`socket: errno ${libc.errno()}`);
  fds[i] = fd;
  // Resets leave no TIME_WAIT behind, which the next attackers would meet.
  setBytesOption(fd, SOL_SOCKET, SO_LINGER, RESET_ON_CLOSE);
  if (attack.tinyWindow) {
    setIntOption(fd, SOL_SOCKET, SO_RCVBUF, TINY_WINDOW_BYTES);
    setIntOption(fd, IPPROTO_TCP, TCP_MAXSEG, TINY_SEGMENT_BYTES);
  }
  libc.connect(fd, address.address, addressLength);
}

function end(i, how) {
  if (states[i] === STANDS) standing--;
  states[i] = GONE;
  ended[how] = (ended[how] ?? 0) + 1;
  libc.close(fds[i]);
  fds[i] = -1;
}

/** The next words of one that stands, or a sip of what it is told; a first word that cannot be said yet is said later. */
function step(i) {
  if (states[i] === GONE || fds[i] < 0) return;
  if (states[i] === CONNECTING) {
    const sent = say(i, attack.opening);
    if (sent < 0 && libc.errno() === EAGAIN) return;
    if (sent < 0) return end(i, 'refused');
    states[i] = STANDS;
    standing++;
    return;
  }
  if (attack.tinyWindow) return hear(i);
  if (say(i, attack.next(turns[i]++)) < 0 && libc.errno() !== EAGAIN) hear(i);
}

/** What it was told, if anything: a status, unless it is a reader. */
function hear(i) {
  if (states[i] !== STANDS) return;
  const got = libc.recv(fds[i], incoming.address, attack.reads, MSG_DONTWAIT);
  if (got === 0) return end(i, 'fin');
  if (got < 0) return libc.errno() === EAGAIN ? undefined : end(i, 'reset');
  if (!attack.tinyWindow) end(i, incoming.bytes.toString('latin1', 9, 12));
}

function tick() {
  for (let i = 0; i < CONNECTS_PER_TICK && opened < count; i++) open(opened++);
  if (standing + gone() < opened) for (let i = 0; i < opened; i++) if (states[i] === CONNECTING) step(i);
  if (!saidReady && opened === count && standing + gone() === count) {
    saidReady = true;
    console.log('ready');
  }
  // Each of them once in EVERY_MS, spread evenly.
  const share = Math.ceil((opened * TICK_MS) / everyMs);
  for (let n = 0; n < share && attack.acts; n++) {
    step(cursor);
    cursor = (cursor + 1) % opened;
  }
}

function gone() {
  return Object.values(ended).reduce((sum, one) => sum + one, 0);
}

const lines = createInterface({ input: process.stdin });
lines.on('line', () => {
  for (let i = 0; i < opened; i++) hear(i);
  console.log(JSON.stringify({ standing, ended }));
});
lines.on('close', () => process.exit(0));
setInterval(tick, TICK_MS);
