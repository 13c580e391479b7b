// The picture: CPU time per request of each peer, side by side, one block a work, as SVG that reads on light and dark.
//
//   keep-alive, 256 connections                    µs per request
//   tandem   ▇▇▇▇▇▇▇▇▇▇▇▇┼─ ┆               15.6  0.84 ×
//   haproxy  ▇▇▇▇▇▇▇▇▇▇▇▇▇┼┼┆               18.6
//
// Bars of a block share a scale that starts at 0; the thin line is the spread of the rounds, the dashed one haproxy.
import { threeDigits } from './table.mjs';

const WIDTH = 860;
const LABELS = 150;
const NUMBERS = 130;
const RATIOS = 70;
const BAR = 16;
const STEP = 21;
const TITLE = 26;
const GAP = 16;
const PLOT = WIDTH - LABELS - NUMBERS;

/** Peers by kind: Tandem and its variants stand out, the rest is quiet. */
const CLASSES = [
  [/^tandem/, 'own'],
  [/^haproxy/, 'haproxy'],
];

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .work { font-weight: 600; } .small { font-size: 11px; fill: #59636e; }
  .own { fill: #0969da; } .haproxy { fill: #9a6700; } .other { fill: #818b98; }
  .spread { stroke: #1f2328; stroke-width: 1; } .base { stroke: #9a6700; stroke-dasharray: 3 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .small { fill: #9198a1; }
    .own { fill: #4493f8; } .haproxy { fill: #d29922; } .other { fill: #656c76; }
    .spread { stroke: #f0f6fc; } .base { stroke: #d29922; }
  }`;

export function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const classOf = (peer) => CLASSES.find(([pattern]) => pattern.test(peer))?.[1] ?? 'other';
const at = (number) => number.toFixed(1).replace(/\.0$/, '');
const text = (x, y, content, attributes = '') =>
  `<text x="${at(x)}" y="${at(y)}"${attributes}>${escapeXml(content)}</text>`;

function bar(one, y, scale) {
  const { median, least, most } = one.cpu;
  const middle = y + BAR / 2;
  const withRatio = one.cpuRatio !== undefined && one.comparedWith !== one.peer;
  return [
    text(LABELS - 8, y + 12.5, one.peer, ' text-anchor="end"'),
    `<rect class="${classOf(one.peer)}" x="${LABELS}" y="${at(y)}" width="${at(median * scale)}" height="${BAR}" rx="2"/>`,
    `<line class="spread" x1="${at(LABELS + least * scale)}" y1="${at(middle)}" x2="${at(LABELS + most * scale)}" y2="${at(middle)}"/>`,
    text(WIDTH - RATIOS, y + 12.5, threeDigits(median), ' text-anchor="end"'),
    ...(withRatio ? [text(WIDTH - 8, y + 12.5, `${one.cpuRatio.median.toFixed(2)} ×`, ' text-anchor="end"')] : []),
  ];
}

function block(work, peers, top) {
  const scale = PLOT / Math.max(...peers.map((one) => one.cpu.most), 1e-9);
  const first = top + TITLE;
  const base = peers.find((one) => one.comparedWith === one.peer);
  const x = base === undefined ? 0 : LABELS + base.cpu.median * scale;
  return [
    text(LABELS, top + 17, work.name, ' class="work"'),
    text(WIDTH - 8, top + 17, `µs per ${work.per}`, ' class="small" text-anchor="end"'),
    ...peers.flatMap((one, index) => bar(one, first + index * STEP, scale)),
    ...(base === undefined
      ? []
      : [
          `<line class="base" x1="${at(x)}" y1="${at(first - 3)}" x2="${at(x)}" y2="${at(first + peers.length * STEP - 2)}"/>`,
        ]),
  ];
}

/** The whole picture, from a record of report/result.mjs. Works without any CPU time are not in it. */
export function picture(record) {
  const blocks = record.works
    .map((work) => ({ work, peers: work.peers.filter((one) => one.cpu !== undefined) }))
    .filter(({ peers }) => peers.length > 0);
  const lines = [];
  let top = 44;
  for (const { work, peers } of blocks) {
    lines.push(...block(work, peers, top));
    top += TITLE + peers.length * STEP + GAP;
  }
  const height = top + record.machine.lines.length * 16 + 8;
  const { rounds, seconds } = record.settings;
  const method = `medians of ${rounds} rounds of ${seconds} s, alternating; × is the median ratio to haproxy; thin line: least to most`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>CPU time of each proxy</title>
<style>${STYLE}
</style>
${text(LABELS, 18, 'CPU time of the proxy (shorter is better)', ' class="work"')}
${text(LABELS, 34, method, ' class="small"')}
${lines.join('\n')}
${record.machine.lines.map((line, index) => text(8, top + 8 + index * 16, line, ' class="small"')).join('\n')}
</svg>
`;
}
