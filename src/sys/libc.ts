/**
 * The C library's calls that Node has no binding for, through FFI. Only src/sys imports this file.
 *
 * Pointers are declared `uintptr_t` and passed as plain numbers (memory from src/sys/memory.ts); a call costs 0.1 to
 * 0.2 µs above the system call. A call that fails returns -1; read `errno()` then and only then.
 */
import koffi from 'koffi';
import { ownNumber } from './system-calls.ts';

const c = koffi.load(null);

export const socket = c.func('int socket(int, int, int)') as (domain: number, type: number, protocol: number) => number;
export const setsockopt = c.func('int setsockopt(int, int, int, uintptr_t, uint)') as (
  fd: number,
  level: number,
  option: number,
  value: number,
  length: number,
) => number;
export const getsockopt = c.func('int getsockopt(int, int, int, uintptr_t, uintptr_t)') as (
  fd: number,
  level: number,
  option: number,
  value: number,
  length: number,
) => number;
export const bind = c.func('int bind(int, uintptr_t, uint)') as (fd: number, address: number, length: number) => number;
export const listen = c.func('int listen(int, int)') as (fd: number, backlog: number) => number;
export const accept4 = c.func('int accept4(int, uintptr_t, uintptr_t, int)') as (
  fd: number,
  address: number,
  length: number,
  flags: number,
) => number;
export const connect = c.func('int connect(int, uintptr_t, uint)') as (
  fd: number,
  address: number,
  length: number,
) => number;
export const getsockname = c.func('int getsockname(int, uintptr_t, uintptr_t)') as (
  fd: number,
  address: number,
  length: number,
) => number;
export const getpeername = c.func('int getpeername(int, uintptr_t, uintptr_t)') as (
  fd: number,
  address: number,
  length: number,
) => number;
export const recv = c.func('long recv(int, uintptr_t, unsigned long, int)') as (
  fd: number,
  buffer: number,
  length: number,
  flags: number,
) => number;
export const send = c.func('long send(int, uintptr_t, unsigned long, int)') as (
  fd: number,
  buffer: number,
  length: number,
  flags: number,
) => number;
export const sendto = c.func('long sendto(int, uintptr_t, unsigned long, int, uintptr_t, uint)') as (
  fd: number,
  buffer: number,
  length: number,
  flags: number,
  address: number,
  addressLength: number,
) => number;
/** Both take a `struct msghdr`: 56 bytes on x86-64 and arm64. */
export const recvmsg = c.func('long recvmsg(int, uintptr_t, int)') as (
  fd: number,
  message: number,
  flags: number,
) => number;
export const ifNameToIndex = c.func('uint if_nametoindex(const char *)') as (name: string) => number;
export const write = c.func('long write(int, uintptr_t, unsigned long)') as (
  fd: number,
  buffer: number,
  length: number,
) => number;
export const read = c.func('long read(int, uintptr_t, unsigned long)') as (
  fd: number,
  buffer: number,
  length: number,
) => number;
export const pipe2 = c.func('int pipe2(uintptr_t, int)') as (fds: number, flags: number) => number;
export const shutdown = c.func('int shutdown(int, int)') as (fd: number, how: number) => number;
export const close = c.func('int close(int)') as (fd: number) => number;
export const fcntl = c.func('int fcntl(int, int, long)') as (fd: number, command: number, argument: number) => number;
export const dup2 = c.func('int dup2(int, int)') as (from: number, to: number) => number;
export const epollCreate1 = c.func('int epoll_create1(int)') as (flags: number) => number;
export const epollCtl = c.func('int epoll_ctl(int, int, int, uintptr_t)') as (
  epoll: number,
  operation: number,
  fd: number,
  event: number,
) => number;
export const epollWait = c.func('int epoll_wait(int, uintptr_t, int, int)') as (
  epoll: number,
  events: number,
  capacity: number,
  timeoutMs: number,
) => number;
export const socketpair = c.func('int socketpair(int, int, int, uintptr_t)') as (
  domain: number,
  type: number,
  protocol: number,
  fds: number,
) => number;
export const eventfd = c.func('int eventfd(uint, int)') as (initial: number, flags: number) => number;
export const memfdCreate = c.func('int memfd_create(const char *, uint)') as (name: string, flags: number) => number;
export const ftruncate = c.func('int ftruncate(int, long)') as (fd: number, length: number) => number;
export const mmap = c.func('uintptr_t mmap(uintptr_t, unsigned long, int, int, int, long)') as (
  hint: number,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => number;
export const munmap = c.func('int munmap(uintptr_t, unsigned long)') as (address: number, length: number) => number;
export const chroot = c.func('int chroot(const char *)') as (path: string) => number;
export const chdir = c.func('int chdir(const char *)') as (path: string) => number;
export const prctl = c.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)') as (
  option: number,
  arg2: number,
  arg3: number,
  arg4: number,
  arg5: number,
) => number;
export const schedSetscheduler = c.func('int sched_setscheduler(int, int, uintptr_t)') as (
  pid: number,
  policy: number,
  parameters: number,
) => number;
export const schedSetaffinity = c.func('int sched_setaffinity(int, unsigned long, uintptr_t)') as (
  pid: number,
  sizeBytes: number,
  mask: number,
) => number;
export const mlockall = c.func('int mlockall(int)') as (flags: number) => number;
export const setpriority = c.func('int setpriority(int, uint, int)') as (
  which: number,
  who: number,
  nice: number,
) => number;
/** `struct rlimit { rlim_t soft, hard }`, two 64-bit words. */
export const getrlimit = c.func('int getrlimit(int, uintptr_t)') as (resource: number, limit: number) => number;
export const setrlimit = c.func('int setrlimit(int, uintptr_t)') as (resource: number, limit: number) => number;

const syscall = c.func('long syscall(long, long, long, long)') as (
  number: number,
  first: number,
  second: number,
  third: number,
) => number;
/** System calls that older C libraries have no function for; the numbers are the same on x86-64 and arm64. */
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;

export function pidfdOpen(pid: number): number {
  return syscall(SYS_PIDFD_OPEN, pid, 0, 0);
}

/** A duplicate of descriptor `fd` of the process behind `pidfd`. */
export function pidfdGetfd(pidfd: number, fd: number): number {
  return syscall(SYS_PIDFD_GETFD, pidfd, fd, 0);
}

const SYS_SECCOMP = ownNumber('seccomp');
const SYS_CAPSET = ownNumber('capset');
const SYS_LANDLOCK_CREATE_RULESET = ownNumber('landlock_create_ruleset');
const SYS_LANDLOCK_RESTRICT_SELF = ownNumber('landlock_restrict_self');

/** Positive: the thread that could not be made to follow (TSYNC). */
export function seccomp(operation: number, flags: number, argument: number): number {
  return syscall(SYS_SECCOMP, operation, flags, argument);
}

/** Of the calling thread. */
export function capset(header: number, data: number): number {
  return syscall(SYS_CAPSET, header, data, 0);
}

/** A descriptor; with `flags` 1, the version of the interface. */
export function landlockCreateRuleset(attributes: number, sizeBytes: number, flags: number): number {
  return syscall(SYS_LANDLOCK_CREATE_RULESET, attributes, sizeBytes, flags);
}

export function landlockRestrictSelf(ruleset: number): number {
  return syscall(SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0, 0);
}

/** io_uring's calls have no function in the C library; the numbers are the same on x86-64 and arm64. */
const SYS_IO_URING_SETUP = 425;
const SYS_IO_URING_ENTER = 426;
const SYS_IO_URING_REGISTER = 427;
const syscallSetup = c.func('syscall', 'long', ['long', 'uint', 'uintptr_t']) as (
  number: number,
  entries: number,
  params: number,
) => number;
const syscallEnter = c.func('syscall', 'long', [
  'long',
  'uint',
  'uint',
  'uint',
  'uint',
  'uintptr_t',
  'unsigned long',
]) as (
  number: number,
  fd: number,
  submit: number,
  complete: number,
  flags: number,
  argument: number,
  argumentBytes: number,
) => number;
const syscallRegister = c.func('syscall', 'long', ['long', 'uint', 'uint', 'uintptr_t', 'uint']) as (
  number: number,
  fd: number,
  operation: number,
  argument: number,
  count: number,
) => number;

export function ioUringSetup(entries: number, params: number): number {
  return syscallSetup(SYS_IO_URING_SETUP, entries, params);
}

export function ioUringEnter(
  fd: number,
  submit: number,
  complete: number,
  flags: number,
  argument: number,
  argumentBytes: number,
): number {
  return syscallEnter(SYS_IO_URING_ENTER, fd, submit, complete, flags, argument, argumentBytes);
}

export function ioUringRegister(fd: number, operation: number, argument: number, count: number): number {
  return syscallRegister(SYS_IO_URING_REGISTER, fd, operation, argument, count);
}

/** `struct timespec { time_t seconds; long nanoseconds }`, two 64-bit words. */
export const clockGettime = c.func('int clock_gettime(int, uintptr_t)') as (clock: number, time: number) => number;

export const errno = koffi.errno as () => number;

/** An ArrayBuffer over `length` bytes at `address`, which must stay mapped for as long as the buffer is used. */
export function view(address: number, length: number): ArrayBuffer {
  return koffi.view(address, length);
}
