/** `kakehashi keygen`: a new signing key in a file, its public form on stdout. @module */
import { Command } from 'commander';
import { SigningKey } from '../../base/sign.ts';
import { loadKey, saveKey } from '../../engine/keys.ts';
import type { Io } from '../io.ts';
import { jsonOption, passphraseOption } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = {
  readonly json?: boolean;
  readonly passphraseFile?: string;
  readonly public?: boolean;
};

const HELP = `
A holder's identity belongs in keys/identity.pem of its data directory; stewards and analysts
keep their keys wherever they work. Give the public form to the other parties by a way that
cannot be forged: they pin it.`;

export const keygenCommand = (io: Io): Command =>
  new Command('keygen')
    .description('make an Ed25519 signing key: PKCS#8 PEM, mode 0600')
    .argument('<file>', 'where to write it; an existing file is not replaced')
    .addOption(passphraseOption())
    .option('--public', 'read an existing file and print its public form')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      const { passphraseFile, json = false } = flags;
      let key: SigningKey;
      if (flags.public === true) {
        key = await loadKey(file, passphraseFile);
      } else {
        key = SigningKey.generate();
        await saveKey(file, key, passphraseFile);
      }
      const answer = { key: key.publicText, file };
      printAnswer(io, { json: answer, lines: [key.publicText] }, json);
    });
