/** A machine in a temporary folder: its files are real, its programs are what the test says, and what was run is kept. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Box, type Ran } from '../../src/setup/box.ts';

export class FakeBox extends Box {
  readonly ran: string[];
  /** What a program says; by default it succeeds in silence. */
  answer: (command: string) => Partial<Ran> = () => ({});
  readonly folder: string;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-box-'));
    const ran: string[] = [];
    super('', async (argv) => {
      const command = argv.join(' ');
      ran.push(command);
      return { ok: true, output: '', ...this.answer(command) };
    });
    this.folder = folder;
    this.ran = ran;
  }

  override real(path: string): string {
    return join(this.folder, path);
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(this.real(path)), { recursive: true });
    writeFileSync(this.real(path), text);
  }

  /** systemd runs it from now on. */
  boot(): void {
    mkdirSync(this.real('/run/systemd/system'), { recursive: true });
  }

  destroy(): void {
    rmSync(this.folder, { recursive: true });
  }
}
