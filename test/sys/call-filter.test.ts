/** What the data process may ask of the kernel, on both machines, by running its filter. */
import { describe, expect, it } from 'vitest';
import { dataProcessPolicy } from '../../src/sys/allowed-calls.ts';
import { ALLOW, compileFilter, HIDE, KILL_PROCESS, REFUSE } from '../../src/sys/call-filter.ts';
import { type Machine, numberOf, ownMachine, ownNumber, type SystemCall } from '../../src/sys/system-calls.ts';
import { runFilter } from '../support/bpf-machine.ts';

const ARCHITECTURES = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const PID = 4711;
/** More instructions than this would be felt on kernels that run the filter for each call. */
const MOST_FOR_TRAFFIC = 30;
const TRAFFIC: readonly SystemCall[] = ['io_uring_enter', 'recvfrom', 'sendto', 'epoll_pwait', 'close', 'accept4'];
/** From the headers; no name of our own table, so that a wrong number there is seen. */
const OPENERS = { x64: [2, 85, 257, 437], arm64: [56, 437] } as const;

describe.each<Machine>(['x64', 'arm64'])('the filter of the data process on %s', (machine) => {
  const policy = dataProcessPolicy({ pid: PID, unixServers: false });
  const program = compileFilter(policy, machine).assemble();
  const byNumber = (number: number, args: readonly (bigint | number)[] = []) =>
    runFilter(program, { number, architecture: ARCHITECTURES[machine], arguments: args.map(BigInt) });
  const ask = (call: SystemCall, ...args: (bigint | number)[]) => byNumber(numberOf(call, machine) ?? -1, args).action;

  it('allows what every request needs, without a look at its arguments, in a few instructions', () => {
    for (const call of TRAFFIC) {
      const verdict = byNumber(numberOf(call, machine) ?? -1);
      expect(verdict, call).toMatchObject({ action: ALLOW, lookedAtArguments: false });
      expect(verdict.instructions, call).toBeLessThan(MOST_FOR_TRAFFIC);
    }
  });

  it('allows all that is on its list, and compares nothing there', () => {
    for (const call of policy.allowed) {
      const number = numberOf(call, machine);
      if (number !== null) expect(byNumber(number), call).toMatchObject({ action: ALLOW, lookedAtArguments: false });
    }
  });

  it('ends a process that wants another program, another root, or into the kernel', () => {
    for (const call of policy.deadly) {
      const number = numberOf(call, machine);
      if (number !== null) expect(byNumber(number).action, call).toBe(KILL_PROCESS);
    }
    expect(ask('execve')).toBe(KILL_PROCESS);
    expect(ask('ptrace')).toBe(KILL_PROCESS);
  });

  it('refuses to open files', () => {
    for (const number of OPENERS[machine]) expect(byNumber(number).action, String(number)).toBe(REFUSE);
  });

  it('refuses all that nobody has thought of, and the numbers of another kind of machine', () => {
    const known = new Set(
      [...policy.allowed, ...policy.deadly, ...policy.hidden].map((call) => numberOf(call, machine)),
    );
    for (const { call } of policy.guarded) known.add(numberOf(call, machine));
    for (let number = 0; number < 1024; number++) {
      if (!known.has(number)) expect(byNumber(number).action, String(number)).toBe(REFUSE);
    }
    // The x32 calls of x86-64.
    for (let number = 0x4000_0000; number < 0x4000_0400; number++) expect(byNumber(number).action).toBe(REFUSE);
    expect(runFilter(program, { number: 3, architecture: 0x4000_0003 }).action).toBe(KILL_PROCESS);
  });

  it('starts threads, not processes', () => {
    const threadOfGlibc = 0x3d0f00;
    expect(ask('clone', threadOfGlibc)).toBe(ALLOW);
    expect(ask('clone', 17)).toBe(REFUSE);
    expect(ask('clone', 0x1000_0000)).toBe(REFUSE);
    expect(ask('clone3')).toBe(HIDE);
  });

  it.each([
    ['TCP over IPv4', 2, 1, 0, ALLOW],
    ['TCP over IPv6, not blocking', 10, 0o2004001, 6, ALLOW],
    ['UDP', 2, 2, 17, ALLOW],
    ['a raw socket', 2, 3, 1, REFUSE],
    ['ping', 2, 2, 1, REFUSE],
    ['MPTCP', 2, 1, 262, REFUSE],
    ['SCTP', 10, 1, 132, REFUSE],
    ['a unix socket', 1, 1, 0, REFUSE],
    ['netlink', 16, 3, 0, REFUSE],
    ['packets', 17, 3, 0, REFUSE],
    ['the crypto of the kernel', 38, 5, 0, REFUSE],
    ['virtual machines', 40, 1, 0, REFUSE],
  ])('sockets: %s', (_, family, type, protocol, action) => {
    expect(ask('socket', family, type, protocol)).toBe(action);
  });

  it('opens unix sockets where a server is one, of two kinds', () => {
    const other = compileFilter(dataProcessPolicy({ pid: PID, unixServers: true }), machine).assemble();
    const socket = (...args: number[]) =>
      runFilter(other, {
        number: numberOf('socket', machine) ?? -1,
        architecture: ARCHITECTURES[machine],
        arguments: args.map(BigInt),
      }).action;
    expect([socket(1, 1, 0), socket(1, 5, 0), socket(2, 1, 0), socket(16, 3, 0)]).toEqual([
      ALLOW,
      REFUSE,
      ALLOW,
      REFUSE,
    ]);
  });

  it('signals itself and nobody else', () => {
    for (const call of ['kill', 'tgkill'] as const) {
      expect(ask(call, PID)).toBe(ALLOW);
      for (const pid of [1, 0, -1, PID + 1]) expect(ask(call, pid)).toBe(REFUSE);
    }
  });

  it('sets options of sockets, but gives the kernel no programs and no other protocols', () => {
    expect([ask('setsockopt', 5, 6, 1), ask('setsockopt', 5, 1, 9), ask('setsockopt', 5, 41, 26)]).toEqual([
      ALLOW,
      ALLOW,
      ALLOW,
    ]);
    for (const option of [26, 50, 51, 52]) expect(ask('setsockopt', 5, 1, option)).toBe(REFUSE);
    expect(ask('setsockopt', 5, 6, 31)).toBe(REFUSE);
    expect(ask('setsockopt', 5, 263, 1)).toBe(REFUSE);
  });

  it('types nothing into a terminal', () => {
    expect([ask('ioctl', 1, 0x5421), ask('ioctl', 1, 0x5412), ask('ioctl', 1, 0x541c)]).toEqual([
      ALLOW,
      REFUSE,
      REFUSE,
    ]);
  });

  it('asks about descriptors, not about paths; about itself, not about others', () => {
    expect([ask('newfstatat', 3, 0, 0, 0x1000), ask('newfstatat', -100, 0, 0, 0)]).toEqual([ALLOW, REFUSE]);
    expect([ask('statx', 3, 0, 0x1000), ask('statx', -100, 0, 0)]).toEqual([ALLOW, REFUSE]);
    expect([ask('prlimit64', 0), ask('prlimit64', PID), ask('prlimit64', 1)]).toEqual([ALLOW, ALLOW, REFUSE]);
    // PR_SET_DUMPABLE would open its memory again.
    expect([ask('prctl', 15), ask('prctl', 4), ask('prctl', 22)]).toEqual([ALLOW, REFUSE, REFUSE]);
  });

  it('looks at the 32 bits that the kernel looks at', () => {
    expect(ask('socket', 0x1_0000_0002n, 1, 0)).toBe(ALLOW);
    expect(ask('kill', (7n << 32n) | BigInt(PID))).toBe(ALLOW);
  });
});

describe('numbers of system calls', () => {
  it('are known for the machines that there are', () => {
    expect([ownMachine('x64'), ownMachine('arm64')]).toEqual(['x64', 'arm64']);
    expect(() => ownMachine('riscv64')).toThrow('riscv64');
    expect(ownNumber('getpid')).toBe(numberOf('getpid', ownMachine()));
  });

  it('are different ones for different calls', () => {
    const policy = dataProcessPolicy({ pid: PID, unixServers: true });
    const calls = [...policy.allowed, ...policy.deadly, ...policy.hidden, ...policy.guarded.map(({ call }) => call)];
    for (const machine of ['x64', 'arm64'] as const) {
      const numbers = calls.map((call) => numberOf(call, machine)).filter((number) => number !== null);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });
});
