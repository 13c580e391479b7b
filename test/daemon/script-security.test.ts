import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { insecurity, SecureCommands } from '../../src/daemon/script-security.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { describeAsRoot } from '../support/peers.ts';

describeAsRoot('enable_script_security', () => {
  let folder: string;
  let script: string;

  beforeEach(() => {
    // Not below /tmp, which everybody may write to.
    folder = mkdtempSync('/run/tandem-security-');
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'bin'), { mode: 0o755 });
    script = join(folder, 'bin', 'check');
    writeFileSync(script, '#!/bin/sh\n');
    chmodSync(script, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('what only root can write may run', () => {
    expect(insecurity(script, '')).toBeNull();
    expect(insecurity('check', join(folder, 'bin'))).toBeNull();
  });

  it.each<[string, () => void]>([
    ['a file that everybody can write', () => chmodSync(script, 0o757)],
    ['a file of somebody else', () => chownSync(script, 7, 0)],
    ['a folder on the way that everybody can write', () => chmodSync(join(folder, 'bin'), 0o777)],
    [
      'a group other than root’s that can write',
      () => {
        chownSync(script, 0, 7);
        chmodSync(script, 0o775);
      },
    ],
  ])('%s may not', (_, spoil) => {
    spoil();
    expect(insecurity(script, '')).toContain('enable_script_security');
    expect(insecurity('check', join(folder, 'bin'))).toContain('enable_script_security');
  });

  it('a link is what it points at', () => {
    chmodSync(script, 0o757);
    const link = join(folder, 'link');
    symlinkSync(script, link);
    expect(insecurity(link, '')).toContain(script);
  });

  it('is asked about root’s runs only, each time', async () => {
    const inner = new FakeCommands();
    inner.answer = () => ({});
    const commands = new SecureCommands(inner, '');
    chmodSync(script, 0o757);
    expect(await commands.run([script], { timeoutMs: 1 })).toMatchObject({ exitCode: null });
    await commands.run([script], { timeoutMs: 1, uid: 7 });
    chmodSync(script, 0o755);
    await commands.run([script], { timeoutMs: 1 });
    expect(inner.runs.length).toBe(2);
    // The file may stop asking for it.
    chmodSync(script, 0o757);
    commands.enabled = false;
    await commands.run([script], { timeoutMs: 1 });
    expect(inner.runs.length).toBe(3);
  });
});
