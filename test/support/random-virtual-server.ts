/**
 * Seeded files with a virtual server each, in any order: the words of most are right and agree, some have a wrong one, one
 * that is missing, or some that are in each other's way. What is known to be judged differently (l4-agreement.json) is not
 * among them.
 */
import type { SeededRandom } from './random.ts';

interface Words {
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}

const TIMING: Words = {
  right: ['delay_loop 6', 'delay_loop 2.5', 'retry 3', 'warmup 1', 'delay_before_retry 2', 'connect_timeout 3'],
  wrong: ['delay_loop 0', 'retry x', 'delay_before_retry -1', 'connect_timeout 0'],
};
const MISC_TIMING: Words = { right: TIMING.right.slice(0, 5), wrong: TIMING.wrong.slice(0, 3) };
const VIRTUAL: Words = {
  right: [
    ...['lb_algo wrr', 'lb_algo wlc', 'lb_algo sh', 'lb_algo mh', 'lvs_sched nq', 'lb_kind DR', 'lvs_method NAT'],
    ...['persistence_timeout', 'persistence_timeout 60', 'weight 4', 'alpha', 'omega', 'smtp_alert', 'ip_family inet'],
    ...[
      'inhibit_on_failure',
      'virtualhost a.example',
      'sorry_server 10.0.0.7 80',
      'persistence_granularity 255.255.255.0',
    ],
  ],
  wrong: [
    ...[
      'lb_algo best',
      'sh-port',
      'mh-port',
      'hashed',
      'ops',
      'lb_kind',
      'persistence_timeout 0',
      'quorum 2',
      'quorum 0',
    ],
    ...[
      'persistence_timeout 1h',
      'quorum 7',
      'hysteresis 1',
      'hysteresis 9',
      'weight 0',
      'ha_suspend',
      'smtp_alert maybe',
    ],
    ...[
      'virtualhost',
      'sorry_server 10.0.0.5 80',
      'sorry_server 2001:db8::7 80',
      'sorry_server_inhibit',
      'protokol TCP',
    ],
    ...['sorry_server_lvs_method NAT', 'persistence_granularity x', 'uthreshold 5', 'protocol', 'ip_family inet6'],
  ],
};
const REAL: Words = {
  right: [
    ...[
      'weight 2',
      'uthreshold 9',
      'inhibit_on_failure no',
      'alpha no',
      'smtp_alert off',
      'lvs_method NAT',
      'lvs_method DR',
    ],
    ...['notify_up /bin/true', 'notify_down "/bin/true a"', 'virtualhost b.example'],
  ],
  wrong: ['weight 0', 'weight -1', 'weight x', 'lthreshold x', 'lvs_method XX', 'quorum 1', 'weigth 3'],
};
const CONNECTION: Words = {
  right: [
    ...['connect_port 81', 'connect_ip 10.0.0.15', 'bindto 10.0.0.1', 'bind_port 4000', 'bind_if eth0', 'fwmark 3'],
    'log_all_failures',
  ],
  wrong: ['connect_port 0', 'connect_ip here', 'bindto 2001:db8::1', 'fwmark x', 'connect_ip fe80::1'],
};
const URL: Words = {
  right: [
    ...['path /', 'status_code 200', 'status_code 200-299 304', 'virtualhost c.example'],
    'digest 640205b7b0fc66c1ea91c463fac6334d',
  ],
  wrong: ['status_code 20', 'digest 6402', 'patch /'],
};
const GROUP: Words = {
  right: ['10.0.0.12-15 80', '10.0.0.64/26 443', '10.0.0.30 81'],
  wrong: ['10.0.0.65/26 443', '10.0.0.18-17 80', '10.0.0.20 x', '10.0.0.30'],
};
const KINDS: Readonly<Record<string, Words>> = {
  TCP_CHECK: { right: ['retry 0'], wrong: ['retry -1'] },
  PING_CHECK: { right: [], wrong: ['path /'] },
  HTTP_GET: { right: ['http_protocol 1.1', 'fast_recovery'], wrong: ['nb_get_retry 3', 'http_protocol 9'] },
  SSL_GET: { right: ['enable_sni', 'virtualhost d.example'], wrong: ['url {\n      }'] },
  UDP_CHECK: {
    right: ['payload 0a 0b', 'require_reply 0x', 'min_reply_length 3'],
    wrong: ['payload zz', 'max_reply_length x', 'max_reply_length 2'],
  },
  DNS_CHECK: { right: ['type A', 'name www.example.com'], wrong: ['type ZZ', 'name a..b'] },
  MISC_CHECK: { right: ['misc_timeout 3', 'misc_dynamic'], wrong: ['misc_timeout x', 'user'] },
};

/** How often a word is a wrong one, in twentieths: half of the files have none. */
function wrongness(random: SeededRandom): number {
  return random.below(2) === 0 ? 0 : 1 + random.below(4);
}

class Writer {
  readonly #random: SeededRandom;
  readonly #wrong: number;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#wrong = wrongness(random);
  }

  file(): string {
    const group = this.#random.below(4) === 0;
    const target = this.#random.pick(['10.0.0.9 80', '10.0.0.9 80', this.#slips() ? '10.0.0.9' : '10.0.0.9 443']);
    const lines = this.#some(VIRTUAL, 3, '  ').concat(this.#some(TIMING, 2, '  '));
    for (const word of ['lb_kind NAT', 'lb_algo rr', 'protocol TCP']) if (!this.#slips()) lines.unshift(`  ${word}`);
    for (let i = this.#random.below(3); i >= 0; i--) lines.push(...this.#realServer(this.#slips() ? 5 : 5 + i, target));
    const head = 'global_defs {\n  enable_script_security\n  script_user root\n}\n';
    const entries = ['  10.0.0.9 80', ...this.#some(GROUP, 2, '  ')].join('\n');
    const before = group ? `virtual_server_group g {\n${entries}\n}\n` : '';
    return `${head}${before}virtual_server ${group ? 'group g' : target} {\n${lines.join('\n')}\n}\n`;
  }

  #realServer(last: number, target: string): string[] {
    const port = this.#slips() ? ' x' : ` ${target.split(' ')[1] ?? '80'}`;
    const lines = this.#some(REAL, 2, '    ').concat(this.#some(TIMING, 1, '    '));
    for (let i = this.#random.below(3); i > 0; i--) lines.push(...this.#check());
    return [`  real_server 10.0.0.${last}${port} {`, ...lines, '  }'];
  }

  #check(): string[] {
    const kinds = Object.entries(KINDS);
    const [kind, own] = kinds[this.#random.below(kinds.length)] ?? ['TCP_CHECK', TIMING];
    const lines = this.#some(own, 2, '      ');
    if (kind === 'MISC_CHECK') {
      lines.push(...this.#some(MISC_TIMING, 1, '      '));
      if (!this.#slips()) lines.push('      misc_path /bin/true');
    } else lines.push(...this.#some(CONNECTION, 2, '      '), ...this.#some(TIMING, 1, '      '));
    if (kind === 'HTTP_GET' || kind === 'SSL_GET')
      lines.push('      url {', '        path /', ...this.#some(URL, 2, '        '), '      }');
    return [`    ${kind} {`, ...lines, '    }'];
  }

  /** Each line at most once: of two, sometimes the first counts and sometimes the last. */
  #some({ right, wrong }: Words, most: number, indent: string): string[] {
    const some = new Set<string>();
    for (let i = this.#random.below(most + 1); i > 0; i--) {
      const words = this.#slips() ? wrong : right;
      const word = words[this.#random.below(words.length)];
      if (word !== undefined) some.add(`${indent}${word}`);
    }
    return [...some];
  }

  #slips(): boolean {
    return this.#random.below(20) < this.#wrong;
  }
}

export function randomVirtualServer(random: SeededRandom): string {
  return new Writer(random).file();
}
