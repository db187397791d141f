/**
 * AssemblyScript to WebAssembly as images want it: no imports, memory exported with its maximum. The
 * compiler is a development dependency: whoever has the package alone brings a compiled binary.
 * @module
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { check, Refusal } from '../base/errors.ts';

const options = (pages: number): readonly string[] => [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  ...['--initialMemory', '1', '--maximumMemory', String(pages), '--outFile', 'image.wasm'],
];

/** What is used of the compiler. Its own types redefine the arrays of JavaScript for the whole program. */
type Compiler = {
  readonly main: (
    argv: readonly string[],
    host: {
      readonly readFile: (name: string) => Promise<string | null>;
      readonly writeFile: (name: string, contents: Uint8Array | string) => void;
      readonly listFiles: () => readonly string[];
    },
  ) => Promise<{
    readonly error: Error | null;
    readonly stderr: { readonly toString: () => string };
  }>;
};

/** Not a literal where it is imported, so that the types stay out. */
const COMPILER = 'assemblyscript/asc' as string;

async function compiler(): Promise<Compiler> {
  try {
    return (await import(COMPILER)) as Compiler;
  } catch (cause) {
    const detail = 'assemblyscript is not installed: npm install --save-dev assemblyscript';
    throw new Refusal('USAGE', detail, undefined, { cause });
  }
}

/** Files are read below the folder of the source only. */
export async function assembleImage(source: string, pages: number): Promise<Uint8Array> {
  const folder = path.dirname(path.resolve(source));
  const { main } = await compiler();
  let binary: Uint8Array | undefined;
  const { error, stderr } = await main([path.basename(source), ...options(pages)], {
    readFile: async (name) => {
      const file = path.resolve(folder, name);
      if (!file.startsWith(folder + path.sep)) return null;
      return readFile(file, 'utf8').catch(() => null);
    },
    writeFile: (name, contents) => {
      if (name === 'image.wasm' && typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  });
  check(error === null && binary !== undefined, 'USAGE', `does not compile\n${stderr.toString()}`);
  return new Uint8Array(binary);
}
