/** `kakehashi image build`: a source or a binary and its declaration as one archive. @module */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { sha256Hex } from '../../base/hash.ts';
import { readDeclaration, readLayout, writeLayout } from '../../image/layout.ts';
import { signImage } from '../../image/signature.ts';
import { loadKey } from '../../engine/keys.ts';
import { assembleImage } from '../assemble-image.ts';
import { imageArchive, imageFacts, imageJson } from '../image-file.ts';
import { type Io, readInput, readJson } from '../io.ts';
import { jsonOption, passphraseOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { factLines } from '../table.ts';
import { writeNew } from '../new-file.ts';

type Flags = {
  readonly declaration: string;
  readonly out: string;
  readonly binary?: string;
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly json?: boolean;
};

const HELP = `
A source ends in .ts (AssemblyScript) or is a .wasm file that something else compiled. What no holder
would run is refused here, with a reason. The digest of the image is what a study names.`;

export const imageBuildCommand = (io: Io): Command =>
  new Command('build')
    .description('make an image of a program and its declaration')
    .argument('<source>', 'AssemblyScript source (.ts) or WebAssembly binary (.wasm)')
    .requiredOption('--declaration <file>', 'what the program reads, gives and may use, as JSON')
    .requiredOption('--out <file>', 'write the archive to this new file')
    .option('--binary <file>', 'write the compiled WebAssembly there, too')
    .option('--key <file>', 'sign it as its author')
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (source: string, flags: Flags) => {
      const json = await readJson(io, flags.declaration, 'IMAGE_REJECTED');
      const declaration = readDeclaration(json);
      const wasm = source.endsWith('.ts')
        ? await assembleImage(source, declaration.memory)
        : await readInput(io, source);
      const image = readLayout(writeLayout(declaration, wasm));
      const signatures =
        flags.key === undefined
          ? []
          : [
              signImage(await loadKey(flags.key, flags.passphraseFile), image.digest, {
                role: 'author',
              }),
            ];
      await writeNew(flags.out, imageArchive(image, signatures));
      if (flags.binary !== undefined) await writeFile(flags.binary, wasm);
      const answer = {
        file: flags.out,
        bytes: wasm.length,
        binary: sha256Hex(wasm),
        ...(imageJson({ ...image, signatures }) as object),
      };
      printAnswer(io, { json: answer, lines: factLines(imageFacts(image)) }, flags.json === true);
    });
