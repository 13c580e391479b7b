import { describe, expect, it } from 'vitest';
import { BpfProgram } from '../../src/sys/bpf.ts';
import { runFilter } from '../support/bpf-machine.ts';

const ask = (program: BpfProgram, number: number, ...args: bigint[]) =>
  runFilter(program.assemble(), { number, architecture: 0, arguments: args });

describe('a BPF program', () => {
  it('is what the kernel reads: code, two distances, a value', () => {
    const program = new BpfProgram();
    program.load(4);
    program.jumpIfEqual(0xc000003e, 'end', null);
    program.return(1);
    program.label('end');
    program.return(0x7fff0000);
    expect(program.assemble().toString('hex').match(/.{16}/g)).toEqual([
      '2000000004000000',
      '150001003e0000c0',
      '0600000001000000',
      '060000000000ff7f',
    ]);
  });

  it('goes where a comparison sends it, either way', () => {
    const program = new BpfProgram();
    program.load(0);
    program.jumpIfEqual(7, 'seven', 'other');
    program.label('seven');
    program.return(70);
    program.label('other');
    program.return(1);
    expect([ask(program, 7).action, ask(program, 8).action]).toEqual([70, 1]);
  });

  it('compares bits', () => {
    const program = new BpfProgram();
    program.load(16);
    program.and(0xf0);
    program.jumpIfEqual(0x30, 'yes');
    program.return(0);
    program.label('yes');
    program.return(1);
    expect([ask(program, 0, 0x3fn).action, ask(program, 0, 0x4fn).action]).toEqual([1, 0]);
  });

  it('knows every label once, and jumps no further than the kernel can', () => {
    const far = new BpfProgram();
    far.jumpIfEqual(1, 'end');
    for (let i = 0; i < 256; i++) far.return(0);
    far.label('end');
    far.return(1);
    expect(() => far.assemble()).toThrow('label end is 256 instructions away');
    expect(() => far.label('end')).toThrow('label end is there twice');
    const lost = new BpfProgram();
    lost.jumpIfEqual(1, 'nowhere');
    expect(() => lost.assemble()).toThrow('there is no label nowhere');
    const back = new BpfProgram();
    back.label('start');
    back.jumpIfEqual(1, 'start');
    expect(() => back.assemble()).toThrow('label start is -1 instructions away');
  });
});
