/**
 * A file that only its owner may read, at a path in a folder where anybody may write (/tmp), keepalived's way: a new file
 * beside it takes its place. So a link that somebody put there is replaced, not followed; and who has the old one open reads
 * nothing of the new one.
 */
import { closeSync, constants, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { type Random, systemRandom } from '../core/random.ts';

const MODE = 0o600;
/** Fails where anything has that name already, a link included. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Whoever takes names on purpose has to guess. */
const TRIES = 10;

/** null, or why not. */
export function writePrivateFile(path: string, text: string, random: Random = systemRandom): string | null {
  let temporary: string | null = null;
  try {
    const made = openNew(path, random);
    temporary = made.name;
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(made.fd, bytes, at);
    } finally {
      closeSync(made.fd);
    }
    renameSync(temporary, path);
    return null;
  } catch (error) {
    if (temporary !== null) remove(temporary);
    return `Can't open ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function openNew(path: string, random: Random): { readonly fd: number; readonly name: string } {
  for (let left = TRIES; ; left--) {
    const name = `${path}.${Math.floor(random.next() * 2 ** 48).toString(36)}`;
    try {
      return { fd: openSync(name, FLAGS, MODE), name };
    } catch (error) {
      if (left <= 1 || (error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody was faster.
  }
}
