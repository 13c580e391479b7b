/**
 * The front end for keepalived.conf: files in, a model out, and everything that is wrong with them.
 *
 *   files ─▶ reader.ts (comments, $NAME, ~SEQ, include) ─▶ blocks.ts (statements) ─▶ sections.ts ─▶ drafts ─▶ build.ts
 *
 * Pure but for `context.readFile` and `context.listFolder`, which includes are found with. Not here: reading the
 * configuration itself (../files.ts).
 */
import type { Problem } from '../../core/problem.ts';
import type { PairModel } from '../pair-model.ts';
import { readBlocks } from './blocks.ts';
import { buildPairModel } from './build.ts';
import { applyBlock } from './keyword.ts';
import { LineText } from './line-text.ts';
import { newLoading } from './loading.ts';
import { readLines } from './reader.ts';
import { SECTIONS } from './sections.ts';
import { type LoadContext, ProblemSink, type SourceFile } from './source.ts';
import { Statement } from './statement.ts';

export interface PairLoadResult {
  /** null if and only if there is an error among the problems. */
  readonly model: PairModel | null;
  /** In the order of the files and their lines. */
  readonly problems: readonly Problem[];
}

export function loadKeepalivedConfig(files: readonly SourceFile[], context: LoadContext): PairLoadResult {
  const sink = new ProblemSink();
  const statements = readBlocks(readLines(files, context, sink), sink);
  const top = new Statement({ file: files[0]?.name ?? '', line: 1 }, [], LineText.of(''), sink);
  const loading = newLoading(top);
  applyBlock(SECTIONS, statements, loading);
  const model = buildPairModel(loading, context.hostname);
  const problems = sortProblems(sink.problems, files);
  return { model: problems.some(({ severity }) => severity === 'error') ? null : model, problems };
}

/** Files as given, then the included ones in the order of their first problem. */
function sortProblems(problems: readonly Problem[], files: readonly SourceFile[]): readonly Problem[] {
  const order = new Map(files.map((file, index) => [file.name, index]));
  for (const { file } of problems) if (!order.has(file)) order.set(file, order.size);
  const rank = (problem: Problem): number => order.get(problem.file) ?? order.size;
  return [...problems].sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}
