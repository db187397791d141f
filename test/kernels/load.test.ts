/** The loader takes the pinned bytes and no others. */
import { ok, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { sha256Hex } from '../../src/base/hash.ts';
import { KERNEL_DIGESTS } from '../../src/kernels/digests.ts';
import { compileKernel, kernelFile, type KernelStem, loadKernel } from '../../src/kernels/load.ts';
import { refusal } from '../support/refusal.ts';

const rejected = refusal('KERNEL_REJECTED');
const bytes = new Uint8Array(readFileSync(kernelFile('ntt')));

test('the committed kernel loads', () => {
  ok(loadKernel('ntt') instanceof WebAssembly.Module);
  ok(compileKernel(bytes, KERNEL_DIGESTS.ntt) instanceof WebAssembly.Module);
});

test('one changed bit anywhere is refused', () => {
  for (const at of [0, 8, bytes.length >> 1, bytes.length - 1]) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    throws(() => compileKernel(changed, KERNEL_DIGESTS.ntt), rejected);
  }
});

test('truncated, extended and empty files are refused', () => {
  for (const bad of [bytes.slice(0, -1), Uint8Array.of(...bytes, 0), new Uint8Array(0)]) {
    throws(() => compileKernel(bad, KERNEL_DIGESTS.ntt), rejected);
  }
});

test('bytes with the right digest that are no module are refused', () => {
  const text = new TextEncoder().encode('not a module');
  throws(() => compileKernel(text, sha256Hex(text)), rejected);
});

test('a kernel that is not there is refused', () => {
  throws(() => loadKernel('no-such-kernel' as KernelStem), rejected);
});
