/** A model from the text of a haproxy.cfg, for tests of what comes behind it. */
import { loadHaproxyConfig } from '../../src/config/haproxy/load.ts';
import type { Model } from '../../src/config/model.ts';

export function modelOf(text: string): Model {
  const readFile = (path: string): Buffer => Buffer.from(`HTTP/1.0 503 No\r\n\r\ncontent of ${path}`);
  const { model, problems } = loadHaproxyConfig([{ name: 'test.cfg', text }], { env: {}, readFile });
  if (model === null) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return model;
}
