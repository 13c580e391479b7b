/** The files of the page, as scripts/build.mjs wrote them beside this one: read once, kept compressed, told apart by a hash. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { WebAnswer } from '../visit.ts';

const TYPES = {
  'dashboard.js': 'text/javascript; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

type AssetName = keyof typeof TYPES;

interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly compressed: Buffer;
  readonly tag: string;
}

export class Assets {
  readonly #folder: string;
  readonly #assets = new Map<AssetName, Asset>();
  #page: string | null = null;
  #id: string | null = null;

  constructor(folder = join(import.meta.dirname, 'page')) {
    this.#folder = folder;
  }

  static isName(name: string): name is AssetName {
    return Object.hasOwn(TYPES, name);
  }

  /** The page itself; `at`: in front of the names of its files, relative to it. */
  page(at: string): string {
    this.#page ??= readFileSync(join(this.#folder, 'index.html'), 'utf8');
    const escaped = at.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
    return this.#page.replaceAll('{at}', () => escaped);
  }

  /** Which page and files these are: a page that is open while the program is updated learns that it is old. */
  get id(): string {
    this.#id ??= hash(
      ...(Object.keys(TYPES) as AssetName[]).map((name) => this.#asset(name).plain),
      Buffer.from(this.page('')),
    );
    return this.#id;
  }

  answer(name: AssetName, headers: IncomingHttpHeaders): WebAnswer {
    const { type, tag, plain, compressed } = this.#asset(name);
    const common = { ETag: tag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding' };
    if (headers['if-none-match'] === tag) return { status: 304, headers: common, body: '' };
    const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(String(headers['accept-encoding'] ?? ''));
    return {
      status: 200,
      headers: { ...common, 'Content-Type': type, ...(takesGzip ? { 'Content-Encoding': 'gzip' } : {}) },
      body: takesGzip ? compressed : plain,
    };
  }

  #asset(name: AssetName): Asset {
    const known = this.#assets.get(name);
    if (known !== undefined) return known;
    const plain = readFileSync(join(this.#folder, name));
    const asset = { type: TYPES[name], plain, compressed: gzipSync(plain), tag: `"${hash(plain)}"` };
    this.#assets.set(name, asset);
    return asset;
  }
}

function hash(...contents: readonly Buffer[]): string {
  const sum = createHash('sha256');
  for (const content of contents) sum.update(content);
  return sum.digest('base64url').slice(0, 22);
}
