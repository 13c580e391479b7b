/**
 * `regsub(regex,text,flags)`: matches are replaced; `\1` in the text is what the first group matched, `\0` all of it, `\xNN` a
 * byte. Regular expressions (core/pcre.ts) run over bytes as Latin-1, which costs a string for each evaluation.
 */
import { pcreExpression } from '../../core/pcre.ts';
import { hexDigit } from './address.ts';
import type { RunConverter } from './converters.ts';
import { SAMPLE_TEXT } from './value.ts';

/** A pattern of the configuration for texts of bytes. */
export function byteRegex(pattern: string, flags: string): RegExp {
  return pcreExpression(Buffer.from(pattern).toString('latin1'), flags);
}

export function substitute(pattern: string, replacement: string, flags: string): RunConverter {
  const regex = byteRegex(pattern, flags.includes('i') ? 'gi' : 'g');
  const text = Buffer.from(replacement).toString('latin1');
  const isGlobal = flags.includes('g');
  return (value) => {
    const input = value.bytes.toString('latin1', value.start, value.end);
    const into = value.other();
    return value.setRange(SAMPLE_TEXT, into, 0, into.write(replaced(input, regex, text, isGlobal), 'latin1'));
  };
}

function replaced(input: string, regex: RegExp, text: string, isGlobal: boolean): string {
  let output = '';
  let at = 0;
  do {
    regex.lastIndex = at;
    const match = regex.exec(input);
    if (match === null) break;
    output += input.slice(at, match.index) + expand(text, match);
    if (at >= input.length) break;
    let end = match.index + match[0].length;
    // A match of nothing stands before a character, which is passed by.
    if (end === at) output += input[end++];
    at = end;
  } while (isGlobal);
  return output + input.slice(at);
}

function expand(text: string, match: RegExpExecArray): string {
  let output = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c !== '\\') {
      output += c;
      continue;
    }
    const next = text[++i] ?? '';
    if (next >= '0' && next <= '9') output += match[Number(next)] ?? '';
    else if (next === 'x' && i + 2 < text.length) {
      const high = hexDigit(text.charCodeAt(i + 1));
      const low = hexDigit(text.charCodeAt(i + 2));
      output += String.fromCharCode(((Math.max(0, high) << 4) | Math.max(0, low)) & 0xff);
      i += 2;
    } else output += next;
  }
  return output;
}
