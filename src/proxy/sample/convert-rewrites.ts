/** Converters that write another text: case, choices, masks, regular expressions. */
import { readIp4, readIp6 } from './address.ts';
import { unmapped } from './cast.ts';
import type { Converter } from './converters.ts';
import { usableServers } from './fetch-proxies.ts';
import { substitute } from './substitution.ts';
import { SAMPLE_ADDRESS, SAMPLE_BOOL, SAMPLE_IP4, SAMPLE_IP6, SAMPLE_TEXT, SampleValue } from './value.ts';

const UPPER_A = 65;
const LOWER_A = 97;
const LETTERS = 26;
const CASE = 32;

/** Letters from `first` on change their case. */
function withCase(first: number): Converter {
  return {
    takes: SAMPLE_TEXT,
    make: () => (value) => {
      value.own();
      const { bytes, end } = value;
      for (let at = value.start; at < end; at++) {
        const letter = (bytes[at] as number) - first;
        if (letter >= 0 && letter < LETTERS) bytes[at] = (bytes[at] as number) ^ CASE;
      }
      return true;
    },
  };
}

const ipmask: Converter = {
  takes: SAMPLE_ADDRESS,
  make: (args) => {
    const scratch = new SampleValue(16);
    const text = args.bytes(0);
    readIp4(scratch, text, 0, text.length);
    const mask = scratch.number;
    const text6 = args.bytes(1);
    const mask6 = readIp6(scratch, text6, 0, text6.length) ? Buffer.from(scratch.bytes.subarray(0, 16)) : null;
    return (value) => {
      if (value.type === SAMPLE_IP4 || unmapped(value)) return value.setIp4(value.number & mask);
      if (mask6 === null) return false;
      const into = value.other();
      for (let i = 0; i < 16; i++) into[i] = (value.bytes[value.start + i] as number) & (mask6[i] as number);
      return value.setRange(SAMPLE_IP6, into, 0, 16);
    };
  },
};

export const REWRITES: Readonly<Record<string, Converter>> = {
  lower: withCase(UPPER_A),
  upper: withCase(LOWER_A),
  ipmask,
  iif: {
    takes: SAMPLE_BOOL,
    make: (args) => {
      const yes = args.bytes(0);
      const no = args.bytes(1);
      return (value) => {
        const text = value.number === 0 ? no : yes;
        return value.setRange(SAMPLE_TEXT, text, 0, text.length);
      };
    },
  },
  regsub: {
    takes: SAMPLE_TEXT,
    make: (args) => substitute(args.text(0), args.text(1), args.text(2)),
  },
  // The name of a backend becomes the number of its servers.
  nbsrv: {
    takes: SAMPLE_TEXT,
    make: () => (value, scope) => {
      const { proxies, shared } = scope.context;
      for (const proxy of proxies) {
        if (!proxy.plan.isBackend || !hasName(proxy.name, value)) continue;
        return value.setInteger(usableServers(shared, proxy));
      }
      return false;
    },
  },
};

function hasName(name: Buffer, { bytes, start, end }: SampleValue): boolean {
  return name.length === end - start && name.compare(bytes, start, end) === 0;
}
