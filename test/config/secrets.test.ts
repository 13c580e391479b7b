/**
 * Whatever is wrong in or around a line that holds a secret: what is said about it does not repeat the secret. Lines are broken in
 * all ways that a hand slips, and in every section.
 */
import { describe, expect, it } from 'vitest';
import { loadHaproxyConfig } from '../../src/config/haproxy/load.ts';
import { loadKeepalivedConfig } from '../../src/config/keepalived/load.ts';
import { formatProblem } from '../../src/config/report.ts';

const SECRET = 'cAnArY7!';

/** Each with SECRET somewhere. */
const HAPROXY_LINES = [
  `stats auth admin:${SECRET}`,
  `user alice insecure-password ${SECRET}`,
  `user alice password ${SECRET} groups g`,
  `dynamic-cookie-key ${SECRET}`,
  `cluster-secret ${SECRET}`,
  `setenv PASSWORD ${SECRET}`,
  `presetenv PASSWORD ${SECRET}`,
  `http-check send meth GET uri / hdr Authorization ${SECRET}`,
  `http-check send meth GET uri / ver HTTP/1.1 hdr Host a hdr X-Api-Key ${SECRET}`,
  `option httpchk GET / HTTP/1.1\\r\\nAuthorization:\\ Basic\\ ${SECRET}`,
  `http-request set-header Authorization "Basic ${SECRET}"`,
  `http-request auth realm ${SECRET}`,
  `tcp-check send AUTH\\ ${SECRET}\\r\\n`,
  `server s 127.0.0.1:1 check ssl crt /x ca-file /y password ${SECRET}`,
];

const KEEPALIVED_LINES = [
  `auth_pass ${SECRET}`,
  `auth_type PASS ${SECRET}`,
  `$PASSWORD=${SECRET}`,
  `password ${SECRET}`,
];

/** Ways in which a line is written wrong. */
function slips(line: string): string[] {
  const words = line.split(' ');
  const found = [line, ` ${line} more`, `${line} ${line}`, `no ${line}`, `default ${line}`, `${line}\n ${line}`];
  words.forEach((word, at) => {
    const replaced = (...by: string[]): string => [...words.slice(0, at), ...by, ...words.slice(at + 1)].join(' ');
    found.push(replaced(), replaced(word, word), replaced('x', word));
    if (!word.includes(SECRET)) {
      found.push(replaced(word.slice(0, -1)), replaced(`${word}x`), replaced(word.toUpperCase()));
      found.push([...words.slice(0, at), `${word}=${words.slice(at + 1).join(' ')}`].join(' '));
      found.push([...words.slice(0, at), `${word}${words.slice(at + 1).join(' ')}`].join(' '));
    } else {
      found.push(replaced(`"${word}`), replaced(`${word}"`), replaced(`'${word}`), replaced(`${word}\\`));
      found.push(replaced(`{${word}}`), replaced(`${word}}`), replaced(`{ ${word} }`), replaced(`\${${word}`));
      found.push(replaced(`$${word}`), replaced(`"\${${word}}"`), replaced(`${word}\0`), replaced(`${word}#x`));
      found.push(replaced(`\\x${word}`), replaced(word.repeat(40)), replaced(`${word} \\`), replaced(`"\${NAME}"`));
    }
  });
  // What begins a line is a keyword, whatever it looks like.
  return [...new Set(found)].filter(
    (slip) => !slip.split('\n').some((text) => text.trim().split(' ')[0]?.includes(SECRET)),
  );
}

const env = { NAME: SECRET, PASSWORD: SECRET };
const readFile = (): Buffer => {
  throw new Error('no files here');
};

const SECTIONS = [
  'global',
  'defaults',
  'frontend a',
  'backend b',
  'listen c',
  'userlist u',
  'peers p',
  'mailers m',
  '',
];

function haproxySays(text: string): string {
  const { problems } = loadHaproxyConfig([{ name: 'haproxy.cfg', text }], { env: { ...env }, readFile });
  return problems.map(formatProblem).join('\n');
}

function keepalivedSays(text: string): string {
  const { problems } = loadKeepalivedConfig([{ name: 'keepalived.conf', text }], {
    env,
    readFile,
    listFolder: () => [],
    hostname: 'box',
  });
  return problems.map(formatProblem).join('\n');
}

describe.each(HAPROXY_LINES)('haproxy.cfg: %s', (line) => {
  it.each(SECTIONS)('is not repeated, in %s', (section) => {
    for (const slip of slips(line)) {
      const text = `${section}\n ${slip}\n mode htp\n bind 1.2.3.4:x\n`;
      expect(haproxySays(text), text).not.toContain(SECRET);
    }
  });
});

const BLOCKS: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => `global_defs {\n ${line}\n}`,
  (line) => `vrrp_instance A {\n interface lo\n virtual_router_id 5\n ${line}\n priority 1000\n}`,
  (line) => `vrrp_instance A {\n authentication {\n  auth_type PASS\n  ${line}\n }\n}`,
  (line) => `vrrp_instance A {\n authentication {\n  auth_type PASS\n  ${line} }\n}`,
  (line) => `vrrp_instance A {\n authentication {\n  auth_type PASS\n  ${line}\n`,
  (line) => `vrrp_instance A {\n authentication ${line}\n virtual_ipaddress {\n ${line}\n }\n}`,
  (line) => `vrrp_instance A {\n advert_int 1 ${line}\n version 3\n authentication {\n ${line}\n }\n}`,
  (line) => `vrrp_script S {\n ${line}\n}`,
  (line) => `${line}\nvrrp_instance A {\n authentication {\n auth_type PASS\n auth_pass $PASSWORD x\n }\n}`,
];

describe.each(KEEPALIVED_LINES)('keepalived.conf: %s', (line) => {
  it.each(BLOCKS.map((block, index) => [index, block] as const))('is not repeated, in place %i', (_, block) => {
    for (const slip of slips(line)) {
      const text = `${block(slip)}\n`;
      expect(keepalivedSays(text), text).not.toContain(SECRET);
    }
  });
});
