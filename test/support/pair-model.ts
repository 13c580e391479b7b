/** A pair's model from text, through the front end, as the program has it. */
import { loadKeepalivedConfig } from '../../src/config/keepalived/load.ts';
import type { PairModel } from '../../src/config/pair-model.ts';

export function pairModel(text: string): PairModel {
  const { model, problems } = loadKeepalivedConfig([{ name: 'keepalived.conf', text }], {
    env: {},
    readFile: () => {
      throw new Error('no files here');
    },
    listFolder: () => [],
    hostname: 'box',
  });
  if (model === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return model;
}
