/**
 * The machine that Tandem is put on: its files and its programs. Everything below here reads and changes it by this alone, so
 * that a test (or a folder that is to become a machine, `--root`) can take its place.
 */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export interface Ran {
  readonly ok: boolean;
  /** What it said, on either stream; or why it could not be started. */
  readonly output: string;
}

/** Runs a program to its end, without a shell. */
export type RunProgram = (argv: readonly string[]) => Promise<Ran>;

export class Box {
  /** Empty: this machine. Else a folder that paths are meant below of, and nothing runs there. */
  readonly root: string;
  readonly run: RunProgram;

  constructor(root: string, run: RunProgram) {
    this.root = root;
    this.run = run;
  }

  /** Where a path of that machine is. */
  real(path: string): string {
    return this.root === '' ? path : join(this.root, path);
  }

  /** systemd is what runs this machine: sd_booted(3). */
  get hasSystemd(): boolean {
    return this.root === '' && this.isThere('/run/systemd/system');
  }

  isThere(path: string): boolean {
    return existsSync(this.real(path));
  }

  /** null: there is no such file. */
  read(path: string): string | null {
    try {
      return readFileSync(this.real(path), 'utf8');
    } catch {
      return null;
    }
  }

  isLink(path: string): boolean {
    try {
      return lstatSync(this.real(path)).isSymbolicLink();
    } catch {
      return false;
    }
  }

  /** The whole of it or nothing: a machine that loses power here has one or the other. */
  write(path: string, text: string): void {
    const real = this.real(path);
    const temporary = `${real}.${process.pid}.tmp`;
    mkdirSync(dirname(real), { recursive: true, mode: 0o755 });
    try {
      writeFileSync(temporary, text, { flag: 'wx', mode: 0o644 });
      chmodSync(temporary, 0o644);
      renameSync(temporary, real);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  remove(path: string): void {
    rmSync(this.real(path), { force: true });
  }

  /** If nothing is in it. */
  removeFolder(path: string): void {
    try {
      rmdirSync(this.real(path));
    } catch {
      // Somebody's files are in it, or it is gone.
    }
  }
}
