import { expect, it } from 'vitest';
import { loadedFiles } from '../../src/daemon/loaded-files.ts';

const MAPS = `00400000-00401000 r--p 00000000 08:01 11  /usr/bin/a b
00401000-00403000 r-xp 00001000 08:01 11  /usr/bin/a b
00403000-00404000 rw-p 00003000 08:01 11  /usr/bin/a b
00404000-00405000 rw-p 00000000 00:00 0
01000000-02000000 rw-p 00000000 00:00 0   [heap]
7f0000000000-7f0000001000 r-xp 00000000 08:01 12  /lib/c.so
7f0000002000-7f0000003000 r--p 00000000 08:01 13  /etc/zone
7f0000004000-7f0000005000 r--p 00000000 08:01 11  /usr/bin/a b
7ffff0000000-7ffff0001000 r-xp 00000000 00:00 0   [vdso]
`;

it('are those with code, each as far as its parts follow each other', () => {
  expect(loadedFiles(MAPS)).toEqual([
    { start: 0x400000n, end: 0x404000n, path: '/usr/bin/a b' },
    { start: 0x7f0000000000n, end: 0x7f0000001000n, path: '/lib/c.so' },
  ]);
});

it('this process has some', () => {
  expect(loadedFiles().some(({ path }) => path.includes('node') || path.includes('libc'))).toBe(true);
});
