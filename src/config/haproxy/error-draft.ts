/** Sections of error pages, and what proxies want of them, while a configuration is read. */
import type { ErrorFile } from '../model.ts';
import type { Statement } from './statement.ts';

export interface ErrorSection {
  readonly name: string;
  readonly statement: Statement;
  readonly files: Map<number, ErrorFile>;
}

/** What an `errorfiles` asks for. */
export interface ErrorImport {
  readonly statement: Statement;
  /** By status, where it stands on the line; empty: all that the section has. */
  readonly statuses: ReadonlyMap<number, number>;
  /** What the proxy had so far, which is not to win. */
  readonly before: ReadonlyMap<number, ErrorFile>;
}
