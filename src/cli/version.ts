/** What this program is called and which one it is. */
import { readFileSync } from 'node:fs';
import { HAPROXY_VERSION } from '../config/haproxy/identity.ts';

export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}

/** Tools look for "version" and a number; people should see whose it is. */
export function haproxyVersionLine(): string {
  return `Tandem version ${packageVersion()} (HAProxy configuration language ${HAPROXY_VERSION})`;
}
