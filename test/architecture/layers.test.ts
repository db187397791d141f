/** src keeps to its rows. Each rule is first shown to catch a small tree that breaks it. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { ALLOWED, cycle, layerViolations, packageOf, packageViolations, ROWS } from './layers.ts';
import { graphOf, ROOT, sourceGraph } from './source-tree.ts';

describe('controls: the checker finds', () => {
  const breaks = (texts: Record<string, string>): string[] => layerViolations(graphOf(texts));

  const bad: Record<string, Record<string, string>> = {
    'an import downwards': { 'src/base/a.ts': "import { x } from '../flows/b.ts';" },
    'an import of a sibling': { 'src/dp/a.ts': "import { x } from '../he/b.ts';" },
    'a type import of a sibling': { 'src/study/a.ts': "import type { X } from '../cohort/b.ts';" },
    'an export from below': { 'src/ledger/a.ts': "export { x } from '../flows/ports.ts';" },
    'a dynamic import': { 'src/flows/a.ts': "const x = await import('../engine/sqlite/a.ts');" },
    'a flow that wires an adapter': { 'src/flows/a.ts': "import '../engine/duckdb/cohort.ts';" },
    'a process that imports another': { 'src/holder/a.ts': "import '../sandbox/b.ts';" },
    'an import from test': { 'src/cli/a.ts': "import '../../test/support/exact-noise.ts';" },
    'an import from bench': { 'src/cli/a.ts': "import '../../bench/run.ts';" },
    'a folder that is in no row': { 'src/shared/a.ts': '' },
    'a file outside every folder': { 'src/a.ts': '' },
  };
  for (const [name, texts] of Object.entries(bad)) {
    test(name, () => equal(breaks(texts).length, 1));
  }

  test('and lets pass what is allowed', () => {
    deepStrictEqual(
      breaks({
        'src/base/a.ts':
          "import { b } from './b.ts'; import { sha256 } from '@noble/hashes/sha2.js';",
        'src/he/a.ts': "import '../base/a.ts'; import '../kernels/ntt.ts'; import './ring/b.ts';",
        'src/cli/a.ts': "import '../holder/main.ts'; import '../engine/blobs/disk.ts';",
      }),
      [],
    );
  });

  test('a cycle of three files, and none in a diamond', () => {
    const ring = {
      'a.ts': "import './b.ts'",
      'b.ts': "import './c.ts'",
      'c.ts': "import './a.ts'",
    };
    deepStrictEqual(cycle(graphOf(ring)), ['a.ts', 'b.ts', 'c.ts', 'a.ts']);
    const diamond = { ...ring, 'a.ts': "import './b.ts'; import './c.ts'", 'c.ts': '' };
    equal(cycle(graphOf(diamond)), undefined);
  });

  test('a package or a built-in that a folder may not use', () => {
    const found = packageViolations(
      graphOf({
        'src/base/a.ts': "import '@noble/hashes/sha2.js'; import 'cborg'; import '@hpke/core';",
        'src/base/b.ts': "import 'fastify';",
        'src/dp/a.ts': "import { readFileSync } from 'node:fs'; import '@noble/curves/ed25519.js';",
        'src/ledger/a.ts': "import { createHash } from 'crypto';",
        'src/analysis/a.ts': "import '@stdlib/stats-base-dists-normal';",
        'src/sandbox/a.ts': "import fastify from 'fastify';",
      }),
    );
    deepStrictEqual(found, [
      'src/base/b.ts imports fastify',
      'src/dp/a.ts imports node:fs',
      'src/ledger/a.ts imports node:crypto',
      'src/analysis/a.ts imports @stdlib/stats-base-dists-normal',
    ]);
    equal(packageOf('node:timers/promises'), 'node:timers');
  });
});

describe('src', () => {
  const graph = sourceGraph('src');
  // The launcher of the command is the one file that looks for the built program.
  const modules = new Map([...graph].filter(([file]) => file !== 'src/cli/kakehashi.mjs'));

  test('was read', () => ok(modules.size > 10));
  test('every folder is in a row', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    deepStrictEqual(
      folders.filter((name) => !ROWS.flat().includes(name)),
      [],
    );
  });
  test('imports go to rows above only', () => deepStrictEqual(layerViolations(modules), []));
  test('has no cycle of files', () => equal(cycle(modules), undefined));
  test('the inner rows use the packages on their list only', () => {
    deepStrictEqual(packageViolations(modules), []);
    const inner = ROWS.slice(
      0,
      ROWS.findIndex((row) => row.includes('engine')),
    ).flat();
    deepStrictEqual(Object.keys(ALLOWED), inner);
  });
});
