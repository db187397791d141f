/** `kakehashi cohort load`: imports a holder's files as its cohort for a study. @module */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { encodingOption, FILES } from '../cohort-options.ts';
import { reportLines } from '../cohort-report.ts';
import { deleteCohortCommand, withdrawCommand } from './cohort-withdraw.ts';
import { disclosedCommand } from './cohort-disclosed.ts';
import { uploadsCommand } from './cohort-uploads.ts';
import { checkCommand } from './cohort-check.ts';
import { atDesk } from '../desk.ts';
import type { EncodingName } from '../../engine/duckdb/text-encoding.ts';
import type { Io } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = {
  readonly data: string;
  readonly study: string;
  readonly encoding?: EncodingName;
  readonly keepUntil?: string;
  readonly json?: boolean;
};

const HELP = `
Files are read once and never again. Loading again replaces the rows; people bring along what they bore.
 Rows without a person are dropped; a value that is empty,
unreadable or outside its domain is counted in the cell "no value". Where the study maps columns to
OMOP tables, a folder of them is one cohort: a file is a table when its name ends in the table's.
What is wrong in the data is said here, to the holder's own staff, and nowhere else.`;

const loadCommand = (io: Io): Command =>
  new Command('load')
    .description('import files as the cohort of a study')
    .argument('<file...>', FILES)
    .requiredOption('--study <id>', 'id of the study, accepted at this holder')
    .addOption(dataOption(io, 'holder'))
    .addOption(encodingOption())
    .option('--keep-until <day>', 'delete the rows after this day (UTC, YYYY-MM-DD)')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (given: readonly string[], flags: Flags) => {
      const { data, study, encoding, keepUntil, json = false } = flags;
      const files = given.map((file) => resolve(file));
      const options = {
        ...(encoding !== undefined && { encoding }),
        ...(keepUntil !== undefined && { keepUntil }),
      };
      const report = await atDesk(io, data, {
        running: (ask) => ask('POST', '/v1/cohorts', { study, files, ...options }),
        offline: (desk) => desk.loadCohort(study, files, options),
      });
      printAnswer(io, { json: report, lines: reportLines(report) }, json);
    });

export const cohortCommand = (io: Io): Command =>
  new Command('cohort')
    .description("a holder's own data")
    .addCommand(checkCommand(io))
    .addCommand(loadCommand(io))
    .addCommand(disclosedCommand(io))
    .addCommand(uploadsCommand(io))
    .addCommand(withdrawCommand(io))
    .addCommand(deleteCohortCommand(io));
