/** The loader as a whole: what it promises about any input, and what only shows across files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LoadResult, loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import { SeededRandom } from '../../support/random.ts';

const context = {
  env: {},
  readFile: (): Buffer => {
    throw new Error('no files here');
  },
};

function load(...texts: readonly string[]): LoadResult {
  const files = texts.map((text, i) => ({ name: `${i + 1}.cfg`, text }));
  return loadHaproxyConfig(files, context);
}

/** One listen section around these lines, in mode http. */
function listen(lines: string): LoadResult {
  return load(
    `listen l\n mode http\n bind :20080\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n${lines}\n`,
  );
}

const codes = ({ problems }: LoadResult) => problems.map((problem) => problem.code);

describe('several files', () => {
  it('are one configuration: defaults and backends of one serve another', () => {
    const { model, problems } = load(
      'defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n',
      'frontend f\n bind :20080\n default_backend b\n',
      'backend b\n server s 192.0.2.1:80\n',
    );
    expect(problems).toEqual([]);
    expect(model?.proxies.map((proxy) => proxy.mode)).toEqual(['http', 'http']);
  });

  it('each begin outside of any section', () => {
    expect(load('global\n', 'daemon\n').problems).toMatchObject([{ code: 'no-section', file: '2.cfg', line: 1 }]);
  });

  it('report their problems in order, all at once', () => {
    const { problems } = load('backend a\n bogus\n server s\n', 'global\n maxcon 1\nbackend b\n default_backend x\n');
    const places = problems.filter((p) => p.severity === 'error').map((p) => `${p.file}:${p.line}:${p.column}`);
    expect(places).toEqual(['1.cfg:2:2', '1.cfg:3:10', '2.cfg:2:2', '2.cfg:4:18']);
  });
});

describe('the environment', () => {
  it('is not changed outside of the load', () => {
    const env: Record<string, string> = { KEPT: 'yes' };
    const text = 'global\n resetenv\n setenv NEW 1\n';
    loadHaproxyConfig([{ name: 'a.cfg', text }], { ...context, env });
    expect(env).toEqual({ KEPT: 'yes' });
  });

  it('changes for the lines behind setenv, in the next files too', () => {
    const { model } = load('global\n setenv NODE one\n', 'global\n node "$NODE"\n');
    expect(model?.global.node).toBe('one');
  });

  it('names the files and the host', () => {
    const text = 'global\n node "$HAPROXY_LOCALPEER"\n description "$HAPROXY_CFGFILES"\n';
    const { model } = loadHaproxyConfig([{ name: 'a.cfg', text }], { ...context, hostname: 'lb1' });
    expect(model?.global).toMatchObject({ node: 'lb1', description: 'a.cfg' });
  });
});

describe('numbers that nobody wrote', () => {
  it('count on over those that are given, for proxies and for servers, as in haproxy', () => {
    const { model } = load(
      'backend a\nbackend b\n id 1\nbackend c\n server x 192.0.2.1:1\n server y 192.0.2.1:1 id 1\n',
    );
    expect(model?.proxies.map((proxy) => proxy.id)).toEqual([2, 1, 4]);
    expect(model?.proxies[2]?.servers.map((server) => server.id)).toEqual([2, 1]);
  });
});

describe('log global', () => {
  it('takes each target of the global section once, in the order of lines', () => {
    const { model } = load(
      'global\n log 192.0.2.1 local0\ndefaults\n log global\nbackend a\n log global\nglobal\n log 192.0.2.2 local1\nbackend b\n log global\n',
    );
    expect(model?.proxies.map((proxy) => proxy.logs.map((log) => log.facility))).toEqual([[16], [16, 17]]);
  });
});

describe('use_backend without a condition', () => {
  it('goes before default_backend, the first one wins', () => {
    const { model } = listen(
      'default_backend c\n use_backend a\n use_backend b\nbackend a\n mode http\nbackend b\n mode http\nbackend c\n mode http',
    );
    expect(model?.proxies[0]?.defaultBackend).toBe('a');
  });
});

describe('a disabled proxy', () => {
  it('is not looked into, as in HAProxy', () => {
    const { model, problems } = load('listen l\n disabled\n default_backend nowhere\n server s 192.0.2.1:1\n');
    expect(problems).toEqual([]);
    expect(model?.proxies).toMatchObject([{ name: 'l', disabled: true }]);
  });
});

describe('the model', () => {
  it('cannot be changed', () => {
    const { model } = listen('server s 192.0.2.1:80');
    expect(Object.isFrozen(model?.proxies[0]?.servers[0]?.check)).toBe(true);
  });

  it('is there if and only if there is no error', () => {
    expect(listen('nonsense').model).toBeNull();
    const { model, problems } = listen('option splice-auto');
    expect(model).not.toBeNull();
    expect(problems).toHaveLength(1);
  });

  it('reports .diag lines on demand only', () => {
    const files = [{ name: 'a.cfg', text: '.diag "look here"\n' }];
    expect(loadHaproxyConfig(files, context).problems).toEqual([]);
    expect(loadHaproxyConfig(files, { ...context, diagnostics: true }).problems).toMatchObject([
      { severity: 'warning' },
    ]);
  });
});

describe('a keyword that comes later', () => {
  it.each([
    ['declare capture request len 5', 'declare'],
    ['stick on src', 'stick'],
    ['compression algo gzip', 'compression'],
    ['http-request deny', 'http-request'],
    ['monitor-uri /x', 'monitor-uri'],
    ['dispatch 192.0.2.1:80', 'dispatch'],
    ['server s x:80 ssl verify none', 'ssl'],
    ['server s x:80 resolvers dns', 'resolvers'],
    ['stick on src', 'stick'],
    ['balance rdp-cookie(x)', 'rdp-cookie'],
    ['option checkcache', 'checkcache'],
  ])('%s is an error that names it', (line, word) => {
    const { problems, model } = listen(line);
    expect(model).toBeNull();
    expect(problems).toMatchObject([
      { code: 'unsupported-keyword', line: 7, message: expect.stringContaining(`'${word}'`) },
    ]);
  });
});

describe('any text at all', () => {
  const folder = join(import.meta.dirname, '../golden');
  const seeds = readdirSync(folder)
    .filter((name) => name.endsWith('.cfg'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));

  function expectVerdict(text: string): void {
    const { model, problems } = load(text);
    expect(model === null).toBe(problems.some((problem) => problem.severity === 'error'));
    for (const { line, column, message } of problems) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(message).not.toBe('');
    }
  }

  it('gives a model or an error: random bytes', () => {
    const random = new SeededRandom(1);
    for (let round = 0; round < 300; round++) {
      let text = '';
      for (let i = random.size(2000); i > 0; i--)
        text += String.fromCharCode(random.below(random.below(2) === 0 ? 128 : 0x3000));
      expectVerdict(`${text}\n`);
    }
  });

  it('gives a model or an error: real files with words moved, doubled and cut', () => {
    const random = new SeededRandom(2);
    for (const seed of seeds) {
      const lines = seed.split('\n').map((line) => line.split(' '));
      const words = lines.flat();
      for (let round = 0; round < 150; round++) {
        const mutated = lines.map((line) => [...line]);
        for (let change = 1 + random.below(8); change > 0; change--) {
          const line = mutated[random.below(mutated.length)] ?? [];
          const word = words[random.below(words.length)] ?? '';
          line.splice(
            random.below(line.length + 1),
            random.below(3),
            ...(random.below(3) === 0 ? [] : [word.slice(random.below(3))]),
          );
        }
        expectVerdict(mutated.map((line) => line.join(' ')).join('\n'));
      }
    }
  });

  it('gives a verdict for every cut of a file', () => {
    const text = seeds[0] ?? '';
    for (let end = 0; end <= text.length; end++) expectVerdict(text.slice(0, end));
  });

  it('does not take long for a long line', () => {
    expectVerdict(`backend b\n server s 192.0.2.1:80 ${'x'.repeat(200_000)}\n ${'y'.repeat(200_000)}\n`);
  });
});

it('warns of what is dropped', () => {
  expect(codes(listen('server a 192.0.2.1:80 "" check'))).toEqual(['empty-argument']);
});
