/**
 * The page: events in, parts drawn, wishes out.
 *
 *   StatusStream ─▶ ShownStatus ─▶ Head, Pair, Overview, VirtualServers, Frontends, Backends, Events
 *                                                                            └─ buttons ─▶ Changes ─▶ POST
 */
import type { ShownStatus } from '../shown.ts';
import { Backends } from './backends.ts';
import { Changes } from './changes.ts';
import { Events } from './events.ts';
import { Frontends } from './frontends.ts';
import { Head } from './head.ts';
import { Overview } from './overview.ts';
import { Pair } from './pair.ts';
import { type Hello, StatusStream } from './stream.ts';
import { offerThemes } from './theme.ts';
import { VirtualServers } from './virtual-servers.ts';
import { realServerWish, routerWish, serverWish } from './wish.ts';

/** Where the parts of the dashboard are, relative to this page. */
const at = document.body.dataset['at'] ?? '';

let hello: Hello | null = null;
let latest: ShownStatus | null = null;
let isDue = false;

offerThemes();
const head = new Head();
const overview = new Overview();
const frontends = new Frontends();
const changes = new Changes({ url: `${at}action`, token: () => hello?.token ?? null });
const pair = new Pair((router, what, from) => changes.ask(routerWish(router, what), from));
const virtualServers = new VirtualServers((virtual) => (server, what, from) => {
  changes.ask(realServerWish(virtual, server, what), from);
});
const backends = new Backends(
  (backend) => (server, what, from) => changes.ask(serverWish(backend, server, what), from),
);
const events = new Events();

function draw(): void {
  isDue = false;
  if (latest === null) return;
  head.show(latest);
  const changesPair = hello?.changesPair === true;
  pair.show(latest, changesPair);
  overview.show(latest);
  virtualServers.show(latest, changesPair);
  frontends.show(latest);
  backends.show(latest, hello?.token !== null && hello !== null);
  events.show(latest);
}

new StatusStream(`${at}events`, {
  hello(told) {
    // The program was replaced by another version: so is the page.
    if (hello !== null && hello.page !== told.page) window.location.reload();
    hello = told;
    head.version(told.version);
  },
  status(status) {
    latest = status;
    if (isDue) return;
    isDue = true;
    // Nothing is drawn while nobody can see it.
    requestAnimationFrame(draw);
  },
  link(state, quietMs) {
    head.link(state, quietMs);
  },
});
