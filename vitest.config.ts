import { defineConfig } from 'vitest/config';

/** Tests that have networks of their own, and mostly wait: for adverts, time-outs, elections. */
const PAIR = ['test/e2e/pair*.test.ts', 'test/e2e/namespaces/**/*.test.ts', 'test/e2e/process-names.test.ts', 'test/e2e/manual.test.ts'];

// Whole programs on a machine whose other load is unknown: one that fails is asked once more, and scripts/test.mjs names
// it in its last lines.
const WHOLE_PROGRAMS = {
  pool: 'forks',
  maxWorkers: 1,
  fileParallelism: false,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  retry: process.env['CI'] === 'true' ? 1 : 0,
} as const;

// Unit tests in parallel first, then test/e2e one file at a time, because those start whole programs and wait for them; two of
// them at once on a small machine would test the scheduler. scripts/test.mjs runs `pair` beside both.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          pool: 'forks',
          testTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...WHOLE_PROGRAMS,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: PAIR,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: { ...WHOLE_PROGRAMS, name: 'pair', include: PAIR, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
