import { expect, it } from 'vitest';
import { leftOutLine, type PeerName } from './peers.ts';

const nothing = () => false;

it('says nothing when every peer is there', () => {
  expect(leftOutLine('scenarios', ['haproxy', 'root'], () => true)).toBeUndefined();
});

it.each<[PeerName[], string]>([
  [['haproxy'], 'not run: scenarios (needs haproxy: apt-get install haproxy)'],
  [['varnishtest', 'haproxy'], 'not run: scenarios (needs varnishtest, haproxy: apt-get install varnish haproxy)'],
  [['root'], 'not run: scenarios (needs root: sudo npm test)'],
  [['netns'], 'not run: scenarios (needs network namespaces: sudo npm test, in a container: docker run --privileged)'],
  [['io_uring'], 'not run: scenarios (needs io_uring: Linux 6.1, and no seccomp profile that refuses it)'],
  [['root', 'curl'], 'not run: scenarios (needs root, curl: apt-get install curl; sudo npm test)'],
])('names what is missing and the command that installs it: %s', (peers, line) => {
  expect(leftOutLine('scenarios', peers, nothing)).toBe(line);
});

it('names only what is missing', () => {
  const line = leftOutLine('scenarios', ['haproxy', 'curl'], (peer) => peer === 'curl');
  expect(line).toBe('not run: scenarios (needs haproxy: apt-get install haproxy)');
});
