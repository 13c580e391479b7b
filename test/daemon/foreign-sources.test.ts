import { describe, expect, it } from 'vitest';
import { bindsForeign, foreignSourceProblems } from '../../src/daemon/foreign-sources.ts';
import { parseCapabilities } from '../../src/sys/capabilities.ts';
import { modelOf } from '../support/model.ts';

const NONE = parseCapabilities('');
const RAW = parseCapabilities('CapEff:\t0000000000002000\n');
const ADMIN = parseCapabilities('CapEff:\t0000000000001000\n');

function model(section: string, server: string) {
  return modelOf(`listen l\n bind :80\n ${section}\n server s 127.0.0.1:1 ${server}\n server t 127.0.0.1:2\n`);
}

describe('connections that leave from somebody else’s address', () => {
  it.each([
    ['', '', 0],
    ['', 'source 127.0.0.1 interface lo', 0],
    ['', 'source 127.0.0.1 usesrc clientip', 1],
    ['source 0.0.0.0 usesrc client', '', 2],
    // The server's own goes before the backend's.
    ['source 0.0.0.0 usesrc client', 'source 127.0.0.1', 1],
    ['disabled\n source 0.0.0.0 usesrc client', '', 0],
  ])('%j and %j: %i servers need a right', (section, server, count) => {
    expect(bindsForeign(model(section, server))).toBe(count > 0);
    expect(foreignSourceProblems(model(section, server), NONE)).toHaveLength(count);
    expect(foreignSourceProblems(model(section, server), ADMIN)).toHaveLength(count);
    expect(foreignSourceProblems(model(section, server), RAW)).toEqual([]);
  });

  it('are an error that says which right is missing, and where it was asked for', () => {
    expect(foreignSourceProblems(model('', 'source 0.0.0.0 usesrc client'), NONE)).toEqual([
      expect.objectContaining({ severity: 'error', line: 4, message: expect.stringContaining('CAP_NET_RAW') }),
    ]);
  });
});
