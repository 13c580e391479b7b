/** Writes docs/haproxy-support.md and docs/keepalived-support.md from the built keyword tables: `npm run docs`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { renderSupportDocument } from '../dist/config/haproxy/support-document.js';
import { SUPPORT_TABLE } from '../dist/config/haproxy/support-table.js';
import { renderPairSupportDocument } from '../dist/config/keepalived/support-document.js';
import { PAIR_SUPPORT_TABLE } from '../dist/config/keepalived/support-table.js';

const folder = new URL('../docs/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('haproxy-support.md', folder), renderSupportDocument(SUPPORT_TABLE));
writeFileSync(new URL('keepalived-support.md', folder), renderPairSupportDocument(PAIR_SUPPORT_TABLE));
