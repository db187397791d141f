/** `kakehashi cohort withdraw` and `cohort delete`: people, or all rows of a study, are counted no more. @module */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import { reportLines } from '../cohort-report.ts';
import { atDesk } from '../desk.ts';
import { type Io, readInput } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = { readonly data: string; readonly json?: boolean };

const WITHDRAW_HELP = `
One identifier in each line, as in the cohort files; - is standard input. From the next plan on nobody of
them is counted, in any study of this holder and in any later load. Rows are removed from the loaded
cohorts; an analyst sees nothing of it but other noised cells.`;

/** A file of our own for standard input: the holder reads it, and it is gone afterwards. */
async function withList<T>(io: Io, given: string, work: (file: string) => Promise<T>): Promise<T> {
  if (given !== '-') return work(path.resolve(given));
  const directory = await mkdtemp(path.join(tmpdir(), 'kakehashi-list-'));
  try {
    const file = path.join(directory, 'identifiers.txt');
    await writeFile(file, await readInput(io, '-'), { mode: 0o600 });
    return await work(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const withdrawCommand = (io: Io): Command =>
  new Command('withdraw')
    .description('take people who withdrew or objected out of every cohort')
    .argument('<file>', 'identifiers, one in each line, - for standard input')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', WITHDRAW_HELP)
    .action(async (given: string, { data, json = false }: Flags) => {
      const report = await withList(io, given, (file) =>
        atDesk(io, data, {
          running: (ask) => ask('POST', '/v1/withdrawals', { file }),
          offline: (desk) => desk.withdraw(file),
        }),
      );
      printAnswer(io, { json: report, lines: reportLines(report) }, json);
    });

const DELETE_HELP = `
Prints a statement signed by the holder. What people bore stays in the ledger, and keyed hashes of them
stay, so that loading them again does not give them a fresh budget.`;

export const deleteCohortCommand = (io: Io): Command =>
  new Command('delete')
    .description('delete the rows of a study, with a signed statement')
    .requiredOption('--study <id>', 'id of the study')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', DELETE_HELP)
    .action(async ({ data, study, json = false }: Flags & { readonly study: string }) => {
      check(DIGEST_PATTERN.test(study), 'USAGE', 'a study id has 64 hexadecimal digits');
      const answer = await atDesk(io, data, {
        running: (ask) => ask('POST', `/v1/studies/${study}/cohort-deletion`),
        offline: (desk) => desk.deleteCohort(study),
      });
      printAnswer(io, { json: answer, lines: [JSON.stringify(answer, null, 2)] }, json);
    });
