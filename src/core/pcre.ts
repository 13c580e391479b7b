/**
 * Regular expressions as operators write them for HAProxy (PCRE) in those of JavaScript: what both know but read differently
 * is translated, what JavaScript does not know is a SyntaxError as ever.
 *
 *   a$        also before the newline that ends the text       []a]     `]` and `a`
 *   (?i)a     in either case                                   [[:digit:]x]  \A  \z  \Z  \h
 */

const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

const ESCAPES: Readonly<Record<string, string>> = {
  '\\A': '^',
  '\\z': '$',
  '\\Z': '(?=\\n?$)',
  '\\h': '[ \\t]',
  $: '(?=\\n?$)',
};

/** An escape, a class with all that is in it, or an end of the text. */
const PART = /\\[\s\S]|\[\^?\]?(?:\[:\w+:\]|\\[\s\S]|[^\]\\])*\]|\$/g;

export function pcreExpression(expression: string, flags = ''): RegExp {
  const anyCase = expression.startsWith('(?i)');
  const source = (anyCase ? expression.slice(4) : expression).replace(PART, (part) => {
    return part.startsWith('[') ? characterClass(part) : (ESCAPES[part] ?? part);
  });
  return new RegExp(source, anyCase && !flags.includes('i') ? `${flags}i` : flags);
}

function characterClass(text: string): string {
  return text
    .replace(/^(\[\^?)\]/, '$1\\]')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => CLASSES[name] ?? whole)
    .replaceAll('\\h', ' \\t');
}
