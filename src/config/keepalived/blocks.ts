/**
 * Logical lines → a tree of statements. A `{` or `}` outside of "..." splits a line wherever it stands; everything between
 * is one statement, cut into words at blanks and quotes (lib/parser.c: read_line's end, alloc_strvec_r).
 *
 *   vrrp_instance VI_1{            Statement(vrrp_instance VI_1)
 *     authentication { auth_type PASS      ├─ Statement(authentication)
 *       auth_pass 1066 }                   │    ├─ Statement(auth_type PASS)
 *   }                                      │    └─ Statement(auth_pass 1066)
 */
import type { LineText } from './line-text.ts';
import type { LogicalLine, ProblemSink } from './source.ts';
import { Statement, type Word } from './statement.ts';

interface OpenBlock {
  readonly owner: Statement | null;
  readonly statements: Statement[];
}

/** keepalived's words go three deep; what nests a thousand times is meant to break a parser. */
const MAX_DEPTH = 32;

export function readBlocks(lines: readonly LogicalLine[], sink: ProblemSink): readonly Statement[] {
  const root: OpenBlock = { owner: null, statements: [] };
  const stack: OpenBlock[] = [root];
  // The statement that a `{` would belong to: the last one, while nothing stood between.
  let last: Statement | null = null;
  for (const { origin, line } of lines) {
    for (const piece of splitAtBraces(line)) {
      const block = stack.at(-1) ?? root;
      if (piece.text === '{') {
        const owner: Statement | null = last;
        last = null;
        if (owner === null || stack.length > MAX_DEPTH) {
          const message = "this '{' follows no keyword that it could belong to";
          sink.report('error', origin, piece.columnAt(0), 'unexpected-brace', message);
          stack.push({ owner: null, statements: [] });
        } else {
          owner.children = [];
          stack.push({ owner, statements: owner.children });
        }
      } else if (piece.text === '}') {
        last = null;
        if (stack.length > 1) stack.pop();
        else sink.report('error', origin, piece.columnAt(0), 'unexpected-brace', "this '}' closes nothing");
      } else {
        last = new Statement(origin, splitWords(piece), piece, sink);
        block.statements.push(last);
      }
    }
  }
  for (const { owner } of stack.slice(1)) {
    owner?.error(0, 'missing-brace', `the block of '${owner.keyword}' is not closed`, "its '}' is missing");
  }
  return root.statements;
}

function splitAtBraces(line: LineText): readonly LineText[] {
  const pieces: LineText[] = [];
  let from = 0;
  let quoted = false;
  for (let index = 0; index < line.text.length; index++) {
    const character = line.text[index];
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '{' || character === '}')) {
      pieces.push(line.slice(from, index).trim(), line.slice(index, index + 1));
      from = index + 1;
    }
  }
  pieces.push(line.slice(from).trim());
  return pieces.filter(({ text }) => text !== '');
}

/** A quote starts a word even in the middle of one, and an empty one counts. */
function splitWords(piece: LineText): readonly Word[] {
  const words: Word[] = [];
  for (const match of piece.text.matchAll(/"([^"]*)"?|[^ \t"]+/g)) {
    const [whole, inside] = match;
    words.push({ text: inside ?? whole, column: piece.columnAt(match.index), quoted: inside !== undefined });
  }
  return words;
}
