/** HTTP_GET and SSL_GET: pages, one an attempt. */
import type { HttpCheck, L4Check } from '../../config/l4-model.ts';
import type { CheckHome } from '../check.ts';
import type { Method } from './attempt.ts';
import type { CheckServices } from './check-services.ts';
import { Conversation } from './conversation.ts';
import { askForPage } from './page-fetch.ts';
import { judgePage, type PageTurn } from './page-turn.ts';

export function httpMethod(check: L4Check & HttpCheck, { server }: CheckHome, services: CheckServices): Method {
  const { timing, connection, urls, fastRecovery } = check;
  const { timers, clock } = services;
  const { connectTimeoutMs } = timing;
  const words = {
    failed: `Connection failed server ${server}`,
    timeout: `Timeout connecting server ${server}`,
    broken: `Read error with server ${server}`,
  };
  const rules = { timing, pages: urls.length, fastRecovery };
  let turn: PageTurn = { page: 0, failed: false };
  return {
    countsFromStart: false,
    isStrictAtFirst: true,
    succeeded: () => `Remote Web server ${server} succeed on service.`,
    failed: () => `HTTP_CHECK on service ${server}`,
    judge: (_timing, standing, good) => {
      const verdict = judgePage(rules, turn, standing, good);
      turn = verdict.turn;
      return verdict;
    },
    begin: (end) => {
      const url = urls[turn.page];
      if (url === undefined) throw new Error(`HTTP_GET of ${server} has no page ${turn.page}`);
      const monotonicMs = (): number => clock.monotonicMs();
      const connected = (talk: Conversation): void =>
        askForPage(talk, { check, url, connectTimeoutMs, server, monotonicMs });
      return new Conversation({ connection, timers, connectTimeoutMs, words, connected, end });
    },
  };
}
