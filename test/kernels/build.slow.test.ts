/** The committed kernels are what their sources compile to. CI holds the same by a step of its own. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'vitest';
import { KERNEL_DIGESTS } from '../../src/kernels/digests.ts';
import { kernelFile, type KernelStem } from '../../src/kernels/load.ts';
import { scratch } from '../support/scratch.ts';

const root = resolve(import.meta.dirname, '..', '..');

const stems = Object.keys(KERNEL_DIGESTS) as KernelStem[];

test('a rebuild gives the committed bytes', () => {
  const out = scratch();
  execFileSync(process.execPath, [join(root, 'wasm', 'build.mjs'), '--out', out]);
  ok(stems.length > 0);
  for (const stem of stems) {
    const rebuilt = readFileSync(join(out, stem, `${stem}.wasm`));
    deepStrictEqual(rebuilt.equals(readFileSync(kernelFile(stem))), true, stem);
  }
  deepStrictEqual(
    readFileSync(join(out, 'digests.json'), 'utf8'),
    readFileSync(join(root, 'wasm', 'digests.json'), 'utf8'),
  );
}, 30_000);
