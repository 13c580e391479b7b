// Loaded before the program (NODE_OPTIONS=--import): no name can be resolved; `silent.invalid` is not even answered.
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';

dns.lookup = (name) => {
  if (name === 'silent.invalid') return new Promise(() => setInterval(() => {}, 1000));
  return Promise.reject(Object.assign(new Error(`getaddrinfo EAI_AGAIN ${name}`), { code: 'EAI_AGAIN' }));
};
syncBuiltinESMExports();
