import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { composeValues, contextFiles, readDockerfile } from './dockerfile.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('Dockerfile', () => {
  const stages = readDockerfile(read('Dockerfile'));

  it('copies what .dockerignore lets it see, and nothing is seen that it does not copy', () => {
    const wanted = stages
      .flatMap(({ steps }) => steps)
      .flatMap((step) => (step.kind === 'copy' && step.stage === null ? step.sources : []));
    expect([...new Set(wanted)].sort()).toEqual([...contextFiles(read('.dockerignore'))].sort());
    expect(wanted.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('copies from stages that there are', () => {
    const names = stages.map(({ name }) => name);
    const from = stages.flatMap(({ steps }) => steps).flatMap((step) => (step.kind === 'copy' ? [step.stage] : []));
    expect(from.filter((stage) => stage !== null && !names.includes(stage))).toEqual([]);
  });

  it('compiles by all settings that the build uses', () => {
    const used = [...read('scripts/build.mjs').matchAll(/'(tsconfig[.\w]*\.json)'/g)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(2);
    expect(contextFiles(read('.dockerignore'))).toEqual(expect.arrayContaining(used));
  });

  it('ends softly, and is asked how it is', () => {
    const settings = stages.at(-1)?.settings;
    expect(settings?.get('STOPSIGNAL')).toBe('SIGUSR1');
    expect(settings?.get('HEALTHCHECK')).toContain('tandem status');
  });

  it('a word that is not known here is an error', () => {
    expect(() => readDockerfile('FROM a\nONBUILD RUN x\n')).toThrow('ONBUILD');
    expect(() => readDockerfile('RUN x\n')).toThrow('before FROM');
  });
});

describe('compose file', () => {
  it('grants what the unit does, and its files are there', () => {
    const compose = read('examples/compose/compose.yaml');
    const granted = /^CapabilityBoundingSet=(.*)$/m.exec(read('examples/tandem.service'))?.[1]?.split(' ') ?? [];
    expect(composeValues(compose, 'cap_add').map((name) => `CAP_${name}`)).toEqual(granted);
    expect(composeValues(compose, 'cap_drop')).toEqual(['ALL']);
    for (const box of ['box1', 'box2']) {
      const files = composeValues(compose, 'volumes').map((line) =>
        line.replace(/:\/.*/, '').replace(/\$\{BOX[^}]*\}/, box),
      );
      expect(files.filter((path) => !existsSync(join(root, 'examples/compose', path)))).toEqual([]);
    }
  });
});
