/**
 * Compiles every kernel folder: wasm/<stem>/kernel.ts and what it imports from its own folder →
 * wasm/<stem>/<stem>.wasm, and pins the SHA-256 of each in wasm/digests.json and in
 * src/kernels/digests.ts.
 *
 *     node wasm/build.mjs             writes the committed files
 *     node wasm/build.mjs --out DIR   writes DIR/<stem>/<stem>.wasm and DIR/digests.json only
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

const stems = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(here, entry.name, 'kernel.ts')))
  .map((entry) => entry.name)
  .sort();

const digests = {};
for (const stem of stems) {
  const folder = join(here, stem);
  const sources = new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
  // Sources are handed over by name: the folder of the checkout is never seen by the compiler.
  let binary;
  const { error, stderr } = await asc.main(['kernel.ts', ...OPTIONS, '--outFile', 'kernel.wasm'], {
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

writeFileSync(join(out, 'digests.json'), `${JSON.stringify(digests, null, 2)}\n`);
if (out === here) {
  const lines = Object.entries(digests).map(([stem, digest]) => `  ${stem}: '${digest}',`);
  writeFileSync(
    join(here, '..', 'src', 'kernels', 'digests.ts'),
    `/** Written by wasm/build.mjs: the SHA-256 of each committed kernel. @module */\n` +
      `export const KERNEL_DIGESTS = {\n${lines.join('\n')}\n} as const;\n`,
  );
}
