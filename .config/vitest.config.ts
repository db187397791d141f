/** The fast suite: everything under test/ but the *.slow.test.ts files. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  // Node 20 has no `using`: lower it as esbuild does for dist.
  oxc: { target: 'es2022' },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', '**/node_modules/**', 'dist/**'],
    // Processes, not threads: tests load native modules, spawn services and change nothing global.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
});
