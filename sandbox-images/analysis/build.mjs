/**
 * Compiles the example programs and pins them: NAME.ts → NAME.wasm, and in images.json the digest of each
 * binary and of the image that it and NAME.json make. The compiler is an exact version; a test rebuilds and compares.
 *
 *     node .config/build.mjs && node sandbox-images/analysis/build.mjs
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const here = import.meta.dirname;
const cli = resolve(here, '../../dist/cli.js');
const work = mkdtempSync(join(tmpdir(), 'kakehashi-images-'));
try {
  const pins = {};
  for (const file of readdirSync(here).filter((name) => name.endsWith('.json'))) {
    const name = file.slice(0, -'.json'.length);
    if (name === 'images') continue;
    const archive = join(work, `${name}.tar`);
    const args = ['image', 'build', join(here, `${name}.ts`), '--declaration', join(here, file)];
    const wasm = join(here, `${name}.wasm`);
    const options = ['--out', archive, '--binary', wasm, '--json'];
    const { digest, binary } = JSON.parse(
      execFileSync(process.execPath, [cli, ...args, ...options]),
    );
    pins[name] = { binary, image: digest };
  }
  writeFileSync(join(here, 'images.json'), `${JSON.stringify(pins, null, 2)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
