/** docs/haproxy-support.md, rendered from the table. `npm run docs` writes it; a test says when it is out of date. */
import { cell, code, renderList } from '../support-markup.ts';
import type { SupportGroup, SupportRow } from './support-table.ts';

const INTRODUCTION = `# haproxy.cfg: what is supported

This file is generated from the table that the parser dispatches from (\`npm run docs\`). It covers the keywords of
HAProxy 2.6; an error always names the word, its file, line and column.

- **works**: does what HAProxy's documentation says.
- **ignored**: accepted with a warning; it changes nothing about the traffic.
- **not yet**: an error that names the keyword. Nothing is accepted and then left undone.
- **removed**: HAProxy itself refuses it; the note says what to write.

Quoting, escapes, \`"\${VAR}"\`, \`"\${VAR-default}"\`, \`"\${VAR[*]}"\`, time and size units, \`.if\` blocks, \`no option\`,
several \`-f\` files and folders, and what a \`defaults\` section hands on to whom follow HAProxy 2.6 to the letter.

Where this program differs on purpose:

- \`bind\` and \`log\` take addresses and \`localhost\`, no other host names. Names of servers are resolved.
- \`nbproc 1\` is accepted with a warning; HAProxy 2.5 and later refuse it.
- A missing value (\`server s 192.0.2.1:80 weight\`) is an error; HAProxy reads some of them as 0.
- \`http-check expect\` in a proxy that inherits \`option httpchk\` keeps the inherited request; HAProxy 2.6 then sends none.
- \`enabled(…)\` works in conditions, as in HAProxy 2.7.
- A frontend in \`mode tcp\` cannot use a backend in \`mode http\` yet.
- Anything behind the digits of a port (\`:80x\`) is an error, and so is anything but \`from\` behind a proxy's name;
  HAProxy 2.6 reads over them.
- \`default option …\` works; HAProxy 2.6 refuses it for most options by mistake.
- \`[scope]\` lines are not supported.
`;

const WORDS: Readonly<Record<SupportRow['support'], string>> = {
  supported: 'works',
  ignored: 'ignored',
  unsupported: 'not yet',
  removed: 'removed',
};

export function renderSupportDocument(groups: readonly SupportGroup[]): string {
  return [INTRODUCTION, ...groups.map(renderGroup)].join('\n');
}

function renderGroup({ title, rows }: SupportGroup): string {
  const sorted = [...rows].sort((a, b) => (a.word < b.word ? -1 : 1));
  const detailed = sorted.filter((row) => row.support === 'supported' || row.support === 'removed');
  const table = ['| keyword | takes | | note |', '| --- | --- | --- | --- |', ...detailed.map(renderRow)];
  const lists = [
    ...renderList(
      'Ignored, with a warning',
      sorted.filter((row) => row.support === 'ignored'),
    ),
    ...renderList(
      'Not yet',
      sorted.filter((row) => row.support === 'unsupported'),
    ),
  ];
  return [`## ${title}`, '', ...table, '', ...lists].join('\n');
}

function renderRow({ word, usage, support, side, note }: SupportRow): string {
  const takes = support === 'supported' && usage !== '' && usage !== '...' ? code(usage) : '';
  const needs = side === 'any' ? '' : `${side} only`;
  const remark = [needs, note].filter((part) => part !== '').join('; ');
  return `| ${code(word)} | ${takes} | ${WORDS[support]} | ${cell(remark)} |`;
}
