/**
 * `tandem install` and `tandem uninstall` as steps: which of the files are to be written or removed, and what systemd is told.
 * A file that somebody has changed stays as it is, unless the caller insists.
 */
import type { Box } from './box.ts';
import { PACKAGED_PATHS, type PackagedFile, SYSUSERS_PATH, TMPFILES_PATH, UNIT_PATH } from './packaged-files.ts';
import { isUntouched, stamped } from './stamp.ts';
import type { Step } from './steps.ts';

export interface Steps {
  readonly steps: readonly Step[];
  /** What is left as it is, and why. */
  readonly notes: readonly string[];
}

export const NO_SYSTEMD = 'systemd does not run here: it is told nothing';

export function installSteps(files: readonly PackagedFile[], box: Box, force: boolean): Steps {
  const steps: Step[] = [];
  const notes: string[] = [];
  for (const { path, text } of files) {
    const wanted = stamped(text);
    const there = box.isLink(path) ? 'a link' : box.read(path);
    if (there === wanted) notes.push(`${path} is as it should be`);
    else if (there === null) steps.push({ kind: 'write', path, text: wanted, note: '' });
    else if (force) steps.push({ kind: 'write', path, text: wanted, note: 'instead of what is there' });
    else if (isUntouched(there))
      steps.push({ kind: 'write', path, text: wanted, note: 'instead of that of another time' });
    else notes.push(`${path} was changed by somebody, and stays as it is (--force writes it anew)`);
  }
  const written = steps.flatMap((step) => (step.kind === 'write' ? [step.path] : []));
  if (written.length === 0) return { steps, notes };
  if (!box.hasSystemd) return { steps, notes: [...notes, NO_SYSTEMD] };
  if (written.includes(SYSUSERS_PATH)) steps.push(run(['systemd-sysusers', SYSUSERS_PATH]));
  if (written.includes(TMPFILES_PATH)) steps.push(run(['systemd-tmpfiles', '--create', TMPFILES_PATH]));
  if (written.includes(UNIT_PATH)) steps.push(run(['systemctl', 'daemon-reload']));
  return { steps, notes };
}

export function uninstallSteps(box: Box, force: boolean): Steps {
  const steps: Step[] = [];
  const notes: string[] = [];
  const there = PACKAGED_PATHS.filter((path) => box.isLink(path) || box.isThere(path));
  if (there.includes(UNIT_PATH) && box.hasSystemd) {
    steps.push(run(['systemctl', 'disable', '--now', 'tandem.service'], 'addresses and clients are handed over first'));
  }
  for (const path of there) {
    const own = !box.isLink(path) && isUntouched(box.read(path) ?? '');
    if (own || force) steps.push({ kind: 'remove', path, note: '' });
    else notes.push(`${path} was changed by somebody, and stays (--force removes it)`);
  }
  if (there.includes(UNIT_PATH) && box.hasSystemd) steps.push(run(['systemctl', 'daemon-reload']));
  return { steps, notes };
}

export function run(argv: readonly string[], note = ''): Step {
  return { kind: 'run', argv, note };
}
