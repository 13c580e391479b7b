// Samples → the result of a work as data, and as a table.
import { tableText, threeDigits } from '../report/table.mjs';
import { median, ratios, spread } from '../statistics.mjs';
import { BASE, WAYS } from './ways.mjs';

const LINK = 'link';

/** What is asked of whom, beside plain routing, in works counted in these. */
const ASKED = { nat: 0.85, dr: 0.9 };
const ASKED_OF = ['connection', 'MiB'];

/** `samples`: way → its samples, in the order of the rounds. */
export function workResult({ name, per }, samples) {
  const of = (way, key) => (samples.get(way) ?? []).map((one) => one[key]);
  const least = (way) => spread(of(way, 'cpu')).least;
  const ways = [...samples.keys()].map((way) => ({
    way,
    rate: spread(of(way, 'rate')),
    packetRate: spread(of(way, 'packetRate')),
    cpu: spread(of(way, 'cpu')),
    // What is left when client and servers on one cable are taken away.
    ownCpu: least(way) - least(LINK),
    rateRatio: median(ratios(of(way, 'rate'), of(BASE, 'rate'))),
    // Work for the same CPU time: the inverse of the ratio of prices.
    workRatio: median(ratios(of(BASE, 'cpu'), of(way, 'cpu'))),
    leastRatio: least(BASE) / least(way),
    troubles: [...new Set(of(way, 'trouble').filter((text) => text !== ''))],
    rounds: samples.get(way),
  }));
  return { name, per, ways };
}

const shown = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

export function workTable({ name, per, ways }) {
  const head = [
    'way',
    `CPU µs/${per}`,
    'of it between',
    'work ÷ routing',
    'of the least',
    `${per === 'MiB' ? 'MiB' : `${per}s`}/s`,
    '÷ routing',
    'packets/s',
  ];
  const rows = ways.map((one) => [
    one.troubles.length === 0 ? WAYS[one.way].says : `${WAYS[one.way].says} (${one.troubles.join('; ')})`,
    `${threeDigits(one.cpu.median)} (${threeDigits(one.cpu.least)}–${threeDigits(one.cpu.most)})`,
    one.way === LINK ? '–' : shown(one.ownCpu, 1),
    shown(one.workRatio, 2),
    shown(one.leastRatio, 2),
    shown(one.rate.median, 0),
    shown(one.rateRatio, 2),
    one.way === LINK ? '–' : shown(one.packetRate.median, 0),
  ]);
  return tableText(name, head, rows);
}

/** What was asked for, and what it has come to: work for the same CPU time, beside plain routing without and with tracking. */
export function askedLines(works) {
  return works
    .filter(({ per }) => ASKED_OF.includes(per))
    .flatMap(({ name, ways }) => {
      const tracked = ways.find(({ way }) => way === 'routing-conntrack')?.workRatio;
      return ways
        .filter(({ way, workRatio }) => ASKED[way] !== undefined && Number.isFinite(workRatio))
        .map(({ way, workRatio }) => {
          const beside =
            tracked === undefined ? '' : `; of routing that tracks connections ${shown(workRatio / tracked, 2)}`;
          return `${name}: ${WAYS[way].says} ${shown(workRatio, 2)} of plain routing, asked ${ASKED[way]}${beside}`;
        });
    });
}
