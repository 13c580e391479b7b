/**
 * What is said about a line of a configuration does not repeat the secrets that are in it: passwords, keys, what `setenv` sets.
 * Messages end in logs, in terminals that are shared, in reports of defects.
 *
 * Which words are secret is guessed from those before them, so that a slip in the keyword does not give away what follows. A
 * guess too many costs a message one of its words; line and column say where to look. What stands at the beginning of a line is
 * taken for a keyword, and repeated.
 */

/** A word like these makes secrets of the words behind it, and of what it holds itself behind `=`, `:` or a blank. */
const TELLTALE = /auth|passw|pass$|passphrase|secret|token|credential|key$|[-_]key/i;
/** Nothing but a keyword: no secret is glued to it. */
const KEYWORD_LIKE = /^[A-Z]?[a-z_-]+$/;
/** All that follows is what somebody wanted to keep out of the text. */
const ENVIRONMENT: ReadonlySet<string> = new Set(['setenv', 'presetenv']);
/** Their first argument is a name, whatever is in it. */
const NAMING: ReadonlySet<string> = new Set([
  'server',
  'frontend',
  'backend',
  'listen',
  'defaults',
  'cookie',
  'default_backend',
  'use_backend',
  'vrrp_instance',
  'vrrp_sync_group',
  'vrrp_script',
  'track_script',
]);
/** Words of the language that stand among secrets. */
const HARMLESS: ReadonlySet<string> = new Set([
  'PASS',
  'AH',
  'user',
  'groups',
  'hdr',
  'meth',
  'uri',
  'ver',
  'body',
  'realm',
  '{',
  '}',
]);
const HIDDEN = '…';

/** `text` is about the line that has these `words`. */
export function hideSecrets(words: readonly string[], text: string): string {
  const secrets = secretWords(words).sort((a, b) => b.length - a.length);
  let shown = text;
  for (const secret of secrets) shown = shown.replace(wholeWord(secret), HIDDEN);
  return shown;
}

function secretWords(words: readonly string[]): string[] {
  const [keyword = ''] = words;
  let told = ENVIRONMENT.has(keyword);
  const secretFrom = keyword === 'user' ? 2 : Number.POSITIVE_INFINITY;
  const found: string[] = [];
  words.forEach((word, at) => {
    if (at === 1 && NAMING.has(keyword)) return;
    if (TELLTALE.test(word) && !word.startsWith('/')) {
      told = true;
      if (!KEYWORD_LIKE.test(word)) found.push(word);
    } else if ((told || at >= secretFrom) && at > 0 && word !== '' && !HARMLESS.has(word)) found.push(word);
    // `stats auth`, without its second word.
    else if (keyword === 'stats' && /^[^@/]*:/.test(word)) found.push(word);
  });
  return found;
}

/** Not as a part of other words: a password may be one letter. */
function wholeWord(text: string): RegExp {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![A-Za-z0-9_])${escaped}(?![A-Za-z0-9_])`, 'g');
}
