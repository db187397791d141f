/** `kakehashi cohort disclosed`: what linked queries told this holder about its own people, by agreement. @module */
import { Command } from 'commander';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { check, Refusal } from '../../base/errors.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import { quoted } from '../../cohort/synthetic-rows.ts';
import { cleanIdentifier, linkKey } from '../../engine/duckdb/link-key.ts';
import type { EncodingName } from '../../engine/duckdb/text-encoding.ts';
import { encodingOption } from '../cohort-options.ts';
import { csvRecords } from '../csv-records.ts';
import { type Ask, atDesk } from '../desk.ts';
import type { Io } from '../io.ts';
import { writeNew } from '../new-file.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { tableLines } from '../table.ts';

type Flags = {
  readonly data: string;
  readonly study: string;
  readonly run?: string;
  readonly out?: string;
  readonly column?: string;
  readonly encoding?: EncodingName;
  readonly json?: boolean;
};

const Runs = Type.Object({
  runs: Type.Array(
    Type.Object({ run: Type.String(), output: Type.String(), told: Type.Boolean() }),
  ),
});
const Disclosed = Type.Object({
  run: Type.String(),
  output: Type.String(),
  count: Type.Optional(Type.Integer()),
  column: Type.String(),
  people: Type.Array(Type.Tuple([Type.String(), Type.String()])),
});
type Told = Static<typeof Disclosed>;

const HELP = `
Without a file: the queries of the study that disclosed something, and the exact number where one told it. With the CSV
file of the cohort and --out: a new file with a line for each person. For "set" these are the people whom the other holder
has too, each with a number that is the same in the other holder's file; for "ids" all people, with the id that the other
holder gives to the same person. The data directory has no identifiers, so only who has the file can make this list.`;

/** identifier → what stands for it, in the order of the file, each person once. */
async function* named(file: string, flags: Flags, told: Told): AsyncGenerator<[string, string]> {
  const column = flags.column ?? told.column;
  const people = new Map(told.people);
  const missing = (): Refusal => {
    const errors = [{ pointer: '/column', code: 'COLUMN_MISSING' }];
    return new Refusal('INVALID_PARAMETER', `${file}: ${column}`, { errors });
  };
  const rows = csvRecords(file, flags.encoding ?? 'auto', new Set([column]), missing);
  for await (const row of rows) {
    const identifier = cleanIdentifier(row.get(column) ?? '');
    const key = linkKey(flags.study, identifier);
    const mark = key === undefined ? undefined : people.get(key);
    if (key === undefined || mark === undefined) continue;
    people.delete(key);
    yield [mark, identifier];
  }
}

/** A new file of the owner. Returns how many people are in it. */
async function writePeople(file: string, out: string, flags: Flags, told: Told): Promise<number> {
  let count = 0;
  const lines = async function* (): AsyncGenerator<string> {
    yield `${told.output === 'ids' ? 'id' : 'link'},${quoted(flags.column ?? told.column)}\n`;
    for await (const [mark, identifier] of named(file, flags, told)) {
      count += 1;
      yield `${mark},${quoted(identifier)}\n`;
    }
  };
  await writeNew(out, lines(), 0o600);
  return count;
}

async function told(io: Io, { data, study, run }: Flags): Promise<Told> {
  const path = `/v1/studies/${study}/disclosed${run === undefined ? '' : `?run=${run}`}`;
  const answer = await atDesk(io, data, {
    running: (ask: Ask) => ask('GET', path),
    offline: (desk) => desk.disclosed(study, run),
  });
  check(Check(Disclosed, answer), 'INTERNAL', 'disclosed answer');
  return answer;
}

async function list(io: Io, flags: Flags): Promise<void> {
  const { data, study, json = false } = flags;
  const answer = await atDesk(io, data, {
    running: (ask) => ask('GET', `/v1/studies/${study}/disclosures`),
    offline: (desk) => desk.disclosures(study),
  });
  check(Check(Runs, answer), 'INTERNAL', 'disclosures answer');
  const runs: { run: string; output: string; told: boolean; count?: number }[] = [];
  for (const one of answer.runs) {
    if (flags.run !== undefined && flags.run !== one.run) continue;
    const count = one.told ? (await told(io, { ...flags, run: one.run })).count : undefined;
    runs.push({ ...one, ...(count !== undefined && { count }) });
  }
  const titles = ['run', 'output', 'told', 'people in both'].map((title) => ({ title }));
  const rows = runs.map((one) => [
    one.run,
    one.output,
    one.told ? 'yes' : 'no',
    String(one.count ?? ''),
  ]);
  const lines = rows.length === 0 ? ['nothing was disclosed'] : tableLines(titles, rows);
  printAnswer(io, { json: { study, runs }, lines }, json);
}

export const disclosedCommand = (io: Io): Command =>
  new Command('disclosed')
    .description('what linked queries told about the people in both, by agreement')
    .argument('[file]', "the cohort's CSV file, to name people")
    .requiredOption('--study <id>', 'id of the study')
    .option('--run <id>', 'of this run; else the last that told anything')
    .option('--column <name>', "header of the identifiers; else the study's")
    .option('--out <file>', 'a new file for the people')
    .addOption(encodingOption())
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, flags: Flags) => {
      const { study, run, out, json = false } = flags;
      const ids = [study, ...(run === undefined ? [] : [run])];
      const digests = ids.every((id) => DIGEST_PATTERN.test(id));
      check(digests, 'USAGE', 'ids have 64 hexadecimal digits');
      check((file === undefined) === (out === undefined), 'USAGE', 'a file and --out go together');
      if (file === undefined || out === undefined) {
        await list(io, flags);
        return;
      }
      const answer = await told(io, flags);
      const people = await writePeople(file, out, flags, answer);
      const { output, run: of } = answer;
      printAnswer(
        io,
        {
          json: { study, run: of, output, file: out, people },
          lines: [`${people} people: ${out}`],
        },
        json,
      );
    });
