/** Which program a file was written for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { detectSyntax, type Syntax } from '../../src/config/detect.ts';

it.each<[string, string, Syntax]>([
  ['a.cfg', 'global\n  daemon\n', 'haproxy'],
  ['a.conf', 'global\n  daemon\n', 'haproxy'],
  ['keepalived.conf', '# x\n\nlisten web # global_defs {\n', 'haproxy'],
  ['a.cfg', '.if defined(X)\n.endif\n', 'haproxy'],
  ['haproxy.cfg', 'global_defs {\n}\n', 'keepalived'],
  ['a.cfg', '! comment\nvrrp_instance X{\n', 'keepalived'],
  ['a.cfg', 'vrrp_script "x" {\n', 'keepalived'],
  ['a.cfg', '$VIP=10.0.0.1\n', 'keepalived'],
  ['a.cfg', '@node1 global_defs {\n', 'keepalived'],
  ['a.cfg', 'include conf.d/*.conf\n', 'keepalived'],
  ['a.cfg', 'tandem {\n', 'keepalived'],
  ['a.cfg', 'virtual_server_group X {\n', 'keepalived'],
  ['keepalived.conf', '', 'keepalived'],
  ['web.cfg', '', 'haproxy'],
  ['web', 'nonsense', 'haproxy'],
  // Words inside of sections decide nothing.
  ['a.cfg', '  balance roundrobin\nbackend b\n', 'haproxy'],
])('%s with %j is of %s', (name, text, syntax) => {
  expect(detectSyntax(name, text)).toBe(syntax);
});

const golden = join(import.meta.dirname, 'golden');
const files = [
  ...readdirSync(golden)
    .filter((name) => name.endsWith('.cfg'))
    .map((name) => [name, 'haproxy'] as const),
  ...readdirSync(join(golden, 'keepalived'))
    .filter((name) => name.endsWith('.conf') && name !== 'mistakes.conf')
    .map((name) => [`keepalived/${name}`, 'keepalived'] as const),
];

it.each(files)('%s is of %s whatever it is called', (name, syntax) => {
  const text = readFileSync(join(golden, name), 'utf8');
  expect(detectSyntax('file', text)).toBe(syntax);
});
