/**
 * Virtual servers (test/config/golden/keepalived/l4-agreement.json, and seeded ones), judged by the real `keepalived -t` and by
 * the loader: both are content or neither is, but for the differences that are listed there with their reason. A place puts a
 * valid rest around lines:
 *
 *   virtual, real     lines of a virtual_server, of a real_server
 *   TCP_CHECK, …      lines of such a check; url: of the page of a HTTP_GET
 *   group, group6     lines of a group that a virtual server has
 *   global, file      lines of global_defs; the whole file
 *
 * keepalived is asked about many at a time, which is quicker: what it says names a line or a virtual server.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  complainedOf,
  KeepalivedJudge,
  keepalivedVersion,
  loaderVerdict,
} from '../../../support/keepalived-verdict.ts';
import { describeWithPeer } from '../../../support/peers.ts';
import { SeededRandom } from '../../../support/random.ts';
import { randomVirtualServer } from '../../../support/random-virtual-server.ts';

interface Agreement {
  readonly cases: Readonly<Record<string, readonly string[]>>;
  readonly differences: readonly { place: string; lines: string; keepalived: 'accepts' | 'refuses'; why: string }[];
}

const golden = join(import.meta.dirname, '../../golden/keepalived/l4-agreement.json');
const { cases, differences }: Agreement = JSON.parse(readFileSync(golden, 'utf8'));

const GLOBAL = '  enable_script_security\n  script_user root\n';

function wholeFile(place: string, lines: string): string {
  if (place === 'file') return lines;
  const more = place === 'global' ? `  ${lines}\n` : '';
  return `global_defs {\n${GLOBAL}${more}}\n${virtualServer(place, lines)}`;
}

function virtualServer(place: string, lines: string): string {
  const group = `virtual_server_group g {\n  ${lines}\n}\n`;
  switch (place) {
    case 'global':
      return around('10.0.0.9 80', '', '10.0.0.5', '    weight 1\n');
    case 'virtual':
      return around('10.0.0.9 80', `  ${lines}\n`, '10.0.0.5', '    weight 1\n');
    case 'real':
      return around('10.0.0.9 80', '', '10.0.0.5', `    ${lines}\n`);
    case 'group':
      return `${group}${around('group g', '', '10.0.0.5', '    weight 1\n')}`;
    case 'group6':
      return `${group}${around('group g', '', '2001:db8::5', '    weight 1\n')}`;
    case 'url':
      return around('10.0.0.9 80', '', '10.0.0.5', `    HTTP_GET {\n      url {\n        ${lines}\n      }\n    }\n`);
    default:
      return around('10.0.0.9 80', '', '10.0.0.5', `    ${place} {\n      ${lines}\n    }\n`);
  }
}

function around(place: string, lines: string, server: string, ofServer: string): string {
  const head = `virtual_server ${place} {\n  protocol TCP\n  lb_algo rr\n  lb_kind NAT\n`;
  return `${head}${lines}  real_server ${server} 80 {\n${ofServer}  }\n}\n`;
}

const RANDOM_FILES = 600;
/** Numbers that follow seeds which are near one another are, too. */
const FAR_APART = 0x9e3779b1;
const version = keepalivedVersion();
const comparable = version === '2.2';

describeWithPeer('keepalived', 'virtual servers: the loader agrees with keepalived -t', () => {
  const judge = new KeepalivedJudge();
  afterAll(() => judge.remove());

  /** Of keepalived, for each text. Where it differs from ours it is asked again, about that text alone. */
  async function verdicts(
    texts: readonly string[],
    canStandTogether: (at: number) => boolean,
  ): Promise<readonly boolean[]> {
    const together = texts.flatMap((text, at) => (canStandTogether(at) ? [{ at, text: renamed(text, at) }] : []));
    const bad = await complainedOf(
      judge,
      together.map(({ text }) => text),
    );
    const known = new Map(together.map(({ at }, i) => [at, !bad.has(i)]));
    const left = texts.flatMap((text, at) => (known.get(at) === loaderVerdict(text).accepts ? [] : [{ text, at }]));
    const next = async (): Promise<void> => {
      for (let one = left.pop(); one !== undefined; one = left.pop())
        known.set(one.at, (await judge.ask(one.text)).status === 0);
    };
    await Promise.all([next(), next()]);
    return texts.map((_, at) => known.get(at) ?? false);
  }

  /** With addresses and names of its own. */
  function renamed(text: string, at: number): string {
    return text
      .replaceAll('10.0.0.', `10.${1 + Math.floor(at / 200)}.${at % 200}.`)
      .replace('virtual_server_group g ', `virtual_server_group g${at} `)
      .replaceAll('group g ', `group g${at} `);
  }

  it(`is compared with keepalived 2.2 (installed: ${version})`, () => {
    expect(Object.values(cases).flat().length).toBeGreaterThan(500);
  });

  describe.skipIf(!comparable)('cases', () => {
    const table = Object.entries(cases).flatMap(([place, list]) => list.map((lines) => ({ place, lines })));
    const texts = table.map(({ place, lines }) => wholeFile(place, lines));
    let theirs: readonly boolean[] = [];
    beforeAll(async () => {
      const apart = ['file', 'global'];
      theirs = await verdicts(texts, (at) => !apart.includes(table[at]?.place ?? 'file'));
    }, 120_000);

    it.each(table.map(({ place, lines }, at) => ({ place, lines, at })))('$place: $lines', ({ at }) => {
      const { accepts, said } = loaderVerdict(texts[at] ?? '');
      expect(accepts, said).toBe(theirs[at]);
    });
  });

  it.skipIf(!comparable).each(differences)(
    '$place: $lines (keepalived $keepalived: $why)',
    async ({ place, lines, keepalived }) => {
      const judged = await judge.judge(wholeFile(place, lines));
      expect(judged.keepalived, judged.said).toBe(keepalived === 'accepts');
      expect(judged.tandem, judged.said).toBe(keepalived === 'refuses');
    },
  );

  it.skipIf(!comparable)(`${RANDOM_FILES} seeded files are judged alike`, { timeout: 120_000 }, async () => {
    const texts = Array.from({ length: RANDOM_FILES }, (_, seed) =>
      randomVirtualServer(new SeededRandom(Math.imul(seed + 1, FAR_APART))),
    );
    const theirs = await verdicts(texts, (at) => !texts[at]?.includes('virtual_server fwmark'));
    const odd = texts.flatMap((text, at) => {
      const { accepts, said } = loaderVerdict(text);
      return accepts === theirs[at]
        ? []
        : [`seed ${at}: keepalived ${theirs[at] ? 'accepts' : 'refuses'}\n${text}${said}`];
    });
    expect(odd.join('\n')).toBe('');
    expect(theirs.filter((accepts) => accepts).length).toBeGreaterThan(RANDOM_FILES / 4);
  });
});

describe('the samples that come with keepalived', () => {
  const folder = '/usr/share/doc/keepalived/samples';
  const names = namesIn(folder);
  /** Of the others each is read; here is why these are not. */
  const refused: Readonly<Record<string, string>> = {
    SMTP_CHECK: "'host' is not supported",
    SSL_GET: "auth_type 'AH' is not supported",
    conditional_conf: "'check_VI_0' has no script",
    'vrrp.lvs_syncd': "unknown keyword 'VI_2'",
    'vrrp.routes': "'or' of a route is not supported",
    'vrrp.rules': "'192.168.100./24' is no IP address",
  };

  it.skipIf(names.length === 0).each(names)('%s', (name) => {
    const { said } = loaderVerdict(readFileSync(join(folder, `keepalived.conf.${name}`), 'utf8'));
    const why = refused[name];
    if (why === undefined) expect(said).not.toContain(': error: ');
    else expect(said).toContain(why);
  });
});

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) => /^keepalived\.conf\.(.*)$/.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}
