/** `kakehashi cohort check`: what loading files would find, without loading them. @module */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { systemRng } from '../../base/rng.ts';
import type { EncodingName } from '../../engine/duckdb/text-encoding.ts';
import { encodingOption, FILES } from '../cohort-options.ts';
import { reportLines } from '../cohort-report.ts';
import type { Io } from '../io.ts';
import { jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { readHolderSection } from '../study-cohort.ts';

type Flags = {
  readonly study: string;
  readonly holder?: string;
  readonly encoding?: EncodingName;
  readonly json?: boolean;
};

const HELP = `
Reads the files as "cohort load" would and says what it finds: exact numbers, for the holder's own
staff. Nothing is kept or sent, and no holder has to be set up. Temporary files are readable by you
only and are removed; they may hold identifiers while it runs. TMPDIR says where they are.`;

export const checkCommand = (io: Io): Command =>
  new Command('check')
    .description('say what is wrong in files before they are loaded')
    .argument('<file...>', FILES)
    .requiredOption('--study <file>', 'a study draft or a signed study, - for standard input')
    .option('--holder <name>', 'whose files these are, where the study has several holders')
    .addOption(encodingOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (given: readonly string[], { encoding, json = false, ...flags }: Flags) => {
      const { holder, section } = await readHolderSection(io, flags.study, flags.holder);
      // Loaded here: most commands need no database.
      const { checkCohort } = await import('../../engine/duckdb/check-cohort.ts');
      // Readable by the owner only.
      const tmpDirectory = await mkdtemp(join(tmpdir(), 'kakehashi-'));
      try {
        const report = await checkCohort({
          files: given.map((file) => resolve(file)),
          section,
          holder,
          tmpDirectory,
          rng: systemRng,
          options: encoding === undefined ? {} : { encoding },
        });
        const answer = { holder, ...report };
        printAnswer(io, { json: answer, lines: reportLines(answer) }, json);
      } finally {
        await rm(tmpDirectory, { recursive: true, force: true });
      }
    });
