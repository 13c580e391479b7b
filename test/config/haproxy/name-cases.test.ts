import { describe, expect, it } from 'vitest';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';

const FILES: Readonly<Record<string, string>> = {
  good: '# names\n\n  host HOST  \r\n\tx-a\t X-a\n',
  differs: 'host HOST\nx-a X-B\n',
  single: 'host\n',
  twice: 'host HOST\nhost Host\n',
};

function load(global: string) {
  const text = `global\n ${global}\n`;
  const readFile = (path: string): Buffer => {
    const content = FILES[path];
    if (content === undefined) throw new Error('no such file');
    return Buffer.from(content);
  };
  const { model, problems } = loadHaproxyConfig([{ name: 'test.cfg', text }], { env: {}, readFile });
  return {
    nameCases: model?.global.nameCases,
    errors: problems.filter(({ severity }) => severity === 'error').map(({ line, message }) => `${line}: ${message}`),
    warnings: problems.filter(({ severity }) => severity === 'warning').length,
  };
}

describe('h1-case-adjust', () => {
  it('lists names, as does its file, of which the last one counts', () => {
    expect(load('h1-case-adjust te TE\n h1-case-adjust-file single')).toMatchObject({ nameCases: undefined });
    expect(load('h1-case-adjust te TE\n h1-case-adjust-file good\n h1-case-adjust-file good').nameCases).toEqual([
      ['te', 'TE'],
      ['host', 'HOST'],
      ['x-a', 'X-a'],
    ]);
  });

  it.each([
    ['h1-case-adjust a b', "2: 'a' and 'b' may differ in case only"],
    ['h1-case-adjust a A\n h1-case-adjust a a', "3: 'a' is there already"],
    ['h1-case-adjust host Host\n h1-case-adjust-file good', "3: 'good', line 3: 'host' is there already"],
    ['h1-case-adjust-file good\n h1-case-adjust host Host', "3: 'host' is there already"],
    ['h1-case-adjust-file differs', "2: 'differs', line 2: 'x-a' and 'X-B' may differ in case only"],
    ['h1-case-adjust-file single', "2: 'single', line 1: two names are expected"],
    ['h1-case-adjust-file twice', "2: 'twice', line 2: 'host' is there already"],
    ['h1-case-adjust-file missing', "2: cannot read 'missing': no such file"],
  ])('refuses %j', (global, error) => {
    expect(load(global).errors).toEqual([error]);
  });

  it('works with a name that is not in lower case, which HAProxy never finds, and says so', () => {
    expect(load('h1-case-adjust Host HOST')).toEqual({ nameCases: [['Host', 'HOST']], errors: [], warnings: 1 });
  });
});
