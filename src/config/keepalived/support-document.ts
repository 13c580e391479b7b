/** docs/keepalived-support.md, rendered from the table. `npm run docs` writes it; a test says when it is out of date. */
import { cell, code, renderList } from '../support-markup.ts';
import type { PairSupportGroup, PairSupportRow } from './support-table.ts';

const INTRODUCTION = `# keepalived.conf: what is supported

This file is generated from the table that the parser dispatches from (\`npm run docs\`). It covers the keywords of
keepalived 2.2.7, and the few later ones that stand in files; an error always names the word, its file, line and column.

- **works**: does what keepalived's manual says. A word in \`{ }\` has a block.
- **ignored**: accepted with a warning; nothing here depends on it.
- **not yet**: an error that names the keyword. Nothing is accepted and then left undone.

Comments (\`#\` and \`!\`), braces anywhere, quotes, \`$NAME=\`, \`\${_ENV HOME}\`, \`@id\` lines, \`~SEQ\`, \`~LST\` and \`include\` with
wildcards follow keepalived to the letter. So do defaults, inheritance from \`global_defs\`, the rounding of intervals, and what
\`state MASTER\`, priority 255, a sync group or \`vrrp_strict\` take away from other words.

Where this program differs on purpose:

- An unknown word is an error, with the word that was probably meant. keepalived warns and runs without it: a typo in
  \`unicast_peer\` makes it speak multicast.
- So is anything that keepalived leaves out with a warning and runs on: a number out of its range, a script or an instance
  that does not exist, a mixture of IPv4 and IPv6 in \`virtual_ipaddress\`, a block that is not closed, too many words on a
  line.
- A command with arguments needs quotes: \`script killall -0 x\` would run \`killall\` alone in keepalived, and is an error here.
- Several \`-f\` files are read as one.
- \`reload_check_config\` is always on. Unicast adverts are taken from the peers that are named only, with a TTL of 255 unless
  \`min_ttl\` or a \`unicast_ttl\` below 255 says otherwise.
- A master that leaves to a higher priority says a last advert, and a master announces its addresses about every second, unless
  the file says otherwise: after a partition no client stays on the wrong box.
- Interfaces need not exist when the file is read.
- \`include\` of one file that is not there is a warning; keepalived says nothing.

An address line is \`IP[/LEN] [brd A|+|-] [dev IF] [scope S] [label L] [peer A] [home] [-nodad] [mngtmpaddr]
[noprefixroute] [autojoin] [no_track] [preferred_lft N|forever]\`; \`use_vmac\` and \`track_group\` there are not there yet.
Routes and rules take the words of \`ip route\` and \`ip rule\` in full; \`append\`, \`or\`, \`encap\` and \`track_group\` are not there yet.

Virtual servers (\`virtual_server IP PORT\`, \`virtual_server fwmark N\`, \`virtual_server group NAME\`) are explained in [layer-4.md](layer-4.md).
A port that is 0 or missing stands for all of them. Lines of a \`virtual_server_group\` are \`IP PORT\`, \`IP-LAST PORT\` (the last byte, of
IPv6 the last group, or a whole address), \`NETWORK/LEN PORT\` and \`fwmark N [inet|inet6]\`. What keepalived puts right with a message is put
right with a warning: no \`protocol\`, \`lb_algo\` or \`lb_kind\`; a quorum above all weights, a \`hysteresis\` not below the quorum; no port and no
persistence; another port with DR; \`ops\` of TCP; \`protocol\` and \`ha_suspend\` of firewall marks. \`MISC_CHECK\` has the words of other checks that concern time, \`FILE_CHECK\` none of them. These keepalived takes, and here they are errors: the same
address twice, servers of another family, a group that is not there, a \`regex\` that is none, \`lthreshold\` above \`uthreshold\`, checks of
port 0.
`;

const WORDS: Readonly<Record<PairSupportRow['support'], string>> = {
  supported: 'works',
  ignored: 'ignored',
  unsupported: 'not yet',
};

export function renderPairSupportDocument(groups: readonly PairSupportGroup[]): string {
  return [INTRODUCTION, ...groups.map(renderGroup)].join('\n');
}

function renderGroup({ title, rows }: PairSupportGroup): string {
  const sorted = [...rows].sort((a, b) => (a.word < b.word ? -1 : 1));
  const works = sorted.filter(({ support }) => support === 'supported');
  const table = ['| keyword | takes | | note |', '| --- | --- | --- | --- |', ...works.map(renderRow)];
  const ignored = sorted.filter(({ support }) => support === 'ignored');
  const later = sorted.filter(({ support }) => support === 'unsupported');
  const lists = [...renderList('Ignored, with a warning', ignored), ...renderList('Not yet', later)];
  return [`## ${title}`, '', ...table, '', ...lists].join('\n');
}

function renderRow({ word, usage, block, support, note }: PairSupportRow): string {
  const takes = [usage.replace(/ \.\.\.$/, ' …'), ...(block ? ['{ }'] : [])].filter((part) => part !== '').join(' ');
  return `| ${code(word)} | ${takes === '' ? '' : code(takes)} | ${WORDS[support]} | ${cell(note)} |`;
}
