/**
 * Compiles every kernel folder: wasm/<stem>/kernel.ts and what it imports from its own folder and from
 * wasm/shared →
 * wasm/<stem>/<stem>.wasm, and pins the SHA-256 of each in wasm/digests.json and in
 * src/kernels/digests.ts.
 *
 *     node wasm/build.mjs             writes the committed files
 *     node wasm/build.mjs --out DIR   writes DIR/<stem>/<stem>.wasm and DIR/digests.json only
 *     node wasm/build.mjs --only a,b  compiles these folders and keeps the digests of the others
 *
 * The compiler is an exact version and no paths or names enter the output, so the bytes are the
 * same on every machine; a test rebuilds and compares.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import asc from 'assemblyscript/asc';

const here = import.meta.dirname;
const outFlag = process.argv.indexOf('--out');
const out = outFlag < 0 ? here : resolve(process.argv[outFlag + 1] ?? '.');

const OPTIONS = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
  // Memory belongs to the binding. A kernel has no data of its own, so it starts at address 0.
  ...['--importMemory', '--initialMemory', '1', '--memoryBase', '0', '--use', 'abort='],
];

/** Kernels whose vectors several threads work on where they lie: every memory of theirs is shared. */
const SHARED = ['expand-convolute'];
const SHARED_OPTIONS = ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'];

const onlyFlag = process.argv.indexOf('--only');
const only = onlyFlag < 0 ? undefined : (process.argv[onlyFlag + 1] ?? '').split(',');
const stems = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(here, entry.name, 'kernel.ts')))
  .map((entry) => entry.name)
  .filter((stem) => only === undefined || only.includes(stem))
  .sort();

const kept = join(out, 'digests.json');
const digests =
  only !== undefined && existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {};
/** The sources of a folder, each under the name by which the kernel imports it. */
const sourcesOf = (folder, prefix) =>
  readdirSync(join(here, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [prefix + name, readFileSync(join(here, folder, name), 'utf8')]);
const optionsOf = (stem) => [
  ...['kernel.ts', ...OPTIONS],
  ...(SHARED.includes(stem) ? SHARED_OPTIONS : []),
];
for (const stem of stems) {
  const sources = new Map([...sourcesOf(stem, ''), ...sourcesOf('shared', '../shared/')]);
  // Sources are handed over by name: the folder of the checkout is never seen by the compiler.
  let binary;
  const { error, stderr } = await asc.main([...optionsOf(stem), '--outFile', 'kernel.wasm'], {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) {
    process.stderr.write(`${stem}: ${stderr.toString()}\n`);
    process.exit(1);
  }
  const file = join(out, stem, `${stem}.wasm`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, binary);
  digests[stem] = createHash('sha256').update(binary).digest('hex');
  process.stdout.write(`${digests[stem]}  ${stem}.wasm  ${binary.length} bytes\n`);
}

const sorted = Object.entries(digests).sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(kept, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
if (out === here) {
  const key = (stem) => (/^[a-z]+$/.test(stem) ? stem : `'${stem}'`);
  const lines = sorted.map(([stem, digest]) => `  ${key(stem)}: '${digest}',`);
  writeFileSync(
    join(here, '..', 'src', 'kernels', 'digests.ts'),
    `/** Written by wasm/build.mjs: the SHA-256 of each committed kernel. @module */\n` +
      `export const KERNEL_DIGESTS = {\n${lines.join('\n')}\n} as const;\n`,
  );
}
