/** A policy of system calls (allowed-calls.ts) → the program by which the kernel decides. Pure. */
import type { Condition, Policy } from './allowed-calls.ts';
import { BpfProgram } from './bpf.ts';
import { ENOSYS, EPERM } from './constants.ts';
import { type Machine, numberOf, type SystemCall } from './system-calls.ts';

// <linux/seccomp.h>
export const KILL_PROCESS = 0x80000000;
export const REFUSE = 0x00050000 | EPERM;
export const HIDE = 0x00050000 | ENOSYS;
export const ALLOW = 0x7fff0000;

// <linux/audit.h>: a program may call by the numbers of another machine, too (32-bit calls of x86).
const ARCHITECTURES: Readonly<Record<Machine, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;
const ARGUMENTS_AT = 16;
const ARGUMENT_BYTES = 8;
const ALL_BITS = 0xffffffff;

export function compileFilter(policy: Policy, machine: Machine): BpfProgram {
  const program = new BpfProgram();
  const each = (calls: readonly SystemCall[], label: string): void => {
    for (const call of calls) {
      const number = numberOf(call, machine);
      if (number !== null) program.jumpIfEqual(number, label);
    }
  };
  program.load(ARCHITECTURE_AT);
  program.jumpIfEqual(ARCHITECTURES[machine], null, 'kill');
  program.load(NUMBER_AT);
  each(policy.allowed, 'allow');
  for (const { call } of policy.guarded) each([call], `is ${call}`);
  each(policy.hidden, 'hide');
  each(policy.deadly, 'kill');
  program.return(REFUSE);
  for (const { call, forms } of policy.guarded) {
    if (numberOf(call, machine) === null) continue;
    program.label(`is ${call}`);
    forms.forEach((form, index) => {
      const otherwise = index + 1 < forms.length ? `${call} ${index + 1}` : 'refuse';
      if (index > 0) program.label(`${call} ${index}`);
      form.forEach((condition, place) => {
        test(program, condition, `${call} ${index} ${place} holds`, otherwise);
      });
      program.jumpIfEqual(0, 'allow', 'allow');
    });
  }
  program.label('refuse');
  program.return(REFUSE);
  program.label('hide');
  program.return(HIDE);
  program.label('kill');
  program.return(KILL_PROCESS);
  program.label('allow');
  program.return(ALLOW);
  return program;
}

/** Goes on behind itself if the condition holds. */
function test(program: BpfProgram, condition: Condition, holds: string, otherwise: string): void {
  const { argument, mask = ALL_BITS, oneOf, noneOf = [] } = condition;
  program.load(ARGUMENTS_AT + argument * ARGUMENT_BYTES);
  if (mask !== ALL_BITS) program.and(mask);
  for (const value of noneOf) program.jumpIfEqual(value, otherwise);
  if (oneOf === undefined) return;
  oneOf.forEach((value, index) => {
    program.jumpIfEqual(value, holds, index + 1 < oneOf.length ? null : otherwise);
  });
  program.label(holds);
}
