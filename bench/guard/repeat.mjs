// How often a measurement is made until its number can be believed.
import { median, settled } from '../statistics.mjs';

const COUNT_TRIES = 12;
const SETTLED = 0.05;

/** Times go up and down with the machine: rounds of all, alternating, and the medians. name → value */
export async function timed(names, rounds, measure) {
  const values = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) values.get(name).push(await measure(name));
  }
  return new Map([...values].map(([name, list]) => [name, median(list)]));
}

/** Counts only sink, while a JIT compiles: again until three in sequence agree, and the least. name → value */
export async function counted(names, _rounds, measure) {
  const found = new Map();
  for (const name of names) {
    const values = [];
    while (!settled(values, SETTLED) && values.length < COUNT_TRIES) values.push(await measure(name));
    found.set(name, Math.min(...values));
  }
  return found;
}
