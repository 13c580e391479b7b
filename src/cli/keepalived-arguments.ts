/**
 * keepalived's command line (2.2.7) → what was asked for. Pure: nothing is read or done here.
 *
 * What means nothing here is accepted all the same, so that unit files keep working, and said so in a warning.
 */
export interface KeepalivedArguments {
  readonly action: 'run' | 'test' | 'version' | 'help' | 'signum';
  readonly file: string;
  /** -n */
  readonly foreground: boolean;
  /** -d */
  readonly dump: boolean;
  /** -D, twice for more. */
  readonly logDetail: number;
  /** -l */
  readonly logConsole: boolean;
  /** Not -G. */
  readonly syslog: boolean;
  /** Name of a facility of syslog. */
  readonly facility: string;
  readonly pidFile: string | null;
  readonly vrrpPidFile: string | null;
  readonly checkersPidFile: string | null;
  /** Not -C. */
  readonly vrrp: boolean;
  /** Not -P. */
  readonly checkers: boolean;
  /** Not -V: addresses leave when the program ends. */
  readonly releaseAddresses: boolean;
  /** Not -I: what balances leaves the kernel when the program ends, unless the file says otherwise. */
  readonly releaseVirtualServers: boolean;
  /** -i */
  readonly configId: string | null;
  /** -e: an include that finds nothing is an error. */
  readonly strictIncludes: boolean;
  /** -t FILE: where problems go. */
  readonly testLog: string | null;
  /** --signum NAME */
  readonly signal: string | null;
  /** What has no meaning here, as sentences. */
  readonly ignored: readonly string[];
}

export type ParsedArguments =
  | { readonly ok: true; readonly args: KeepalivedArguments }
  | { readonly ok: false; readonly message: string };

type Draft = { -readonly [K in keyof KeepalivedArguments]: KeepalivedArguments[K] };

interface Option {
  readonly long: string;
  readonly short: string;
  readonly takes: 'nothing' | 'value' | 'maybe';
  /** A sentence: what is wrong with it. */
  readonly apply: (draft: Draft, value: string, ignored: string[]) => string | null;
}

const DEFAULT_FILE = '/etc/keepalived/keepalived.conf';

const FACILITIES: readonly string[] = ['user', 'daemon', ...Array.from({ length: 8 }, (_, number) => `local${number}`)];

const set = (long: string, short: string, apply: (draft: Draft) => void): Option => ({
  long,
  short,
  takes: 'nothing',
  apply: (draft) => {
    apply(draft);
    return null;
  },
});

const value = (long: string, short: string, apply: (draft: Draft, text: string) => void): Option => ({
  long,
  short,
  takes: 'value',
  apply: (draft, text) => {
    apply(draft, text);
    return null;
  },
});

const ignore = (long: string, short: string, takes: Option['takes'], why: string): Option => ({
  long,
  short,
  takes,
  apply: (_draft, _text, ignored) => {
    ignored.push(`${short === '' ? `--${long}` : `-${short}`} is ignored: ${why}`);
    return null;
  },
});

const refuse = (long: string, short: string, takes: Option['takes'], why: string): Option => ({
  long,
  short,
  takes,
  apply: () => `${short === '' ? `--${long}` : `-${short}`} is not supported: ${why}`,
});

const ONE_PROCESS = 'there is one control process';

const OPTIONS: readonly Option[] = [
  value('use-file', 'f', (draft, text) => {
    draft.file = text;
  }),
  set('vrrp', 'P', (draft) => {
    draft.checkers = false;
  }),
  set('check', 'C', (draft) => {
    draft.vrrp = false;
  }),
  ignore('no_bfd', 'B', 'nothing', 'there is no BFD'),
  ignore('all', '', 'nothing', ONE_PROCESS),
  set('log-console', 'l', (draft) => {
    draft.logConsole = true;
  }),
  set('log-detail', 'D', (draft) => {
    draft.logDetail++;
  }),
  { long: 'log-facility', short: 'S', takes: 'value', apply: readFacility },
  ignore('log-file', 'g', 'maybe', 'the log goes to syslog or, with -l, to the console'),
  set('no-syslog', 'G', (draft) => {
    draft.syslog = false;
  }),
  ignore('umask', 'u', 'value', 'files are made with modes of their own'),
  ignore('release-vips', 'X', 'nothing', 'addresses are always released'),
  set('dont-release-vrrp', 'V', (draft) => {
    draft.releaseAddresses = false;
  }),
  set('dont-release-ipvs', 'I', (draft) => {
    draft.releaseVirtualServers = false;
  }),
  ignore('dont-respawn', 'R', 'nothing', ONE_PROCESS),
  set('dont-fork', 'n', (draft) => {
    draft.foreground = true;
  }),
  set('dump-conf', 'd', (draft) => {
    draft.dump = true;
  }),
  value('pid', 'p', (draft, text) => {
    draft.pidFile = text;
  }),
  value('vrrp_pid', 'r', (draft, text) => {
    draft.vrrpPidFile = text;
  }),
  refuse('genhash', 'T', 'nothing', 'there is no genhash'),
  value('checkers_pid', 'c', (draft, text) => {
    draft.checkersPidFile = text;
  }),
  ignore('address-monitoring', 'a', 'nothing', 'addresses that change are always logged'),
  ignore('bfd_pid', 'b', 'value', 'there is no BFD'),
  ignore('snmp', 'x', 'nothing', 'there is no SNMP'),
  ignore('snmp-agent-socket', 'A', 'value', 'there is no SNMP'),
  ignore('core-dump', 'm', 'nothing', 'core dumps are the business of the system'),
  ignore('core-dump-pattern', 'M', 'maybe', 'core dumps are the business of the system'),
  refuse('namespace', 's', 'value', 'start it inside: ip netns exec NAME tandem-keepalived …'),
  value('config-id', 'i', (draft, text) => {
    draft.configId = text;
  }),
  set('all-config', 'e', (draft) => {
    draft.strictIncludes = true;
  }),
  {
    long: 'signum',
    short: '',
    takes: 'value',
    apply: (draft, text) => {
      draft.action = 'signum';
      draft.signal = text;
      return null;
    },
  },
  {
    long: 'config-test',
    short: 't',
    takes: 'maybe',
    apply: (draft, text) => {
      draft.action = 'test';
      draft.testLog = text === '' ? null : text;
      return null;
    },
  },
  set('version', 'v', (draft) => {
    draft.action = 'version';
  }),
  set('help', 'h', (draft) => {
    draft.action = 'help';
  }),
];

const BY_SHORT = new Map(OPTIONS.filter(({ short }) => short !== '').map((option) => [option.short, option]));

function readFacility(draft: Draft, text: string): string | null {
  const name = /^[0-7]$/.test(text) ? `local${text}` : text;
  if (!FACILITIES.includes(name)) return `there is no log facility '${text}'`;
  draft.facility = name;
  return null;
}

export function parseKeepalivedArguments(argv: readonly string[]): ParsedArguments {
  return new Parser(argv).run();
}

class Parser {
  readonly #rest: string[];
  readonly #ignored: string[] = [];
  readonly #draft: Draft = {
    action: 'run',
    file: DEFAULT_FILE,
    foreground: false,
    dump: false,
    logDetail: 0,
    logConsole: false,
    syslog: true,
    facility: 'daemon',
    pidFile: null,
    vrrpPidFile: null,
    checkersPidFile: null,
    vrrp: true,
    checkers: true,
    releaseAddresses: true,
    releaseVirtualServers: true,
    configId: null,
    strictIncludes: false,
    testLog: null,
    signal: null,
    ignored: this.#ignored,
  };

  constructor(argv: readonly string[]) {
    this.#rest = [...argv];
  }

  run(): ParsedArguments {
    for (let word = this.#rest.shift(); word !== undefined; word = this.#rest.shift()) {
      const message = this.#word(word);
      if (message !== null) return { ok: false, message };
      // These two end the program where they stand, as in keepalived.
      if (this.#draft.action === 'help' || this.#draft.action === 'version') break;
    }
    return { ok: true, args: this.#draft };
  }

  #word(word: string): string | null {
    if (word.startsWith('--') && word.length > 2) return this.#long(word.slice(2));
    if (word.startsWith('-') && word.length > 1 && word !== '--') return this.#cluster(word.slice(1));
    return `'${word}' belongs to no option`;
  }

  /** `--use-file=X`, `--use-file X`, and every beginning that only one option has. */
  #long(word: string): string | null {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const given = equals < 0 ? null : word.slice(equals + 1);
    const exact = OPTIONS.filter(({ long }) => long === name);
    const found = exact.length > 0 ? exact : OPTIONS.filter(({ long }) => long.startsWith(name));
    const [option] = found;
    if (option === undefined || found.length > 1) return `unknown option --${name}`;
    if (option.takes === 'nothing') {
      return given === null ? option.apply(this.#draft, '', this.#ignored) : `--${option.long} takes no value`;
    }
    const text = given ?? (option.takes === 'value' ? this.#rest.shift() : '');
    if (option.takes === 'value' && (text === undefined || text === '')) return `--${option.long} lacks its value`;
    return option.apply(this.#draft, text ?? '', this.#ignored);
  }

  /** `-nlD`, `-f X`, `-fX`. */
  #cluster(letters: string): string | null {
    for (let at = 0; at < letters.length; at++) {
      const letter = letters.charAt(at);
      const option = BY_SHORT.get(letter);
      if (option === undefined) return `unknown option -${letter}`;
      if (option.takes === 'nothing') {
        const message = option.apply(this.#draft, '', this.#ignored);
        if (message !== null) return message;
        continue;
      }
      const attached = letters.slice(at + 1);
      const text = attached === '' && option.takes === 'value' ? this.#rest.shift() : attached;
      if (text === undefined) return `-${letter} lacks its value`;
      return option.apply(this.#draft, text, this.#ignored);
    }
    return null;
  }
}
