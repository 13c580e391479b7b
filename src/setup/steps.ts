/**
 * What is to be done to a machine, step by step: printed first, then done in this order; the first step that fails is the last.
 *
 *   3. systemctl disable --now keepalived.service
 *      the other box takes the addresses
 */
import type { Box } from './box.ts';

export type Step =
  | { readonly kind: 'write'; readonly path: string; readonly text: string; readonly note: string }
  | { readonly kind: 'remove'; readonly path: string; readonly note: string }
  | { readonly kind: 'run'; readonly argv: readonly string[]; readonly note: string };

export type Say = (line: string) => void;

export function stepLines(step: Step, number: number): readonly string[] {
  const head = `${String(number).padStart(3)}. ${deed(step)}`;
  return step.note === '' ? [head] : [head, `     ${step.note}`];
}

export function sayAll(steps: readonly Step[], say: Say): void {
  steps.forEach((step, i) => {
    for (const line of stepLines(step, i + 1)) say(line);
  });
}

/** Whether all of it is done. */
export async function doAll(steps: readonly Step[], box: Box, say: Say): Promise<boolean> {
  for (const [i, step] of steps.entries()) {
    for (const line of stepLines(step, i + 1)) say(line);
    const trouble = await carryOut(step, box);
    if (trouble === null) continue;
    say(`     failed: ${trouble}`);
    return false;
  }
  return true;
}

function deed(step: Step): string {
  switch (step.kind) {
    case 'write':
      return `write ${step.path}`;
    case 'remove':
      return `remove ${step.path}`;
    case 'run':
      return step.argv.join(' ');
  }
}

/** null: it is done. */
async function carryOut(step: Step, box: Box): Promise<string | null> {
  try {
    switch (step.kind) {
      case 'write':
        box.write(step.path, step.text);
        return null;
      case 'remove':
        box.remove(step.path);
        return null;
      case 'run': {
        const { ok, output } = await box.run(step.argv);
        return ok ? null : output.trim().replaceAll('\n', '\n     ');
      }
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
