// Numbers to text: medians, ratios, one table a scenario.

export function median(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const shown = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

export function printTable(title, head, rows) {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column].length)));
  const line = (cells) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  console.log(`\n${title}\n`);
  console.log(line(head));
  console.log(
    `|${widths.map((width, column) => (column === 0 ? `:${'-'.repeat(width + 1)}` : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
  );
  for (const row of rows) console.log(line(row));
}

/** `results`: peer name → its measurements, in the order of the rounds. Ratios are medians of each round's ratio. */
export function scenarioRows(results, residentMib) {
  const base = results.get('haproxy');
  return [...results].map(([peer, rounds]) => {
    const of = (key) => median(rounds.map((round) => round[key]));
    const ratio =
      base === undefined
        ? Number.NaN
        : median(rounds.map((round, index) => round.cpuPerRequest / base[index].cpuPerRequest));
    const trouble = rounds.map((round) => round.trouble).find((text) => text !== '');
    return [
      trouble === undefined ? peer : `${peer} (${trouble})`,
      shown(of('requestsPerSecond'), 0),
      shown(of('p50Ms'), 2),
      shown(of('p99Ms'), 2),
      shown(of('cpuPerRequest'), 2),
      shown(of('userPerRequest'), 2),
      shown(ratio, 2),
      shown(residentMib.get(peer), 0),
    ];
  });
}

export const SCENARIO_HEAD = [
  'peer',
  'req/s',
  'p50 ms',
  'p99 ms',
  'CPU µs/req',
  'of it user',
  'CPU ÷ haproxy',
  'RSS MiB',
];
