/** The fast suite: everything under test/ but the *.slow.test.ts files. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Folders whose tests change nothing of their process and end what they start: files share the modules of their
 * worker. Loading these again for every file took half of the time.
 */
const SHARED = [
  ...[
    'adversary',
    'analysis',
    'audit',
    'base',
    'cli',
    'client',
    'cohort',
    'dp',
    'engine',
    'flows',
    'he',
    'holder',
    'image',
  ],
  ...['kernels', 'ledger', 'linkage', 'psi', 'sandbox', 'study'],
].map((folder) => `test/${folder}/**/*.test.ts`);

/** It measures the memory of its process. */
const ALONE = ['test/adversary/decoders.prop.test.ts'];
const NEVER = ['**/*.slow.test.ts', '**/node_modules/**', 'dist/**'];

/** Real processes wait for public deadlines: they begin first, so that no core idles at the end. */
class ProcessesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/e2e/');
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  // Node 20 has no `using`: lower it as esbuild does for dist.
  oxc: { target: 'es2022' },
  test: {
    // Processes, not threads: tests load native modules and spawn services.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
    sequence: { sequencer: ProcessesFirst },
    projects: [
      {
        extends: true,
        test: { name: 'shared', include: SHARED, exclude: [...NEVER, ...ALONE], isolate: false },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE },
      },
      {
        extends: true,
        test: {
          name: 'own',
          include: ['test/**/*.test.ts'],
          exclude: [...NEVER, ...SHARED, ...ALONE],
        },
      },
    ],
  },
});
