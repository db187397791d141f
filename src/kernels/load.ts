/**
 * Reads a committed kernel, compares its SHA-256 with the pin and compiles it.
 *
 * The pins are source text (digests.ts), so that changing a kernel's bytes without changing the
 * reviewed source is refused. This finds an exchanged file, not an exchanged program: whoever
 * can write src or dist can write the pins.
 *
 * Kernels and their bindings exchange typed views over WebAssembly memory, which is little
 * endian; a big-endian host is refused here, once, for all of them.
 * @module
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, refuseAs } from '../base/errors.ts';
import { type Digest, sha256Hex } from '../base/hash.ts';
import { KERNEL_DIGESTS } from './digests.ts';

export type KernelStem = keyof typeof KERNEL_DIGESTS;

const PACKAGE = 'kakehashi';
const little = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function isPackageRoot(directory: string): boolean {
  try {
    const text = readFileSync(join(directory, 'package.json'), 'utf8');
    return (JSON.parse(text) as { name?: unknown }).name === PACKAGE;
  } catch {
    return false;
  }
}

/** The package's folder, above this file whether it runs from src/ or bundled from dist/. */
function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!isPackageRoot(directory)) {
    const above = dirname(directory);
    check(above !== directory, 'KERNEL_REJECTED', 'package root not found');
    directory = above;
  }
  return directory;
}

/** The file of a kernel; `stem` is one of the names in digests.ts. */
export const kernelFile = (stem: KernelStem): string =>
  join(packageRoot(), 'wasm', stem, `${stem}.wasm`);

/** Compiles `bytes` if their digest is `pin`; KERNEL_REJECTED otherwise. */
export function compileKernel(bytes: Uint8Array, pin: Digest): WebAssembly.Module {
  check(little, 'KERNEL_REJECTED', 'big-endian host');
  check(sha256Hex(bytes) === pin, 'KERNEL_REJECTED', `digest of ${bytes.length} bytes`);
  return refuseAs(
    'KERNEL_REJECTED',
    'not a module',
    () => new WebAssembly.Module(new Uint8Array(bytes)),
  );
}

/** The committed kernel `stem`, verified and compiled. Refuses with KERNEL_REJECTED. */
export function loadKernel(stem: KernelStem): WebAssembly.Module {
  const bytes = refuseAs('KERNEL_REJECTED', `${stem}.wasm is missing`, () =>
    readFileSync(kernelFile(stem)),
  );
  return compileKernel(bytes, KERNEL_DIGESTS[stem]);
}
