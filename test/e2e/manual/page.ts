/**
 * A page of the manual as what it makes people do, in its order: files to write, commands to type, what they then see.
 *
 *   ```ini /etc/keepalived/keepalived.conf on lb1        a file (the first word is for colours), on one box or `on lb1, lb2`
 *   ```console                                           what is typed, and what is seen: `…` stands for anything
 *   lb1# tandem check -f /etc/haproxy/haproxy.cfg
 *   Configuration file is valid
 *   ```
 *   ```sh                                                not executed: allowed only for what cannot be here (NOT_HERE)
 */

export interface FileStep {
  readonly kind: 'file';
  readonly line: number;
  readonly boxes: readonly string[];
  readonly path: string;
  readonly text: string;
}

export interface CommandStep {
  readonly kind: 'command';
  readonly line: number;
  readonly box: string;
  readonly command: string;
  /** Lines; empty: whatever it says. */
  readonly expected: readonly string[];
}

export interface UntriedStep {
  readonly kind: 'untried';
  readonly line: number;
  readonly command: string;
}

export type Step = FileStep | CommandStep | UntriedStep;

const PROMPT = /^([a-z]+\d?)[#$] (.*)$/;

export function readPage(markdown: string): Step[] {
  const lines = markdown.split('\n');
  const steps: Step[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = /^```(\S*) ?(.*)$/.exec(lines[at] ?? '');
    if (opening === null) continue;
    const end = lines.indexOf('```', at + 1);
    if (end === -1) throw new Error(`line ${at + 1}: a block that does not end`);
    const [, language = '', info = ''] = opening;
    const block = lines.slice(at + 1, end);
    if (language === 'console') steps.push(...commandsOf(block, at + 2));
    else if (info.startsWith('/')) steps.push(fileOf(block, info, at + 1));
    else if (language === 'sh') steps.push(...untriedOf(block, at + 2));
    at = end;
  }
  return steps;
}

function fileOf(block: readonly string[], info: string, line: number): FileStep {
  const [path = '', boxes = 'lb1'] = info.split(' on ');
  return { kind: 'file', line, path, boxes: boxes.split(', '), text: `${block.join('\n')}\n` };
}

function commandsOf(block: readonly string[], first: number): CommandStep[] {
  const steps: { kind: 'command'; line: number; box: string; command: string; expected: string[] }[] = [];
  block.forEach((line, at) => {
    const last = steps.at(-1);
    const typed = PROMPT.exec(line);
    if (last?.command.endsWith('\\') === true && last.expected.length === 0)
      last.command = `${last.command.slice(0, -1)}${line.trim()}`;
    else if (typed !== null)
      steps.push({ kind: 'command', line: first + at, box: typed[1] ?? '', command: typed[2] ?? '', expected: [] });
    else if (last === undefined) throw new Error(`line ${first + at}: no prompt before what is seen`);
    else last.expected.push(line);
  });
  return steps;
}

function untriedOf(block: readonly string[], first: number): UntriedStep[] {
  return block
    .map((command, at): UntriedStep => ({ kind: 'untried', line: first + at, command: command.trim() }))
    .filter(({ command }) => command !== '' && !command.startsWith('#'));
}

/** `…` on a line of its own stands for any lines, or none; within a line for any text. */
export function matches(expected: readonly string[], seen: string): boolean {
  const pattern = expected.map((line) => (line.trim() === '…' ? ANY_LINES : `${lineOf(line)}\n`)).join('');
  return new RegExp(`^${pattern}$`).test(seen.endsWith('\n') || seen === '' ? seen : `${seen}\n`);
}

const ANY_LINES = '(?:[^\\n]*\\n)*';

function lineOf(line: string): string {
  const parts = line.trimEnd().split('…');
  return `${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^\\n]*')}[ \\t]*`;
}
