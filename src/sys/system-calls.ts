/**
 * Numbers of system calls: [x86-64, arm64], from <asm/unistd_64.h> and <asm-generic/unistd.h>; null: not on this machine.
 * Only what the filter of the data process names (allowed-calls.ts), or what is made by number.
 */

type Numbers = readonly [x64: number | null, arm64: number | null];

const NUMBERS = {
  accept: [43, 202],
  accept4: [288, 242],
  acct: [163, 89],
  add_key: [248, 217],
  bind: [49, 200],
  bpf: [321, 280],
  brk: [12, 214],
  capset: [126, 91],
  chroot: [161, 51],
  clock_getres: [229, 114],
  clock_gettime: [228, 113],
  clock_nanosleep: [230, 115],
  clone: [56, 220],
  clone3: [435, 435],
  close: [3, 57],
  connect: [42, 203],
  delete_module: [176, 106],
  epoll_ctl: [233, 21],
  epoll_pwait: [281, 22],
  epoll_wait: [232, null],
  execve: [59, 221],
  execveat: [322, 281],
  exit: [60, 93],
  exit_group: [231, 94],
  fcntl: [72, 25],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fdatasync: [75, 83],
  fstat: [5, 80],
  fsync: [74, 82],
  futex: [202, 98],
  getcpu: [309, 168],
  getegid: [108, 177],
  geteuid: [107, 175],
  getgid: [104, 176],
  getpeername: [52, 205],
  getpid: [39, 172],
  getppid: [110, 173],
  getrandom: [318, 278],
  getrlimit: [97, 163],
  getrusage: [98, 165],
  getsockname: [51, 204],
  getsockopt: [55, 209],
  gettid: [186, 178],
  gettimeofday: [96, 169],
  getuid: [102, 174],
  init_module: [175, 105],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  ioctl: [16, 29],
  ioperm: [173, null],
  iopl: [172, null],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  kill: [62, 129],
  landlock_create_ruleset: [444, 444],
  landlock_restrict_self: [446, 446],
  lseek: [8, 62],
  madvise: [28, 233],
  membarrier: [324, 283],
  mmap: [9, 222],
  mount: [165, 40],
  move_mount: [429, 429],
  mprotect: [10, 226],
  mremap: [25, 216],
  munmap: [11, 215],
  nanosleep: [35, 101],
  newfstatat: [262, 79],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  perf_event_open: [298, 241],
  pidfd_getfd: [438, 438],
  pivot_root: [155, 41],
  pkey_mprotect: [329, 288],
  poll: [7, null],
  ppoll: [271, 73],
  prctl: [157, 167],
  prlimit64: [302, 261],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  quotactl: [179, 60],
  read: [0, 63],
  readv: [19, 65],
  reboot: [169, 142],
  recvfrom: [45, 207],
  recvmsg: [47, 212],
  request_key: [249, 218],
  restart_syscall: [219, 128],
  rseq: [334, 293],
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  rt_sigreturn: [15, 139],
  sched_get_priority_max: [146, 125],
  sched_get_priority_min: [147, 126],
  sched_getaffinity: [204, 123],
  sched_getparam: [143, 121],
  sched_getscheduler: [145, 120],
  sched_yield: [24, 124],
  seccomp: [317, 277],
  sendmsg: [46, 211],
  sendto: [44, 206],
  set_robust_list: [273, 99],
  set_tid_address: [218, 96],
  setns: [308, 268],
  setsockopt: [54, 208],
  shutdown: [48, 210],
  sigaltstack: [131, 132],
  socket: [41, 198],
  statx: [332, 291],
  swapoff: [168, 225],
  swapon: [167, 224],
  sysinfo: [99, 179],
  tgkill: [234, 131],
  time: [201, null],
  umount2: [166, 39],
  uname: [63, 160],
  unshare: [272, 97],
  userfaultfd: [323, 282],
  write: [1, 64],
  writev: [20, 66],
} as const satisfies Readonly<Record<string, Numbers>>;

export type SystemCall = keyof typeof NUMBERS;
export type Machine = 'x64' | 'arm64';

/** null: this call is not there on that machine. */
export function numberOf(call: SystemCall, machine: Machine): number | null {
  return NUMBERS[call][machine === 'x64' ? 0 : 1];
}

/** Throws on any other machine: nothing here runs there. */
export function ownMachine(architecture: string = process.arch): Machine {
  if (architecture === 'x64' || architecture === 'arm64') return architecture;
  throw new Error(`numbers of system calls are not known for ${architecture}`);
}

/** Of a call that every machine has. */
export function ownNumber(call: SystemCall): number {
  const number = numberOf(call, ownMachine());
  if (number === null) throw new Error(`there is no ${call} on this machine`);
  return number;
}
