/** Writes docs/haproxy-support.md from the built keyword table: `npm run docs`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { renderSupportDocument } from '../dist/config/haproxy/support-document.js';
import { SUPPORT_TABLE } from '../dist/config/haproxy/support-table.js';

const folder = new URL('../docs/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('haproxy-support.md', folder), renderSupportDocument(SUPPORT_TABLE));
