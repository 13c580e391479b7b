/**
 * Commands: `script "/usr/bin/test -e '/tmp/a b'"`, `notify_master /etc/up.sh nobody`.
 *
 * The line is cut twice by the rules of a shell's quotes (lib/parser.c, alloc_strvec_quoted_escaped): once to find the
 * command, and the command once more into program and arguments. What follows the command is the user and the group. No
 * shell ever sees it.
 */
import type { ScriptCommand } from '../pair-model.ts';
import type { Statement } from './statement.ts';

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** What is between keyword and user, cut into words; reports and gives null when there is no command. */
export function readCommand(s: Statement, userAllowed: boolean): ScriptCommand | null {
  const parts = splitQuoted(s.raw.text);
  const command = parts?.[1];
  const argv = command === undefined ? null : splitQuoted(command);
  if (parts === null || argv === null) {
    s.error(1, 'open-quote', `the quotes of '${s.keyword}' do not close`);
    return null;
  }
  if (argv.length === 0) {
    s.error(1, 'missing-argument', `'${s.keyword}' names no program`);
    return null;
  }
  const [, , user = null, group = null, ...more] = parts;
  const most = userAllowed ? 2 : 0;
  if (parts.length - 2 > most) {
    const whole = parts.slice(1).join(' ');
    const message = userAllowed
      ? `'${more[0] ?? ''}' is too much: after the command come a user and a group`
      : `keepalived runs '${command ?? ''}' without the words that follow it`;
    s.error(most + 2, 'extra-argument', message, `put a command with arguments in quotes: ${s.keyword} "${whole}"`);
    return null;
  }
  const ofShell = argv.find((word, i) => i > 0 && OF_A_SHELL.test(word));
  if (ofShell !== undefined) {
    const message = `there is no shell: '${argv[0] ?? ''}' gets '${ofShell}' as an argument`;
    s.warning(1, 'no-shell', message, `leave it out, or ${s.keyword} "/bin/sh -c '…'"`);
  }
  return { origin: s.origin, argv, user, group };
}

/** `> /dev/null`, `2>&1`, `|| exit 1`: many files have them, and keepalived has no shell either. */
const OF_A_SHELL = /^(?:[12&]?>>?.*|<|\|\|?|&&?|;)$/;

/** null: a quote is not closed, or a backslash ends the text. */
export function splitQuoted(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let index = 0; index < text.length; ) {
    const character = text.charAt(index);
    if (character === '\\') {
      const escaped = readEscape(text, index + 1);
      if (escaped === null) return null;
      word = (word ?? '') + escaped.character;
      index = escaped.next;
      continue;
    }
    if (quote === '' && (character === ' ' || character === '\t')) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else word = (word ?? '') + character;
    index++;
  }
  if (word !== null) words.push(word);
  return quote === '' ? words : null;
}

/** `\n`, `\x41`, `\101`, `\cC`; any other character is itself. */
function readEscape(text: string, from: number): { readonly character: string; readonly next: number } | null {
  if (from >= text.length) return null;
  const rest = text.slice(from, from + 16);
  const hex = /^x([0-9a-fA-F]+)/.exec(rest);
  if (hex !== null) return code(Number.parseInt((hex[1] ?? '').slice(-2), 16), from + hex[0].length);
  const control = /^c(.)/s.exec(rest);
  if (control !== null) return code((control[1] ?? '').charCodeAt(0) & 0x1f, from + 2);
  const octal = /^[0-7]{1,3}/.exec(rest);
  if (octal !== null) return code(Number.parseInt(octal[0], 8) & 0xff, from + octal[0].length);
  const character = text.charAt(from);
  return { character: NAMED_ESCAPES[character] ?? character, next: from + 1 };
}

function code(value: number, next: number): { readonly character: string; readonly next: number } {
  return { character: String.fromCharCode(value), next };
}
