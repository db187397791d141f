/**
 * A TypeScript file of the tests as a script that a process or a worker can run: bundled once into
 * the package cache, where the project's dependencies resolve.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const CACHE = path.join(ROOT, 'node_modules', '.cache', 'kakehashi');

/** The path of the bundle; it is removed when the test ends. */
export async function bundled(entry: string): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  const name = `${path.basename(entry, '.ts')}-${process.pid}-${Date.now()}.mjs`;
  const outfile = path.join(CACHE, name);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [path.resolve(ROOT, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  onTestFinished(() => rmSync(outfile, { force: true }));
  return outfile;
}
