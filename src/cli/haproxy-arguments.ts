/**
 * HAProxy's command line (2.6) → what was asked for. Pure: nothing is read or done here.
 *
 * What means nothing here is accepted all the same, so that unit files and scripts keep working, and said so in a warning.
 */
export type Background = 'configured' | 'always' | 'never';

export interface HaproxyArguments {
  readonly action: 'run' | 'check' | 'version' | 'build' | 'condition';
  readonly files: readonly string[];
  readonly background: Background;
  readonly debug: boolean;
  readonly masterWorker: boolean;
  /** -Ws: tell systemd when it serves. */
  readonly notify: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** -dW: a warning is an error. */
  readonly zeroWarnings: boolean;
  /** -dD */
  readonly diagnostics: boolean;
  /** -dr: names that nobody knows do not stop the start. */
  readonly tolerateUnknownHosts: boolean;
  /** Not -dR. */
  readonly reusePort: boolean;
  readonly pidFile: string | null;
  readonly folder: string | null;
  readonly localPeer: string | null;
  readonly condition: string | null;
  readonly maxconn: number | null;
  readonly proxyMaxconn: number;
  readonly memoryMib: number | null;
  /** Those who serve now, and how they are told to stop. */
  readonly oldPids: readonly number[];
  readonly oldSignal: 'SIGUSR1' | 'SIGTERM';
  /** -S: where master commands are taken, each with its parameters behind commas. */
  readonly masterSockets: readonly string[];
  /** What has no meaning here, as sentences. */
  readonly ignored: readonly string[];
}

/** null: not a command line of HAProxy's. */
export function parseHaproxyArguments(argv: readonly string[]): HaproxyArguments | null {
  const parser = new Parser(argv);
  return parser.run() ? parser.result : null;
}

type Draft = { -readonly [K in keyof HaproxyArguments]: HaproxyArguments[K] };

/** -d followed by these: engine tuning that has no counterpart. */
const TUNING: Readonly<Record<string, string>> = {
  M: 'memory poisoning',
  e: 'the poller is chosen by itself',
  p: 'there is no poll() poller',
  S: 'splicing is chosen by itself',
  G: 'names are resolved by the system',
  L: 'there are no object files to list',
  K: 'keywords are listed in the documentation',
  V: 'TLS to servers is not there yet',
  I: 'nothing forks',
  C: 'the configuration is not dumped',
  F: 'forwarding is chosen by itself',
  Z: 'forwarding is chosen by itself',
};

class Parser {
  readonly #rest: string[];
  readonly #files: string[] = [];
  readonly #ignored: string[] = [];
  readonly #masterSockets: string[] = [];
  readonly #oldPids: number[] = [];
  readonly result: Draft = {
    action: 'run',
    files: this.#files,
    background: 'configured',
    debug: false,
    masterWorker: false,
    notify: false,
    quiet: false,
    verbose: false,
    zeroWarnings: false,
    diagnostics: false,
    tolerateUnknownHosts: false,
    reusePort: true,
    pidFile: null,
    folder: null,
    localPeer: null,
    condition: null,
    maxconn: null,
    proxyMaxconn: 0,
    memoryMib: null,
    oldPids: this.#oldPids,
    oldSignal: 'SIGUSR1',
    ignored: this.#ignored,
    masterSockets: this.#masterSockets,
  };

  constructor(argv: readonly string[]) {
    this.#rest = [...argv];
  }

  run(): boolean {
    for (let argument = this.#rest.shift(); argument !== undefined; argument = this.#rest.shift()) {
      if (argument === '--') {
        this.#files.push(...this.#rest.splice(0));
      } else if (!this.#switch(argument) && !this.#debugSwitch(argument) && !this.#valued(argument)) {
        return false;
      }
    }
    const { action } = this.result;
    return this.#files.length > 0 || action === 'version' || action === 'build' || action === 'condition';
  }

  /** Those without a value. */
  #switch(argument: string): boolean {
    const { result } = this;
    switch (argument) {
      case '-v':
        result.action = 'version';
        return true;
      case '-vv':
        result.action = 'build';
        return true;
      case '-c':
        result.action = 'check';
        return true;
      case '-D':
        if (result.background !== 'never') result.background = 'always';
        return true;
      case '-W':
        result.masterWorker = true;
        return true;
      case '-Ws':
        result.masterWorker = true;
        result.notify = true;
        result.background = 'never';
        return true;
      case '-q':
        result.quiet = true;
        return true;
      case '-V':
        result.verbose = true;
        return true;
      default:
        return false;
    }
  }

  #debugSwitch(argument: string): boolean {
    const { result } = this;
    if (!argument.startsWith('-d')) return false;
    switch (argument.slice(2)) {
      case '':
        result.debug = true;
        result.background = 'never';
        return true;
      case 'b':
        result.background = 'never';
        return true;
      case 'W':
        result.zeroWarnings = true;
        return true;
      case 'D':
        result.diagnostics = true;
        return true;
      case 'r':
        result.tolerateUnknownHosts = true;
        return true;
      case 'R':
        result.reusePort = false;
        return true;
    }
    const meaning = TUNING[argument.charAt(2)];
    if (meaning === undefined) return false;
    this.#ignored.push(`${argument} is ignored: ${meaning}`);
    return true;
  }

  #valued(argument: string): boolean {
    if (argument === '-sf' || argument === '-st') return this.#pids(argument);
    const value = this.#rest.shift();
    if (value === undefined) return false;
    const { result } = this;
    switch (argument) {
      case '-f':
        this.#files.push(value);
        return true;
      case '-cc':
        result.action = 'condition';
        result.condition = value;
        return true;
      case '-p':
        result.pidFile = value;
        return true;
      case '-C':
        result.folder = value;
        return true;
      case '-L':
        result.localPeer = value;
        return true;
      case '-S':
        this.#masterSockets.push(value);
        return true;
      case '-x':
        this.#ignored.push(`-x ${value} is ignored: the sockets are bound beside those of the old process`);
        return true;
      default:
        return this.#number(argument, value);
    }
  }

  #number(argument: string, value: string): boolean {
    const { result } = this;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : null;
    if (number === null) return false;
    switch (argument) {
      case '-n':
        // 0 means "as configured", as in HAProxy.
        result.maxconn = number === 0 ? null : number;
        return true;
      case '-N':
        result.proxyMaxconn = number;
        return true;
      case '-m':
        result.memoryMib = number === 0 ? null : number;
        return true;
      default:
        return false;
    }
  }

  /** Any number of pids, even none: scripts write `-sf $(cat pidfile)`. */
  #pids(argument: string): boolean {
    this.result.oldSignal = argument === '-sf' ? 'SIGUSR1' : 'SIGTERM';
    while (/^\d{1,9}$/.test(this.#rest[0] ?? '')) this.#oldPids.push(Number(this.#rest.shift()));
    return true;
  }
}
