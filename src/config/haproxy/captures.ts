/** `capture request|response header <name> len <bytes>`, `capture cookie <name> len <bytes>`: what log lines say of messages. */
import type { HeaderCapture } from '../log-model.ts';
import { integerArgument } from './arguments.ts';
import type { ProxyTarget } from './drafts.ts';
import type { Statement } from './statement.ts';

/** HAProxy's `tune.http.cookielen` less its final NUL. */
const COOKIE_MAX_BYTES = 63;

export function applyCapture(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  const { logging } = proxy;
  const kind = s.text(1);
  if (kind === 'cookie') {
    const captured = read(s, 2, false);
    if (captured === null) return;
    logging.captureStatement = s;
    const lengthBytes = Math.min(captured.lengthBytes, COOKIE_MAX_BYTES);
    logging.cookieCapture = { name: captured.name, lengthBytes };
    if (captured.lengthBytes > COOKIE_MAX_BYTES) {
      s.warning(4, 'no-effect', `of a cookie ${COOKIE_MAX_BYTES} bytes are kept at most`);
    }
  } else if ((kind === 'request' || kind === 'response') && s.text(2) === 'header') {
    const captured = read(s, 3, true);
    if (captured === null) return;
    if (kind === 'request') logging.requestCaptures.push(captured);
    else logging.responseCaptures.push(captured);
  } else {
    s.error(1, 'bad-value', "'capture' expects 'cookie' or 'request header' or 'response header'");
  }
}

function read(s: Statement, at: number, strict: boolean): HeaderCapture | null {
  const what = s.words
    .slice(0, at)
    .map((word) => word.text)
    .join(' ');
  if (!s.has(at + 2) || s.text(at) === '' || (strict && s.text(at + 1) !== 'len')) {
    s.error(
      Math.min(at, s.words.length),
      'missing-argument',
      `'${what}' lacks an argument`,
      `write: ${what} <name> len <bytes>`,
    );
    return null;
  }
  if (s.has(at + 3)) {
    if (strict || s.has(at + 4)) {
      s.error(at + 3, 'extra-argument', `'${what}' does not take the argument '${s.text(at + 3)}'`);
      return null;
    }
    s.warning(at + 3, 'no-effect', `'${s.text(at + 3)}' means nothing to '${what}'`);
  }
  const lengthBytes = integerArgument(s, at + 2, { min: 0 });
  return lengthBytes === null ? null : { name: s.text(at), lengthBytes };
}
