/**
 * Lines on a stats socket. Each is answered, and by no defect of ours; what only looks changes nothing, so a line answers what
 * its commands answer one by one, however its bytes arrive; no byte of a line gets into an answer that a terminal would obey.
 *
 * An input is the level on a line of its own, then what is said.
 */
import { COMMANDS } from '../../../src/admin/command-table.ts';
import { splitLine } from '../../../src/admin/words.ts';
import { AdminScene } from '../../support/admin-scene.ts';
import type { SeededRandom } from '../../support/random.ts';
import { StatsClient } from '../../support/stats-client.ts';
import { finding, type StagedTarget, type Verdict } from '../engine/target.ts';

type Words = readonly [string, ...string[]];

const LEVELS = ['user', 'operator', 'admin'] as const;
const OWN = COMMANDS.flatMap(({ words }) => words) as unknown as Words;
const BEGINNINGS = COMMANDS.map(({ words }) => words.join(' ')) as unknown as Words;
const ARGUMENTS: Words = [
  'app',
  ...['app/s1', 'app/s3', '#3/#7', 'tcp/t1', 'web', 'nobody/s1', 'app/', '/', '#', '#/#', '-1', '0', '1', '256'],
  ...[
    '257',
    '100%',
    '101%',
    '-1%',
    '99999999999999999999',
    '1e3',
    '0x10',
    ' ',
    'json',
    'typed',
    'desc',
    'up',
    'no-maint',
  ],
  ...[
    'state',
    'weight',
    'health',
    'agent',
    'addr',
    'port',
    'check-port',
    'fqdn',
    'ready',
    'drain',
    'maint',
    'up',
    'down',
  ],
  ...[
    'stopping',
    'request',
    'response',
    'all',
    'cli',
    'HOME',
    '__proto__',
    'constructor',
    'toString',
    '@1',
    '<<',
    '%n',
  ],
  ...['\\', '\\;', '\\ ', '"', "'", '\0', '\x1b[2J', '\x7f', '\xff', '\xc3\xa9', 'a'.repeat(300)],
];
const SEPARATORS: Words = [' ', ' ', ' ', '  ', '\t', ';', '; ', ';;', '\r'];

function make(random: SeededRandom): string {
  let line = '';
  for (let commands = 1 + random.size(3); commands > 0; commands--) {
    line += random.below(4) > 0 ? random.pick(BEGINNINGS) : random.pick(OWN);
    for (let words = random.below(5); words > 0; words--) {
      line += random.pick(SEPARATORS) + random.pick(random.below(4) > 0 ? ARGUMENTS : OWN);
    }
    if (commands > 1) line += random.pick([';', ' ; ', ';']);
  }
  if (random.below(4) === 0) {
    const at = random.below(line.length + 1);
    line = line.slice(0, at) + String.fromCharCode(random.below(256)) + line.slice(at + random.below(2));
  }
  return `${random.pick(LEVELS)}\n${line.replaceAll('\n', ' ')}`;
}

/** They talk about the connection, or about what others have said on it. */
const ABOUT_SESSION = /\b(?:prompt|quit|user|operator|set|timeout|clear|show cli|disable|enable|help)\b/;
const OBEYED = /[\x00-\x08\x0b-\x1f\x7f]/;

/** Backslashed characters out of the way, then by separators alone. */
function wordsOf(line: string): string[][] {
  const AWAY = 0xe000;
  const hidden = line.replace(/\\([\0-\x7f])/g, (_all, char: string) => String.fromCharCode(AWAY + char.charCodeAt(0)));
  const back = (word: string): string =>
    word.replace(/[\ue000-\ue07f]/g, (char) => String.fromCharCode(char.charCodeAt(0) - AWAY));
  return hidden.split(';').map((command) => (command.match(/[^ \t\r]+/g) ?? []).map(back));
}

export async function statsCommands(): Promise<StagedTarget> {
  const scenes = new Map(LEVELS.map((level) => [level as string, new AdminScene(`level ${level}`)]));

  async function inPieces(scene: AdminScene, line: string): Promise<string> {
    const client = new StatsClient(scene.path);
    const half = line.length >> 1;
    client.socket.write(Buffer.from(line.slice(0, half), 'latin1'));
    await new Promise((resolve) => setImmediate(resolve));
    client.socket.end(Buffer.from(`${line.slice(half)}\n`, 'latin1'));
    return client.rest();
  }

  async function whole(scene: AdminScene, line: string): Promise<string> {
    const client = new StatsClient(scene.path);
    client.socket.end(Buffer.from(`${line}\n`, 'latin1'));
    return client.rest();
  }

  return {
    name: 'stats-commands',
    count: 1000,
    make,
    async check(input, tally): Promise<Verdict> {
      const cut = input.indexOf('\n');
      const line = input.slice(cut + 1);
      const scene = scenes.get(input.slice(0, cut));
      if (scene === undefined || line.includes('\n')) return null;
      scene.side.said.length = 0;
      const wakes = scene.side.wakes;
      const answer = await whole(scene, line);
      const defects = scene.side.said.filter((said) => said.startsWith('stats socket'));
      if (defects.length > 0 || answer.includes('Internal error')) return finding('a defect', { defects, answer });
      const obeyed = OBEYED.exec(answer);
      if (obeyed !== null)
        return finding('a control character in an answer', answer.slice(Math.max(0, obeyed.index - 40)));
      tally.count(answer === '' ? 'silence' : (/^[A-Z][\w' ]+/.exec(answer)?.[0].slice(0, 40) ?? 'an answer'), line);
      if (input.startsWith('user') && scene.side.wakes !== wakes)
        return finding('a change by one who may only look', answer);
      const text = Buffer.from(line, 'latin1').toString();
      const commands = splitLine(text);
      const words = wordsOf(text);
      if (!/\\[^\0-\x7f]/.test(text) && JSON.stringify(commands) !== JSON.stringify(words)) {
        return finding('other words', { commands, words });
      }
      if (ABOUT_SESSION.test(line)) return null;
      const pieces = await inPieces(scene, line);
      if (pieces !== answer) return finding('depends on how it arrives', { answer, pieces });
      if (commands.length < 2) return null;
      // A word is said again with each of its characters taken for itself.
      let oneByOne = '';
      for (const own of commands) {
        const again = own.map((word) => word.replace(/[\s\S]/g, '\\$&')).join(' ');
        oneByOne += await whole(scene, Buffer.from(again).toString('latin1'));
      }
      if (oneByOne !== answer) return finding('commands answer otherwise one by one', { answer, oneByOne });
      tally.count('the same one by one');
      return null;
    },
    expected: ['the same one by one', 'Permission denied', 'Unknown command', 'an answer'],
    stop: async () => {
      for (const scene of scenes.values()) scene.close();
    },
  };
}
