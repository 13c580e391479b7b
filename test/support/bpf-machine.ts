/** Runs a program of src/sys/bpf.ts as the kernel would: every instruction that a seccomp filter of ours may have, no other. */

export interface CallData {
  readonly number: number;
  readonly architecture: number;
  /** Whole 64-bit words. */
  readonly arguments?: readonly bigint[];
}

export interface Verdict {
  readonly action: number;
  readonly instructions: number;
  /** An argument was looked at: the kernel cannot know the answer beforehand. */
  readonly lookedAtArguments: boolean;
}

const DATA_BYTES = 64;
const ARGUMENTS_AT = 16;

export function runFilter(program: Buffer, call: CallData): Verdict {
  const data = Buffer.alloc(DATA_BYTES);
  data.writeUInt32LE(call.number, 0);
  data.writeUInt32LE(call.architecture, 4);
  call.arguments?.forEach((value, index) => {
    data.writeBigUInt64LE(BigInt.asUintN(64, value), ARGUMENTS_AT + index * 8);
  });
  let accumulator = 0;
  let lookedAtArguments = false;
  let at = 0;
  for (let instructions = 1; ; instructions++) {
    if (at * 8 >= program.length) throw new Error('ran over the end');
    const code = program.readUInt16LE(at * 8);
    const k = program.readUInt32LE(at * 8 + 4);
    at++;
    switch (code) {
      case 0x20:
        if (k % 4 !== 0 || k >= DATA_BYTES) throw new Error(`load from ${k}`);
        accumulator = data.readUInt32LE(k);
        lookedAtArguments ||= k >= ARGUMENTS_AT;
        break;
      case 0x54:
        accumulator = (accumulator & k) >>> 0;
        break;
      case 0x15:
        at += program.readUInt8((at - 1) * 8 + (accumulator === k ? 2 : 3));
        break;
      case 0x06:
        return { action: k, instructions, lookedAtArguments };
      default:
        throw new Error(`unknown instruction ${code}`);
    }
  }
}
