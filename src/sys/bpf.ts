/**
 * An assembler for classic BPF, as far as a seccomp filter needs it (seccomp(2), <linux/filter.h>): a program looks at one
 * `struct seccomp_data` and returns what is to happen.
 *
 *   seccomp_data   [ number | architecture | instruction pointer 8 | argument 0 … 5, 8 bytes each ]
 *   instruction    [ code 2 | jump if true 1 | jump if false 1 | k 4 ]
 *
 * Jumps go forward only, to labels, and no further than 255 instructions: further is an error of whoever wrote the program.
 */

const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const JUMP_IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
const INSTRUCTION_BYTES = 8;
const FURTHEST = 255;

interface Draft {
  readonly code: number;
  readonly k: number;
  /** Where to go on; null: with the next instruction. */
  readonly ifTrue: string | null;
  readonly ifFalse: string | null;
}

export class BpfProgram {
  readonly #drafts: Draft[] = [];
  readonly #labels = new Map<string, number>();

  /** Loads the 32 bits at `offset` of the data. */
  load(offset: number): void {
    this.#add(LOAD_WORD, offset);
  }

  and(mask: number): void {
    this.#add(AND, mask);
  }

  jumpIfEqual(value: number, ifTrue: string | null, ifFalse: string | null = null): void {
    this.#add(JUMP_IF_EQUAL, value, ifTrue, ifFalse);
  }

  return(action: number): void {
    this.#add(RETURN, action);
  }

  /** The next instruction is `name`. */
  label(name: string): void {
    if (this.#labels.has(name)) throw new Error(`label ${name} is there twice`);
    this.#labels.set(name, this.#drafts.length);
  }

  get length(): number {
    return this.#drafts.length;
  }

  /** As the kernel wants it: `length` times `struct sock_filter`. */
  assemble(): Buffer {
    const bytes = Buffer.alloc(this.length * INSTRUCTION_BYTES);
    this.#drafts.forEach(({ code, k, ifTrue, ifFalse }, index) => {
      const at = index * INSTRUCTION_BYTES;
      bytes.writeUInt16LE(code, at);
      bytes.writeUInt8(this.#distance(index, ifTrue), at + 2);
      bytes.writeUInt8(this.#distance(index, ifFalse), at + 3);
      bytes.writeUInt32LE(k >>> 0, at + 4);
    });
    return bytes;
  }

  #add(code: number, k: number, ifTrue: string | null = null, ifFalse: string | null = null): void {
    this.#drafts.push({ code, k, ifTrue, ifFalse });
  }

  #distance(from: number, label: string | null): number {
    if (label === null) return 0;
    const to = this.#labels.get(label);
    if (to === undefined) throw new Error(`there is no label ${label}`);
    const distance = to - from - 1;
    if (distance < 0 || distance > FURTHEST) throw new Error(`label ${label} is ${distance} instructions away`);
    return distance;
  }
}
