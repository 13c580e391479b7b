// node bench/draw.mjs RESULT.json PICTURE.svg: draws a result again.
import { readFileSync, writeFileSync } from 'node:fs';
import { picture } from './report/picture.mjs';

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  console.error('usage: node bench/draw.mjs RESULT.json PICTURE.svg');
  process.exit(2);
}
writeFileSync(to, picture(JSON.parse(readFileSync(from, 'utf8'))));
