/** The committed kernels are what the pins say. */
import { deepStrictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'vitest';
import { KERNEL_DIGESTS } from '../../src/kernels/digests.ts';
import { kernelFile, type KernelStem } from '../../src/kernels/load.ts';

const root = resolve(import.meta.dirname, '..', '..');

const stems = Object.keys(KERNEL_DIGESTS) as KernelStem[];

describe.each(stems)('%s', (stem) => {
  const bytes = readFileSync(kernelFile(stem));
  test('has the pinned digest, in both lists', () => {
    const actual = createHash('sha256').update(bytes).digest('hex');
    deepStrictEqual(KERNEL_DIGESTS[stem], actual);
    const listed = JSON.parse(readFileSync(join(root, 'wasm', 'digests.json'), 'utf8')) as unknown;
    deepStrictEqual(listed, KERNEL_DIGESTS);
  });
  test('imports nothing but its memory', () => {
    const module = new WebAssembly.Module(new Uint8Array(bytes));
    deepStrictEqual(WebAssembly.Module.imports(module), [
      { module: 'env', name: 'memory', kind: 'memory' },
    ]);
  });
});
