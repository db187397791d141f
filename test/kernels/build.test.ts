/** The committed kernels are what their sources compile to, and are what the pins say. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import { KERNEL_DIGESTS } from '../../src/kernels/digests.ts';
import { kernelFile, type KernelStem } from '../../src/kernels/load.ts';

const root = resolve(import.meta.dirname, '..', '..');
const out = mkdtempSync(join(tmpdir(), 'kakehashi-wasm-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const stems = Object.keys(KERNEL_DIGESTS) as KernelStem[];

test('a rebuild gives the committed bytes', () => {
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
