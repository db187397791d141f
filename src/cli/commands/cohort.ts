/** `kakehashi cohort load`: imports a holder's files as its cohort for a study. @module */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { atDesk } from '../desk.ts';
import type { Io } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { factLines } from '../table.ts';

type Flags = { readonly data: string; readonly study: string; readonly json?: boolean };

const HELP = `
Files are read once and never again. Rows without a person are dropped; a value that is empty,
unreadable or outside its domain is counted in the cell "no value". What is wrong in the data is
said here, to the holder's own staff, and nowhere else.`;

/** The report in words; lists and objects as JSON. */
export const reportLines = (report: object): string[] =>
  factLines(
    Object.entries(report).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );

const loadCommand = (io: Io): Command =>
  new Command('load')
    .description('import CSV files as the cohort of a study')
    .argument('<file...>', 'CSV files with a header; more than one is read as one')
    .requiredOption('--study <id>', 'id of the study, accepted at this holder')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (given: readonly string[], { data, study, json = false }: Flags) => {
      const files = given.map((file) => resolve(file));
      const report = await atDesk(io, data, {
        running: (ask) => ask('POST', '/v1/cohorts', { study, files }),
        offline: (desk) => desk.loadCohort(study, files),
      });
      printAnswer(io, { json: report, lines: reportLines(report) }, json);
    });

export const cohortCommand = (io: Io): Command =>
  new Command('cohort').description("a holder's own data").addCommand(loadCommand(io));
