import { defineConfig } from 'vitest/config';

/** Tests that mostly wait, for adverts, time-outs, elections, or that install and pack: they run beside the others. */
const BESIDE = [
  'test/e2e/l4-keeper.test.ts',
  'test/e2e/pair*.test.ts',
  'test/e2e/namespaces/**/*.test.ts',
  'test/e2e/process-names.test.ts',
  'test/e2e/manual.test.ts',
  'test/e2e/scenarios.test.ts',
  'test/e2e/image.test.ts',
  'test/e2e/npm-package.test.ts',
  'test/e2e/setup.test.ts',
  'test/e2e/socket-activation.test.ts',
];

// Whole programs on a machine whose other load is unknown: one that fails is asked once more, and scripts/test.mjs names
// it in its last lines.
const WHOLE_PROGRAMS = {
  pool: 'forks',
  maxWorkers: 1,
  fileParallelism: false,
  // What is waited for has its own deadlines, which say what was missing; several of them fit in here. A hook that fails is not
  // asked again.
  testTimeout: 120_000,
  hookTimeout: 180_000,
  retry: process.env['CI'] === 'true' ? 1 : 0,
} as const;

// Unit tests in parallel first, then test/e2e one file at a time, because those start whole programs and wait for them; two of
// them at once on a small machine would test the scheduler. scripts/test.mjs runs `beside` beside both.
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
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...WHOLE_PROGRAMS,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: BESIDE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: { ...WHOLE_PROGRAMS, name: 'beside', include: BESIDE, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
