/**
 * The rules of the house that a machine can check: who may import whom, seams with one home, sizes, names.
 * ARCHITECTURE.md explains them; when a rule changes there, its row here changes with it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** The project's own files. Not through git: a tarball on a machine without git has the same rules. */
function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (['.git', 'node_modules', 'dist', 'coverage', 'bench/out'].includes(path)) return [];
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
}

const ownFiles = filesUnder('');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const sources = ownFiles.filter((file) => file.startsWith('src/') && file.endsWith('.ts'));
const tests = ownFiles.filter((file) => file.startsWith('test/') && file.endsWith('.ts'));

/** Layer table: a folder imports its row and itself, nothing else. `proxy/plan` means that file alone. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  http1: ['core'],
  sys: ['core'],
  config: ['core'],
  netlink: ['core', 'sys'],
  health: ['core', 'config'],
  vrrp: ['core', 'config', 'sys', 'netlink'],
  l4: ['core', 'config', 'sys', 'netlink'],
  proxy: ['core', 'http1', 'sys'],
  daemon: [
    'core',
    'http1',
    'sys',
    'config',
    'netlink',
    'health',
    'vrrp',
    'l4',
    'proxy/plan',
    'proxy/sample-plan',
    'proxy/condition-plan',
    'proxy/inside-plan',
    'proxy/shared-state',
    'proxy/questions',
    'proxy/messages',
    // One codec for the lines of a proxy's log, whichever process has something to say.
    'proxy/log/sink',
  ],
  admin: ['core', 'config', 'l4/status', 'l4/kernel', 'daemon'],
  web: ['core', 'config', 'l4/status', 'l4/kernel', 'daemon', 'admin'],
  setup: ['core', 'config'],
  cli: ['core', 'config', 'daemon', 'admin', 'web', 'setup'],
};

/** Packages, and the folders that may import them. Node's own modules are free, but for the seams below. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  koffi: ['sys'],
  'raw-socket': ['vrrp'],
  pino: ['daemon', 'cli'],
  nodemailer: ['daemon'],
  'prom-client': ['web'],
};

/** Of what runs in a browser. */
const PAGE_HOME = 'src/web/dashboard/page/browser.ts';

/** A thing that has one home: who else uses it cannot be tested without the real one. */
const SEAMS: readonly { name: string; pattern: RegExp; homes: readonly string[] }[] = [
  {
    name: 'wall and monotonic clock',
    pattern: /\b(Date\.now|performance\.now|process\.hrtime)\b/,
    homes: ['src/core/clock.ts', PAGE_HOME],
  },
  { name: 'timers', pattern: /\b(setTimeout|setInterval)\(/, homes: ['src/core/clock.ts', PAGE_HOME] },
  { name: 'environment', pattern: /\bprocess\.env\b/, homes: ['src/cli/environment.ts'] },
  { name: 'randomness', pattern: /\b(Math\.random|randomBytes|randomInt)\b/, homes: ['src/core/random.ts'] },
  { name: 'child processes', pattern: /['"](node:)?child_process['"]/, homes: ['src/daemon/spawn.ts'] },
];

interface Import {
  readonly from: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const code = new Map(sources.map((file) => [file, withoutComments(read(file))]));

/** Comments and strings may name what the code may not use. Strings stay: imports are strings. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\s\/\/ .*$/gm, '');
}

/** `import … from 'x'`, `export … from 'x'`, `import 'x'` and `import('x')`. */
const IMPORT =
  /^(?:import|export)\s+(type\s)?[^'";]*?from\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

function importsOf(file: string): Import[] {
  return [...(code.get(file) ?? '').matchAll(IMPORT)].map((match) => {
    const specifier = match[2] ?? match[3] ?? match[4] ?? '';
    const target = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
    return { from: file, target, typeOnly: match[1] !== undefined };
  });
}

const imports = sources.flatMap(importsOf);
const folderOf = (file: string) => file.split('/')[1] ?? '';

function allowed({ from, target }: Import): boolean {
  const folder = folderOf(from);
  if (target.startsWith('node:')) return true;
  if (!target.startsWith('src/')) {
    const packageName = target.split('/')[0] ?? '';
    return PACKAGES[packageName]?.includes(folder) ?? false;
  }
  const row = LAYERS[folder] ?? [];
  const targetFolder = folderOf(target);
  const targetModule = target.slice('src/'.length).replace(/\.ts$/, '');
  return targetFolder === folder || row.includes(targetFolder) || row.includes(targetModule);
}

/** Every import cycle, as a path that ends where it starts. Imports of types alone are gone when the program runs. */
function cycles(): string[] {
  const edges = new Map<string, string[]>();
  for (const { from, target, typeOnly } of imports) {
    if (target.startsWith('src/') && !typeOnly) edges.set(from, [...(edges.get(from) ?? []), target]);
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const seenAt = path.indexOf(file);
    if (seenAt >= 0) {
      found.push([...path.slice(seenAt), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
  return found;
}

const lineCount = (file: string) => read(file).split('\n').length - 1;

/** file:line of each match in each file. */
function linesWith(files: readonly string[], pattern: RegExp, text: (file: string) => string = read): string[] {
  return files.flatMap((file) =>
    text(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

describe('layers', () => {
  it('every folder of src has a row in the table', () => {
    const folders = new Set(sources.map(folderOf));
    expect([...folders].filter((folder) => !(folder in LAYERS))).toEqual([]);
  });

  it('a folder imports only what its row allows', () => {
    const odd = imports.filter((one) => !allowed(one)).map((one) => `${one.from} imports ${one.target}`);
    expect(odd).toEqual([]);
  });

  it('relative imports point at files that are there', () => {
    const odd = imports.filter((one) => one.target.startsWith('src/') && !existsSync(join(root, one.target)));
    expect(odd).toEqual([]);
  });

  it('has no import cycles', () => {
    expect(cycles()).toEqual([]);
  });
});

describe('seams', () => {
  it.each(SEAMS)('$name has one home', ({ pattern, homes }) => {
    const elsewhere = sources.filter((file) => !homes.includes(file));
    expect(linesWith(elsewhere, pattern, (file) => code.get(file) ?? '')).toEqual([]);
  });
});

describe('files', () => {
  it('none has more than 500 lines', () => {
    const long = [...sources, ...tests].filter((file) => lineCount(file) > 500);
    expect(long.map((file) => `${file}: ${lineCount(file)}`)).toEqual([]);
  });

  it('half of those in src have fewer than 150 lines', () => {
    const counts = sources.map(lineCount).sort((a, b) => a - b);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThan(150);
  });

  it('none has a name that says nothing', () => {
    expect(ownFiles.filter((file) => /(^|[/.-])(utils?|helpers?|common|misc|manager)([/.-]|$)/.test(file))).toEqual([]);
  });

  it('each in src opens with a comment that says its role', () => {
    expect(sources.filter((file) => !/^(#!.*\n)?(\/\*\*|\/\/)/.test(read(file)))).toEqual([]);
  });

  it('tests stand where their sources do', () => {
    const folders = new Set([...sources.map(folderOf), 'bench', 'e2e', 'fuzz', 'simulation', 'support']);
    const odd = tests.filter((file) => {
      const parts = file.split('/');
      return parts.length > 2 && !folders.has(parts[1] ?? '');
    });
    expect(odd).toEqual([]);
  });
});

describe('what is committed', () => {
  const text = ownFiles.filter((file) => /\.(ts|mjs|js|json|md|cfg|vtc|sh|yml|yaml)$|^\.ci\/|Dockerfile/.test(file));
  const others = text.filter((file) => file !== 'test/tidy.test.ts');

  it('stands alone: names no folder outside of the project', () => {
    expect(linesWith(others, /\.\.\/shared(?![-\w])|\/work\/(shared|notes|main)\b/)).toEqual([]);
  });

  it('switches no test off, silences no checker, leaves no note for later', () => {
    const typescript = others.filter((file) => /\.(ts|mjs)$/.test(file));
    expect(linesWith(typescript, /\.(skip|only|todo)\(|@ts-(ignore|expect-error|nocheck)|biome-ignore/)).toEqual([]);
    expect(linesWith(typescript, /\b(TODO|FIXME|XXX)\b/)).toEqual([]);
    expect(linesWith(typescript, /: any\b|\bas any\b|<any>|any\[\]/)).toEqual([]);
  });

  it('exports nothing as default from src, has no enum and no barrel', () => {
    const body = (file: string) => code.get(file) ?? '';
    expect(linesWith(sources, /^\s*export default\b|^\s*(export )?(const )?enum\b|^\s*export \* /, body)).toEqual([]);
  });
});

describe('documents', () => {
  const documents = ownFiles.filter((file) => file.endsWith('.md'));
  const architecture = () => read('ARCHITECTURE.md');

  it('ARCHITECTURE.md has the layer table that is executed here', () => {
    const rows = [...architecture().matchAll(/^\| `src\/(\w+)` \| ([^|]+) \|/gm)].map(([, folder = '', cell = '']) => {
      return [folder, cell === '–' ? [] : cell.split(', ')] as const;
    });
    expect(Object.fromEntries(rows)).toEqual(LAYERS);
  });

  it('ARCHITECTURE.md has the limits that the code has', () => {
    const rows = [...architecture().matchAll(/^\| `([A-Z_]+)` \| (\d+) \| `(src\/[^`]+)` \|/gm)];
    expect(rows.length).toBeGreaterThan(10);
    const wrong = rows.filter(([, name = '', value = '', file = '']) => {
      const written = new RegExp(`^(?:export )?const ${name} = ([0-9_]+);`, 'm').exec(read(file));
      return written?.[1]?.replaceAll('_', '') !== value;
    });
    expect(wrong.map(([row]) => row)).toEqual([]);
  });

  it('name files that are there (bench/out is written by the bench)', () => {
    const missing = documents.flatMap((document) => {
      const text = read(document);
      const inCode = [...text.matchAll(/`((?:src|test|bench|scripts|docs|examples)\/[\w./-]+\.\w+)`/g)];
      const inLinks = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)];
      return [
        ...inCode.map(([, path = '']) => path),
        ...inLinks.map(([, path = '']) => normalize(join(dirname(document), path))),
      ]
        .filter((path) => !path.startsWith('bench/out/') && !existsSync(join(root, path)))
        .map((path) => `${document}: ${path}`);
    });
    expect(missing).toEqual([]);
  });
});
