/** `kakehashi image sign`: adds the signature of the author, or of a party for one study. @module */
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import { loadKey } from '../../engine/keys.ts';
import { agreedImages } from '../../flows/study-terms.ts';
import { signImage } from '../../image/signature.ts';
import { imageArchive, imageFacts, imageJson, readImageFile } from '../image-file.ts';
import type { Io } from '../io.ts';
import { jsonOption, passphraseOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { readStudyFile } from '../study-file.ts';
import { factLines } from '../table.ts';
import { writeNew } from '../new-file.ts';

type Flags = {
  readonly key: string;
  readonly passphraseFile?: string;
  readonly study?: string;
  readonly out: string;
  readonly json?: boolean;
};

const HELP = `
With --study the signature is a party's and holds in that study only, which must name the image; without
it is the author's.`;

export const imageSignCommand = (io: Io): Command =>
  new Command('sign')
    .description('sign an image as its author, or as a party of a study')
    .argument('<file>', 'an archive')
    .requiredOption('--key <file>', 'signing key')
    .addOption(passphraseOption())
    .option('--study <file>', 'sign for this study')
    .requiredOption('--out <file>', 'write the signed archive to this new file')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      const image = await readImageFile(io, file);
      const key = await loadKey(flags.key, flags.passphraseFile);
      const study = flags.study === undefined ? undefined : await readStudyFile(io, flags.study);
      const named =
        study === undefined ||
        agreedImages(study.study).some(
          ({ digest, signers }) =>
            digest === image.digest && signers.parties.keys.includes(key.publicText),
        );
      check(named, 'FORBIDDEN', 'the study does not ask this key for a signature on this image');
      const own =
        study === undefined
          ? signImage(key, image.digest, { role: 'author' })
          : signImage(key, image.digest, { role: 'party', study: study.study.id });
      const others = image.signatures.filter(
        (each) => each.key !== own.key || each.statement.study !== own.statement.study,
      );
      const signed = { ...image, signatures: [...others, own] };
      await writeNew(flags.out, imageArchive(image, signed.signatures));
      const answer = { file: flags.out, ...(imageJson(signed) as object) };
      printAnswer(io, { json: answer, lines: factLines(imageFacts(image)) }, flags.json === true);
    });
