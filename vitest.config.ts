import { defineConfig } from 'vitest/config';

// Two projects: unit tests in parallel first, then test/e2e one file at a time, because those start whole programs and
// measure time; two of them at once on a small machine would test the scheduler.
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
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Whole programs on a machine whose other load is unknown: one that fails is asked once more, and
          // scripts/test.mjs names it in its last lines.
          retry: process.env['CI'] === 'true' ? 1 : 0,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
