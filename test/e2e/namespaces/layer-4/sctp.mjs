// The first two packets of SCTP associations (RFC 9260, 3.3.2 and 3.3.3) over raw sockets, as kernels may have no SCTP of their own:
//   node sctp.mjs serve ADDRESS        answers every INIT with an INIT ACK whose window is the last number of ADDRESS
//   node sctp.mjs ask FROM ADDRESS PORT COUNT   COUNT INITs, each from another port: a line of the windows that came back
import koffi from 'koffi';

const [AF_INET, SOCK_RAW, IPPROTO_SCTP, MSG_DONTWAIT] = [2, 3, 132, 0x40];
const [INIT, INIT_ACK] = [1, 2];
const lib = koffi.load(null);
const socket = lib.func('int socket(int, int, int)');
const bind = lib.func('int bind(int, const void *, uint32_t)');
const sendto = lib.func('int64_t sendto(int, const void *, size_t, int, const void *, uint32_t)');
const recv = lib.func('int64_t recv(int, _Out_ void *, size_t, int)');

const [what, own, ...rest] = process.argv.slice(2);
const fd = socket(AF_INET, SOCK_RAW, IPPROTO_SCTP);
if (fd < 0 || bind(fd, place(own), 16) !== 0) throw new Error('no raw socket');

function place(ip) {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.set(ip.split('.').map(Number), 4);
  return bytes;
}

// CRC32c, RFC 9260, Appendix A.
function checksum(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function send(ip, { from, to, tag, type, window }) {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt16BE(from, 0);
  bytes.writeUInt16BE(to, 2);
  bytes.writeUInt32BE(tag, 4);
  bytes.set([type, 0, 0, 20], 12);
  bytes.writeUInt32BE(4711, 16);
  bytes.writeUInt32BE(window, 20);
  bytes.set([0, 1, 0, 1, 0, 0, 0, 1], 24);
  bytes.writeUInt32LE(checksum(bytes), 8);
  sendto(fd, bytes, bytes.length, 0, place(ip), 16);
}

function onPacket(take) {
  const buffer = Buffer.alloc(2048);
  setInterval(() => {
    for (;;) {
      const size = Number(recv(fd, buffer, buffer.length, MSG_DONTWAIT));
      if (size <= 0) return;
      const sctp = buffer.subarray((buffer[0] & 15) * 4, size);
      const [from, to] = [sctp.readUInt16BE(0), sctp.readUInt16BE(2)];
      const head = { from, to, type: sctp[12], window: sctp.readUInt32BE(20), right: sctp.readUInt32LE(8) };
      sctp.writeUInt32LE(0, 8);
      if (checksum(sctp) === head.right) take([...buffer.subarray(12, 16)].join('.'), head);
    }
  }, 5);
}

if (what === 'serve') {
  const window = Number(own.split('.')[3]);
  onPacket((ip, { from, to, type }) => {
    if (type === INIT) send(ip, { from: to, to: from, tag: 4711, type: INIT_ACK, window });
  });
  process.stdout.write('ready\n');
} else {
  const [ip, port, count] = rest;
  const windows = new Map();
  onPacket((_, { to, type, window }) => {
    if (type !== INIT_ACK) return;
    windows.set(to, window);
    if (windows.size < Number(count)) return;
    process.stdout.write(`${[...windows.values()].join(' ')}\n`);
    process.exit();
  });
  setTimeout(() => process.exit(1), 20_000);
  const ask = () => {
    for (let from = 30_000; from < 30_000 + Number(count); from++)
      if (!windows.has(from)) send(ip, { from, to: Number(port), tag: 0, type: INIT, window: 0 });
  };
  ask();
  setInterval(ask, 1000);
}
