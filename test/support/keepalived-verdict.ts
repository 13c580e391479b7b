/**
 * What the installed keepalived and the loader say about one text: is a service started with it without a word of complaint?
 * keepalived looks whether interfaces are there, so it may be asked in a network namespace.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countsInTest } from '../../src/config/keepalived/counted-warnings.ts';
import { loadKeepalivedConfig } from '../../src/config/keepalived/load.ts';
import { formatProblem } from '../../src/config/report.ts';
import { findProgram, programPath } from './peers.ts';

export interface Verdict {
  readonly tandem: boolean;
  readonly keepalived: boolean;
  /** Of both, for a failed test. */
  readonly said: string;
}

/** Later versions judge some cases in another way. */
export function keepalivedVersion(): string {
  const program = findProgram('keepalived');
  const answer = program === undefined ? '' : spawnSync(program, ['-v'], { encoding: 'utf8' }).stderr;
  return /Keepalived v(\d+\.\d+)/.exec(answer)?.[1] ?? 'none';
}

export class KeepalivedJudge {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-agreement-'));
  readonly #prefix: readonly string[];
  #files = 0;

  /** `prefix`: words before the program, to have it run elsewhere. */
  constructor(prefix: readonly string[] = []) {
    this.#prefix = prefix;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async judge(text: string): Promise<Verdict> {
    const { accepts, said: ours } = loaderVerdict(text);
    const { status, said: theirs } = await this.ask(text);
    const said = `keepalived (${status}): ${theirs}\ntandem: ${ours}`;
    return { tandem: accepts, keepalived: status === 0, said };
  }

  /** `keepalived -t`: 0 is content. */
  ask(text: string): Promise<{ readonly status: number | string | null; readonly said: string }> {
    const file = join(this.#folder, `${this.#files++}.conf`);
    writeFileSync(file, text);
    const [program = '', ...args] = [...this.#prefix, programPath('keepalived'), '-t', '-f', file];
    return new Promise((resolve) => {
      execFile(program, args, { encoding: 'utf8' }, (error, _stdout, said) => {
        rmSync(file, { force: true });
        resolve({ status: error === null ? 0 : (error.code ?? null), said });
      });
    });
  }
}

/** The last thing that keepalived looks at, and complains about: it has looked at all before. */
const END = `virtual_server 10.255.255.9 80 {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  quorum 9
  real_server 10.255.255.5 80 {
  }
}
`;

/**
 * Those of these texts, one behind the other in one file, that keepalived has something to say about. It names the line, or the
 * virtual server, whose address or group no other text may have. One with a missing word ends it: it is asked about the others again.
 */
export async function complainedOf(judge: KeepalivedJudge, texts: readonly string[]): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  let left = texts.map((_, at) => at);
  for (;;) {
    const asked = [...left.map((at) => texts[at] ?? ''), END];
    const { status, said } = await judge.ask(asked.join(''));
    const named = said.split('\n').flatMap((message) => placeOf(message, asked) ?? []);
    for (const i of named) found.add(left[i] ?? -1);
    if (named.includes(left.length)) break;
    const culprit = left[named.at(-1) ?? -1];
    if (culprit === undefined) throw new Error(`keepalived (${status}) has not come to the end: ${said}`);
    left = left.filter((at) => at !== culprit);
  }
  found.delete(-1);
  return found;
}

/** Which text a message is about. */
function placeOf(message: string, texts: readonly string[]): number | null {
  const line = /Line (\d+)\)/.exec(message)?.[1];
  const name = /\[([^\]\s]+)\]/.exec(message)?.[1];
  if (line === undefined) {
    const at = name === undefined ? -1 : texts.findIndex((text) => text.includes(` ${name} `));
    return at === -1 ? null : at;
  }
  let end = 0;
  const at = texts.findIndex((text) => {
    end += text.split('\n').length - 1;
    return Number(line) <= end;
  });
  return at === -1 ? null : at;
}

export function loaderVerdict(text: string): { readonly accepts: boolean; readonly said: string } {
  const files = { readFile: (path: string) => readFileSync(path), listFolder: readdirSync };
  const { problems } = loadKeepalivedConfig([{ name: 'keepalived.conf', text }], {
    ...files,
    env: {},
    hostname: 'node1',
  });
  return { accepts: !problems.some(countsInTest), said: problems.map(formatProblem).join('\n') };
}
