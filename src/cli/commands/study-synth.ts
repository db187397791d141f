/** `kakehashi study synth`: rows that nobody ever was, from a study's public schema. @module */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { check, Refusal } from '../../base/errors.ts';
import { syntheticRows } from '../../cohort/synthetic-rows.ts';
import type { Io } from '../io.ts';
import { integerOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { readHolderSection } from '../study-cohort.ts';

type Flags = {
  readonly study: string;
  readonly rows: number;
  readonly holder?: string;
  readonly seed: string;
  readonly out?: string;
  readonly json?: boolean;
};

const HELP = `
Every column is drawn on its own, uniformly over its domain or range, with some missing values and
some outside the domain: good for trying a study, a query or a machine, and for nothing else. The
columns are called, and are in the units, as the study says of the holder. The same seed gives the
same rows.`;

/** Lines of one write to stdout. */
const LINES = 1000;

async function toFile(lines: Iterable<string>, out: string): Promise<void> {
  // A new file of the owner: it looks like a cohort.
  const file = createWriteStream(out, { flags: 'wx', mode: 0o600 });
  await pipeline(Readable.from(lines), file).catch((cause: unknown) => {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new Refusal(exists ? 'FILE_EXISTS' : 'FILE_NOT_FOUND', out, undefined, { cause });
  });
}

export const studySynthCommand = (io: Io): Command =>
  new Command('synth')
    .description("write synthetic rows from a study's public schema, as CSV")
    .requiredOption('--study <file>', 'a study draft or a signed study, - for standard input')
    .addOption(integerOption('--rows <n>', 'how many', 1).makeOptionMandatory())
    .option('--holder <name>', 'whose column names and units, where the study has several holders')
    .option('--seed <text>', 'other rows for another seed', 'kakehashi')
    .option('--out <file>', 'write them to a new file instead of stdout')
    .addOption(new Option('--json', 'with --out: print one JSON object on stdout'))
    .addHelpText('after', HELP)
    .action(async ({ study, rows, holder: given, seed, out, json = false }: Flags) => {
      check(!json || out !== undefined, 'USAGE', '--json needs --out');
      const { holder, section } = await readHolderSection(io, study, given);
      const lines = syntheticRows({ section, holder, rows, seed });
      if (out !== undefined) {
        await toFile(lines, out);
        printAnswer(io, { json: { file: out, holder, rows }, lines: [out] }, json);
        return;
      }
      let text: string[] = [];
      for (const line of lines) {
        text.push(line);
        if (text.length < LINES) continue;
        io.out(text.join(''));
        text = [];
      }
      io.out(text.join(''));
    });
