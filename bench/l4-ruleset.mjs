// How long nft takes for 1,000 services of 10 servers, in a namespace of its own: all of it, and a change of one server.
//   npm run build && node bench/l4-ruleset.mjs [--services 1000] [--servers 10] [--rounds 5]
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Rulesets, rulesetChange, rulesetText } from '../dist/l4/ruleset.js';

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '1000' },
    servers: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
  },
});
const SERVICES = Number(values.services);
const SERVERS = Number(values.servers);
const home = `tdm${process.pid}-l4`;

const KINDS = [
  ['NAT', {}],
  ['NAT, persistent', { persistence: { timeoutS: 360, prefixLength: 32 } }],
  ['DR', {}],
  ['DR, persistent', { persistence: { timeoutS: 360, prefixLength: 32 } }],
  ['NAT, IPv6', { family: 6 }],
];

function services(kind, more) {
  const family = more.family ?? 4;
  const forwarding = kind.startsWith('DR') ? 'DR' : 'NAT';
  return Array.from({ length: SERVICES }, (_, i) => {
    const vip = family === 4 ? `192.0.${i >> 8}.${i & 255}` : `2001:db8::${i.toString(16)}`;
    return {
      ...{
        key: `192_0_${i >> 8}_${i & 255}_tcp_80`,
        name: `[${vip}]:tcp:80`,
        family,
        protocol: 'TCP',
        scheduler: 'rr',
      },
      ...{ places: [{ family, first: vip, last: vip, firstPort: 80, lastPort: 80 }], marks: [], hashesPort: false },
      ...{ onePacket: false, persistence: null, flowTimeouts: { tcpS: 900, tcpEdgeS: 60, datagramS: 300 }, ...more },
      destinations: Array.from({ length: SERVERS }, (_, n) => {
        const ip = family === 4 ? `10.${i >> 8}.${i & 255}.${n + 1}` : `fd00::${i.toString(16)}:${n + 1}`;
        return {
          ...{ key: `s${n}`, address: { family, ip, port: forwarding === 'DR' ? 0 : 8080 }, weight: 1 },
          ...{ upperThreshold: 0, lowerThreshold: 0, forwarding },
        };
      }),
    };
  });
}

function nft(text) {
  const start = performance.now();
  execFileSync('ip', ['netns', 'exec', home, 'nft', '-f', '-'], { input: text });
  return performance.now() - start;
}

const links = { interfaces: [{ name: 'lo', index: 1 }], deviceOf: () => ({ name: 'lo', index: 1 }) };
const shown = (ms) => `${ms.toFixed(1).padStart(7)} ms`;

execFileSync('ip', ['netns', 'add', home]);
try {
  console.log(`${SERVICES} services of ${SERVERS} servers; best of ${values.rounds}`);
  console.log('                     whole: text         nft     change: text        nft');
  for (const [kind, more] of KINDS) {
    const best = [Infinity, Infinity, Infinity, Infinity];
    for (let round = 0; round < Number(values.rounds); round++) {
      const rulesets = new Rulesets();
      const all = services(kind, more);
      const times = [];
      let start = performance.now();
      const before = rulesets.of(all, links);
      const whole = rulesetText(before);
      times.push(performance.now() - start, nft(whole));
      const one = all[SERVICES >> 1];
      const next = all.map((each) => (each === one ? { ...one, destinations: one.destinations.slice(1) } : each));
      start = performance.now();
      const change = rulesetChange(before, rulesets.of(next, links));
      times.push(performance.now() - start, nft(change));
      times.forEach((time, i) => {
        best[i] = Math.min(best[i], time);
      });
    }
    console.log(`${kind.padEnd(16)} ${best.map(shown).join('  ')}`);
  }
} finally {
  execFileSync('ip', ['netns', 'delete', home]);
}
