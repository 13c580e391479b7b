/**
 * Which server clients and connections have, over a restart for which the tables do not stay: elements of those maps, as nft
 * prints them, in a file. A map that takes the kernel too long to read is forgotten: the time goes by the square of what is in it.
 *
 *   1700000000000                                     when
 *   netdev tandem flows4_tcp                          table and map
 *   10.9.0.2 . 20100 . 192.0.2.1 . 80 899 5e9c:3bf0   key, seconds that it has left, server
 */
import type { Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import type { NftTable } from './nft-table.ts';
import type { Ruleset } from './ruleset.ts';

const READ_MS = 1000;
const MOST_KEPT = 65_536;
/** Of a whole file: who reads it back need not trust it. */
const MOST_CHARACTERS = 16_777_216;

const ELEMENT = /([^\s,={}][^,={}]*?) (?:timeout \S+ )?expires (\S+) : ([0-9a-f]+:[0-9a-f]+)/g;
const LINE = /^([0-9a-f:. ]+?) (\d+) ([0-9a-f]+:[0-9a-f]+)$/;

/** '': there is nothing to keep. */
export async function memoryTexts(
  setup: { readonly commands: CommandRunner; readonly timers: Timers },
  { nat, direct }: Ruleset,
  nowMs: number,
): Promise<string> {
  const lines: string[] = [];
  for (const table of [nat, direct])
    for (const map of memoryMaps(table)) {
      const own = await readMap(setup, `${table?.name} ${map}`);
      if (own.length > 0) lines.push(`${table?.name} ${map}`, ...own.slice(0, Math.max(0, MOST_KEPT - lines.length)));
    }
  return lines.length === 0 ? '' : `${[nowMs, ...lines].join('\n')}\n`;
}

function memoryMaps(table: NftTable | null): readonly string[] {
  return [...(table?.sets ?? [])].filter(([, { keeps }]) => keeps === 'memory').map(([name]) => name);
}

function readMap(
  { commands, timers }: { readonly commands: CommandRunner; readonly timers: Timers },
  map: string,
): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    const stream = commands.stream(['nft', 'list', 'map', ...map.split(' ')], {
      line: (text) => {
        for (const [, key = '', expires = '', id = ''] of text.matchAll(ELEMENT)) {
          const seconds = secondsOf(expires);
          if (seconds > 0 && lines.length < MOST_KEPT) lines.push(`${key} ${seconds} ${id}`);
        }
      },
      errorLine: () => {},
      exit: () => {
        timer.cancel();
        resolve(lines);
      },
    });
    const timer = timers.after(READ_MS, () => {
      stream.kill();
      // The part that was read by then stands for the whole.
      resolve(lines);
    });
  });
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1, ms: 0 };

/** `1h2m3s`, `899s980ms` */
function secondsOf(text: string): number {
  let seconds = 0;
  for (const [, number, unit = ''] of text.matchAll(/(\d+)(ms|[dhms])/g))
    seconds += Number(number) * (UNITS[unit] ?? 0);
  return seconds;
}

export interface KeptMemory {
  readonly wallMs: number;
  /** By table and map. */
  readonly maps: ReadonlyMap<
    string,
    readonly { readonly key: string; readonly seconds: number; readonly id: string }[]
  >;
}

/** null: it is not what we write. */
export function readMemory(text: string): KeptMemory | null {
  if (text.length > MOST_CHARACTERS) return null;
  const [first = '', ...lines] = text.split('\n');
  const wallMs = Number(first);
  if (!/^\d+$/.test(first)) return null;
  const maps = new Map<string, { key: string; seconds: number; id: string }[]>();
  let own: { key: string; seconds: number; id: string }[] = [];
  for (const line of lines) {
    const [, key = '', seconds, id = ''] = LINE.exec(line) ?? [];
    if (key !== '') own.push({ key, seconds: Number(seconds), id });
    else if (/^(?:inet|netdev) tandem (?:clients|flows)\w+$/.test(line)) {
      own = [];
      maps.set(line, own);
    } else if (line !== '') return null;
  }
  return { wallMs, maps };
}

/** For maps that there are again; what has run out meanwhile is left out. */
export function restoreText(memory: KeptMemory | null, { nat, direct }: Ruleset, nowMs: number): string {
  if (memory === null) return '';
  const goneS = Math.max(0, Math.ceil((nowMs - memory.wallMs) / 1000));
  const texts: string[] = [];
  for (const table of [nat, direct])
    for (const map of memoryMaps(table)) {
      const elements = (memory.maps.get(`${table?.name} ${map}`) ?? [])
        .filter(({ seconds }) => seconds > goneS)
        .map(({ key, seconds, id }) => `  ${key} timeout ${seconds - goneS}s : ${id}`);
      if (elements.length > 0) texts.push(`add element ${table?.name} ${map} {\n${elements.join(',\n')}\n}\n`);
    }
  return texts.join('');
}
