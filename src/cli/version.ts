/** What this program calls itself where HAProxy's is asked. */
import { HAPROXY_VERSION } from '../config/haproxy/identity.ts';
import { packageVersion } from '../core/package-version.ts';

/** Tools look for "version" and a number; people should see whose it is. */
export function haproxyVersionLine(): string {
  return `Tandem version ${packageVersion()} (HAProxy configuration language ${HAPROXY_VERSION})`;
}
