/** `kakehashi backup`: a consistent copy of a data directory, also while its service runs. @module */
import { Command } from 'commander';
import { systemRng } from '../../base/rng.ts';
import { systemClock } from '../../engine/clock.ts';
import { readSecretLine } from '../../engine/keys.ts';
import type { Io } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = {
  readonly data: string;
  readonly out: string;
  readonly passphraseFile?: string;
  readonly json?: boolean;
};

const HELP = `
Works beside a running holder or sandbox. The backup has the store, the blobs and the settings; keys only
with --passphrase-file, encrypted under it. Cohorts and archives of images are not in it: load and push them again after a restore. A
service whose store is in PostgreSQL is backed up with the tools of PostgreSQL.`;

export const backupCommand = (io: Io): Command =>
  new Command('backup')
    .description('copy a data directory, also of a service that runs')
    .requiredOption('--out <dir>', 'where to: a new or empty directory')
    .addOption(dataOption(io, 'holder'))
    .option(
      '--passphrase-file <file>',
      'put the keys in, encrypted under the first line of this file',
    )
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async ({ data, out, passphraseFile, json = false }: Flags) => {
      using passphrase =
        passphraseFile === undefined
          ? undefined
          : await readSecretLine('backup passphrase', passphraseFile);
      // Loads the database.
      const { writeBackup } = await import('../../engine/backup/backup.ts');
      const options = { data, out, passphrase, now: systemClock.now(), rng: systemRng };
      const { role, at, files } = writeBackup(options);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      const keys = passphraseFile !== undefined;
      const lines = [
        `${role}, ${files.length} files, ${bytes} bytes, ${keys ? 'with keys, encrypted' : 'without keys'}`,
      ];
      printAnswer(
        io,
        { json: { backup: out, role, at, files: files.length, bytes, keys }, lines },
        json,
      );
    });
