/**
 * What the data process may ask of the kernel once it serves. All else is refused (EPERM), and what only somebody who has
 * broken in would ask for ends the process.
 *
 * It opens no file and no listening socket, starts no program and no process, and signals nobody else. So nothing is readable
 * for it, whoever it runs as: configuration and keys are as far away as in a chroot. Calls of io_uring do not pass here: a ring
 * has a list of its own (io-ring.ts).
 *
 * Calls that are made per request are allowed without looking at their arguments: for those the kernel (5.11 or newer) does
 * not run the filter at all. Node's runtime needs what stands under memory, time, threads and signals.
 */
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  PR_CAP_AMBIENT,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from './constants.ts';
import type { SystemCall } from './system-calls.ts';

/** About one argument's low 32 bits, which are all that the kernel looks at in each of these. */
export interface Condition {
  readonly argument: number;
  /** Of the argument only these bits are compared; all, if it is not there. */
  readonly mask?: number;
  readonly oneOf?: readonly number[];
  readonly noneOf?: readonly number[];
}

/** Allowed if all conditions of one of the forms hold. */
export interface Guarded {
  readonly call: SystemCall;
  readonly forms: readonly (readonly Condition[])[];
}

export interface Policy {
  readonly allowed: readonly SystemCall[];
  readonly guarded: readonly Guarded[];
  /** Answered as by a kernel that does not have it. */
  readonly hidden: readonly SystemCall[];
  readonly deadly: readonly SystemCall[];
}

export interface PolicySetup {
  readonly pid: number;
  /** Whether there is a server at a unix socket. */
  readonly unixServers: boolean;
}

/** Most frequent first: a kernel before 5.11 goes through them one by one. */
const ALLOWED: readonly SystemCall[] = [
  // Traffic.
  'io_uring_enter',
  'recvfrom',
  'sendto',
  'epoll_wait',
  'epoll_pwait',
  'close',
  'accept4',
  'epoll_ctl',
  'connect',
  'bind',
  'shutdown',
  'getsockopt',
  'getsockname',
  'getpeername',
  'read',
  'write',
  'readv',
  'writev',
  'recvmsg',
  'sendmsg',
  'accept',
  'poll',
  'ppoll',
  'fcntl',
  'io_uring_register',
  // Memory: V8 compiles while it runs, so pages may become executable.
  'futex',
  'mmap',
  'munmap',
  'mprotect',
  'pkey_mprotect',
  'mremap',
  'madvise',
  'brk',
  'membarrier',
  // Time and chance.
  'clock_gettime',
  'clock_getres',
  'clock_nanosleep',
  'nanosleep',
  'gettimeofday',
  'time',
  'getrandom',
  // Threads and their end.
  'sched_yield',
  'sched_getaffinity',
  'sched_getparam',
  'sched_getscheduler',
  'sched_get_priority_max',
  'sched_get_priority_min',
  'getcpu',
  'set_robust_list',
  'set_tid_address',
  'rseq',
  'exit',
  'exit_group',
  // Signals that come.
  'rt_sigaction',
  'rt_sigprocmask',
  'rt_sigreturn',
  'sigaltstack',
  'restart_syscall',
  // Questions about itself.
  'getpid',
  'gettid',
  'getppid',
  'getuid',
  'geteuid',
  'getgid',
  'getegid',
  'getrusage',
  'getrlimit',
  'uname',
  'sysinfo',
  'fstat',
  'lseek',
  'fsync',
  'fdatasync',
  // Giving up more: threads do so one by one.
  'capset',
  'landlock_create_ruleset',
  'landlock_restrict_self',
];

const HIDDEN: readonly SystemCall[] = [
  // Its flags are in memory, where a filter cannot look; the C library then takes clone.
  'clone3',
];

const DEADLY: readonly SystemCall[] = [
  // Another program, or another's memory and descriptors.
  'execve',
  'execveat',
  'ptrace',
  'process_vm_readv',
  'process_vm_writev',
  'pidfd_getfd',
  // Another view of the files.
  'mount',
  'umount2',
  'pivot_root',
  'chroot',
  'setns',
  'unshare',
  'open_tree',
  'move_mount',
  'fsopen',
  'fsconfig',
  'fsmount',
  'open_by_handle_at',
  // The kernel itself, and where holes in it were found again and again.
  'init_module',
  'finit_module',
  'delete_module',
  'kexec_load',
  'kexec_file_load',
  'reboot',
  'bpf',
  'perf_event_open',
  'userfaultfd',
  'add_key',
  'request_key',
  'keyctl',
  'swapon',
  'swapoff',
  'acct',
  'quotactl',
  'iopl',
  'ioperm',
];

const CLONE_THREAD = 0x10000;
const AT_EMPTY_PATH = 0x1000;
const SOCKET_TYPE_MASK = 0xf;
const IPPROTO_UDP = 17;
const PR_SET_NAME = 15;
const PR_GET_NAME = 16;
/** Names a mapping; V8 and glibc do so. */
const PR_SET_VMA = 0x53564d41;
/** Whether there is something to read, whether to wait, how wide the terminal is. Not TIOCSTI, which types into it. */
const HARMLESS_IOCTLS = [
  0x541b /* FIONREAD */, 0x5421 /* FIONBIO */, 0x5451 /* FIOCLEX */, 0x5401 /* TCGETS */, 0x5413,
];
/** SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF and _EBPF: programs for the kernel. */
const SOCKET_PROGRAMS = [26, 50, 51, 52];
/** Another protocol on top of TCP, by a module of the kernel. */
const TCP_ULP = 31;

export function dataProcessPolicy({ pid, unixServers }: PolicySetup): Policy {
  const ownProcess: readonly Condition[] = [{ argument: 0, oneOf: [pid] }];
  const streamsAndDatagrams: Condition = { argument: 1, mask: SOCKET_TYPE_MASK, oneOf: [SOCK_STREAM, SOCK_DGRAM] };
  const internet: readonly Condition[] = [
    { argument: 0, oneOf: [AF_INET, AF_INET6] },
    streamsAndDatagrams,
    { argument: 2, oneOf: [IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP] },
  ];
  const unix: readonly Condition[] = [{ argument: 0, oneOf: [AF_UNIX] }, streamsAndDatagrams];
  return {
    allowed: ALLOWED,
    guarded: [
      { call: 'socket', forms: unixServers ? [internet, unix] : [internet] },
      {
        call: 'setsockopt',
        forms: [
          [{ argument: 1, oneOf: [IPPROTO_IP, IPPROTO_IPV6] }],
          [
            { argument: 1, oneOf: [IPPROTO_TCP] },
            { argument: 2, noneOf: [TCP_ULP] },
          ],
          [
            { argument: 1, oneOf: [SOL_SOCKET] },
            { argument: 2, noneOf: SOCKET_PROGRAMS },
          ],
        ],
      },
      { call: 'ioctl', forms: [[{ argument: 1, oneOf: HARMLESS_IOCTLS }]] },
      { call: 'clone', forms: [[{ argument: 0, mask: CLONE_THREAD, oneOf: [CLONE_THREAD] }]] },
      { call: 'kill', forms: [ownProcess] },
      { call: 'tgkill', forms: [ownProcess] },
      { call: 'prlimit64', forms: [[{ argument: 0, oneOf: [0, pid] }]] },
      { call: 'prctl', forms: [[{ argument: 0, oneOf: [PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, PR_CAP_AMBIENT] }]] },
      { call: 'newfstatat', forms: [[{ argument: 3, mask: AT_EMPTY_PATH, oneOf: [AT_EMPTY_PATH] }]] },
      { call: 'statx', forms: [[{ argument: 2, mask: AT_EMPTY_PATH, oneOf: [AT_EMPTY_PATH] }]] },
    ],
    hidden: HIDDEN,
    deadly: DEADLY,
  };
}
