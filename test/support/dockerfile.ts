/** A Dockerfile, .dockerignore and compose file as far as ours use them; what they do not use is an error. */

export interface Stage {
  /** What it begins with: an image, or the name of a stage. */
  readonly from: string;
  readonly name: string;
  readonly steps: readonly Step[];
  /** HEALTHCHECK, CMD, STOPSIGNAL of it. */
  readonly settings: ReadonlyMap<string, string>;
}

export type Step =
  | { readonly kind: 'run'; readonly script: string; readonly folder: string }
  | {
      readonly kind: 'copy';
      readonly stage: string | null;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly kind: 'env'; readonly name: string; readonly value: string };

export function readDockerfile(text: string): readonly Stage[] {
  const stages: (Stage & { readonly steps: Step[]; readonly settings: Map<string, string> })[] = [];
  let folder = '/';
  const whole = text.replace(/^#.*\n/gm, '').replace(/\\\n/g, ' ');
  for (const line of whole.split('\n').filter((one) => one.trim() !== '')) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const stage = stages.at(-1);
    if (word === 'FROM') {
      const [, from = '', name = ''] = /^(?:--platform=\$BUILDPLATFORM )?(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      stages.push({ from, name, steps: [], settings: new Map() });
      folder = '/';
    } else if (stage === undefined) throw new Error(`before FROM: ${line}`);
    else if (word === 'WORKDIR') folder = rest;
    else if (word === 'RUN') stage.steps.push({ kind: 'run', script: rest, folder });
    else if (word === 'COPY') stage.steps.push(copyStep(rest, folder));
    else if (word === 'ENV') {
      const [, name = '', value = ''] = /^(\w+)="([^"]*)"$/.exec(rest) ?? [];
      stage.steps.push({ kind: 'env', name, value });
    } else if (['CMD', 'STOPSIGNAL', 'HEALTHCHECK'].includes(word)) {
      stage.settings.set(word, rest.replace(/^(--\S+ )+CMD /, ''));
    } else throw new Error(`not known here: ${line}`);
  }
  return stages;
}

function copyStep(rest: string, folder: string): Step {
  const [, stage = null, paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? [];
  const words = paths.split(/\s+/);
  const target = words.pop() ?? '';
  return { kind: 'copy', stage, sources: words, target: target.startsWith('/') ? target : `${folder}/${target}` };
}

/** What of the project's folder the build sees. */
export function contextFiles(ignore: string): readonly string[] {
  const [first, ...rest] = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (first !== '*' || rest.some((line) => !line.startsWith('!'))) throw new Error('only * and !NAME are known here');
  return rest.map((line) => line.slice(1));
}

/** A value of the compose file: `key: value`, `key: [a, b]`, or a list below it. */
export function composeValues(text: string, key: string): readonly string[] {
  const at = text.split('\n').findIndex((line) => line.trim().startsWith(`${key}:`));
  const lines = text.split('\n').slice(at);
  const own = lines[0]?.replace(/^[^:]*:\s*/, '') ?? '';
  if (at < 0) throw new Error(`there is no ${key}`);
  if (own !== '') {
    return own
      .replace(/^\[(.*)\]$/, '$1')
      .split(', ')
      .map((one) => one.replaceAll('"', ''));
  }
  const end = lines.findIndex((line, i) => i > 0 && !line.trim().startsWith('- '));
  return lines.slice(1, end).map((line) => line.trim().slice(2));
}
