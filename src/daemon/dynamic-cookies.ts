/**
 * Cookies that servers get from a key, their address and their port, as operators change them: whether a backend gives them
 * (`enable dynamic-cookie`), and its key.
 */
import type { Proxy as ProxyModel, Server } from '../config/model.ts';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import { cookieOf } from './compile-cookie.ts';

interface Setting {
  on: boolean;
  key: string | null;
}

export class DynamicCookies {
  /** By the index of the backend. */
  readonly #settings: readonly Setting[];

  constructor(proxies: readonly ProxyModel[]) {
    this.#settings = proxies.map(({ cookie, dynamicCookieKey }) => ({
      on: cookie?.dynamic === true,
      key: dynamicCookieKey,
    }));
  }

  set(backend: number, changed: Partial<Setting>): void {
    Object.assign(this.#settings[backend] ?? {}, changed);
  }

  /** null: it has none. */
  of(backend: number, server: Server, address: InetAddress | UnixAddress | null): string | null {
    const { on, key } = this.#settings[backend] ?? { on: false, key: null };
    return cookieOf(server, on ? key : null, address);
  }
}
