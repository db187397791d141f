/** `kakehashi restore`: a data directory out of a backup. @module */
import { Command } from 'commander';
import { readSecretLine } from '../../engine/keys.ts';
import type { Io } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = {
  readonly data: string;
  readonly passphraseFile?: string;
  readonly json?: boolean;
};

const HELP = `
Every file is held to the digests of the backup first. A holder then starts in \`recovering\`: it asks the
sandbox and the other holders of its live studies what it sent since, counts that as spent, ends every run
that was under way, begins a new epoch of its keys, and only then answers. A sandbox goes on from the
backup; holders refuse what does not continue the log that they signed.`;

export const restoreCommand = (io: Io): Command =>
  new Command('restore')
    .description('make a data directory of a backup')
    .argument('<backup>', 'the directory that `kakehashi backup` wrote')
    .addOption(dataOption(io, 'holder'))
    .option('--passphrase-file <file>', 'opens the keys of the backup')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (from: string, { data, passphraseFile, json = false }: Flags) => {
      using passphrase =
        passphraseFile === undefined
          ? undefined
          : await readSecretLine('backup passphrase', passphraseFile);
      // Loads the database.
      const { restoreBackup } = await import('../../engine/backup/backup.ts');
      const { role, at } = restoreBackup({ from, data, passphrase });
      const keys = passphraseFile !== undefined;
      const lines = [
        `${role} of ${at}`,
        ...(keys || role === 'sandbox'
          ? []
          : ['without keys: put them into keys/ before the start']),
        ...(role === 'holder' ? ['it recovers at its next start'] : []),
      ];
      printAnswer(
        io,
        { json: { data, role, at, keys, recovering: role === 'holder' }, lines },
        json,
      );
    });
