/** `kakehashi psi`: a private set intersection of two tables, a process for each party. @module */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { check, Refusal } from '../../base/errors.ts';
import { ENCODINGS, type EncodingName } from '../../engine/duckdb/text-encoding.ts';
import { MOST_SUM_COLUMNS } from '../../psi/sum/additive.ts';
import type { Io } from '../io.ts';
import { pairLines, writePairs } from '../link-files.ts';
import { integerOption, jsonOption } from '../options.ts';
import { startParties } from '../psi-processes.ts';
import {
  OUTPUTS,
  PAILLIER_BITS,
  type PartyDone,
  type PartyRequest,
  type PsiOutput,
  type PsiSide,
  type PsiWish,
  WISHES,
} from '../psi-request.ts';
import { plain } from '../table.ts';
import { packageRoot } from '../version.ts';

type Flags = {
  readonly left: string;
  readonly right: string;
  readonly column: string;
  readonly leftColumn?: string;
  readonly rightColumn?: string;
  readonly leftEncoding: EncodingName;
  readonly rightEncoding: EncodingName;
  readonly protocol: PsiWish;
  readonly output: PsiOutput;
  readonly sum?: readonly string[];
  readonly out?: string;
  readonly timeout: number;
  readonly threads?: number;
  readonly json?: boolean;
};

const HELP = `
Two processes, one for each table, speak the protocol with each other over the loopback; each reads
its own file only. Semi-honest: both are expected to follow the protocol.

--output set          pairs of rows, counted from 0 without the header; both parties learn them.
                      vole: VOLE-PSI (Raghuraman, Rindal 2022); ecdh: Diffie-Hellman on ristretto255;
                      auto: vole from about 2,000 identifiers a side.
--output cardinality  how many are in both; the left party learns it, nobody learns who. Always ecdh, with a
                      shuffled answer: VOLE-PSI would tell the left party which of its rows matched.
--output sum          for each column of --sum, which the RIGHT table has, the sum over its rows that
                      are in the left table, and how many they are; the left party learns both, the
                      right one nothing, nobody learns who. ecdh and Paillier encryption (Ion et
                      al. 2020); at most 20,000 rows on the right. An empty value adds nothing.

The results are exact: there is no noise and no budget, and the sum over one match is that person's
value. Each party learns how many different identifiers the other has. Identifiers are compared in Unicode
NFC without white space at the ends; of rows with the same one the first stands.`;

/** Above this many pairs the answer is a file. */
const MOST_SHOWN = 100_000;

function refuse(pointer: string, code: string, detail: string): never {
  throw new Refusal('INVALID_PARAMETER', detail, { errors: [{ pointer, code }] });
}

/** What commander cannot check: options that need or exclude each other. */
function checkFlags({ protocol, output, sum, out }: Flags): void {
  if (output !== 'set' && protocol === 'vole')
    refuse('/protocol', 'UNKNOWN_VALUE', `--output ${output} is served by ecdh`);
  if ((output === 'sum') !== (sum !== undefined))
    refuse('/sum', sum === undefined ? 'MISSING_FIELD' : 'UNKNOWN_FIELD', `--output ${output}`);
  if (sum !== undefined && new Set(sum).size !== sum.length)
    refuse('/sum', 'DUPLICATE_ELEMENT', 'a column twice');
  if ((sum?.length ?? 0) > MOST_SUM_COLUMNS)
    refuse('/sum', 'TOO_MANY_ITEMS', `at most ${MOST_SUM_COLUMNS} columns`);
  if (out === undefined) return;
  if (output !== 'set') refuse('/out', 'UNKNOWN_FIELD', `--output ${output} has no pairs`);
  // Now rather than after a long run.
  check(!existsSync(out), 'FILE_EXISTS', out);
}

function requestOf(side: PsiSide, flags: Flags): PartyRequest {
  const left = side === 'left';
  return {
    side,
    output: flags.output,
    protocol: flags.protocol,
    stallMs: 1000 * flags.timeout,
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    table: {
      file: left ? flags.left : flags.right,
      encoding: left ? flags.leftEncoding : flags.rightEncoding,
      column: (left ? flags.leftColumn : flags.rightColumn) ?? flags.column,
      sums: left ? [] : (flags.sum ?? []),
    },
  };
}

type Found = Readonly<Record<PsiSide, PartyDone>>;
/** Exact: at most 15 digits by the bounds of psi/sum. */
const amount = (scaled: bigint, decimals: number): number => Number(`${scaled}e-${decimals}`);

/** The rows of each side that matched, in one order. */
function matchedRows({ left, right }: Found): Readonly<Record<PsiSide, Uint32Array>> {
  const none = new Uint32Array(0);
  const rows = { left: left.answer.rows ?? none, right: right.answer.rows ?? none };
  const same = rows.left.length === rows.right.length;
  check(same, 'INTERNAL', `${rows.left.length} and ${rows.right.length} matches`);
  return rows;
}

const byColumn = <T>(names: readonly string[], value: (i: number) => T): Record<string, T> =>
  Object.fromEntries(names.map((name, i) => [name, value(i)]));

function matchesOf(found: Found, out: string | undefined): object {
  const { left, right } = matchedRows(found);
  if (out !== undefined) return { file: out, count: left.length };
  return Array.from(left, (row, i) => [row, right[i]]);
}

function resultOf(found: Found, { output, sum = [], out }: Flags) {
  const { answer } = found.left;
  const { decimals, blanks } = found.right;
  if (output === 'set') return { matches: matchesOf(found, out) };
  if (output === 'cardinality') return { cardinality: answer.cardinality ?? 0 };
  return {
    sums: byColumn(sum, (i) => amount(answer.sums?.[i] ?? 0n, decimals[i] ?? 0)),
    cardinality: answer.cardinality ?? 0,
    blanks: byColumn(sum, (i) => blanks[i] ?? 0),
    encryption: `paillier-${PAILLIER_BITS}`,
  };
}

function jsonAnswer(found: Found, flags: Flags): object {
  const { left, right } = found;
  return {
    protocol: left.answer.protocol,
    output: flags.output,
    ...resultOf(found, flags),
    seconds: Math.max(left.seconds, right.seconds),
    bytes: left.bytes,
    left: left.counts,
    right: right.counts,
  };
}

/** For the person at the terminal. */
function summary({ left, right }: Found): string[] {
  const table = (side: PsiSide, { counts }: PartyDone): string =>
    `${side}: ${counts.rows} rows, ${counts.empty} without identifier, ${counts.duplicates} duplicates`;
  const seconds = Math.max(left.seconds, right.seconds).toFixed(2);
  return [
    table('left', left),
    table('right', right),
    `${left.answer.protocol}, ${seconds} s, ${left.bytes} bytes`,
  ];
}

function* textPairs(found: Found): Generator<readonly [string, string]> {
  const { left, right } = matchedRows(found);
  for (const [i, row] of left.entries()) yield [String(row), String(right[i])];
}

function printText(io: Io, found: Found, flags: Flags): void {
  const lines = summary(found).map((line) => `${plain(line)}\n`);
  io.err(lines.join(''));
  if (flags.output === 'set') {
    if (flags.out === undefined) io.out([...pairLines(textPairs(found))].join(''));
    return;
  }
  const { cardinality, sums } = resultOf(found, flags);
  io.out(`in both  ${cardinality ?? 0}\n`);
  for (const [name, sum] of Object.entries(sums ?? {})) io.out(`${plain(name)}  ${sum}\n`);
}

async function print(io: Io, found: Found, flags: Flags): Promise<void> {
  const { out, json = false } = flags;
  const count = matchedRows(found).left.length;
  const detail = `${count} pairs: --out is needed above ${MOST_SHOWN}`;
  check(out !== undefined || count <= MOST_SHOWN, 'USAGE', detail);
  if (out !== undefined) await writePairs(textPairs(found), out);
  if (json) io.out(`${JSON.stringify(jsonAnswer(found, flags))}\n`);
  else printText(io, found, flags);
}

const encodingOption = (side: PsiSide): Option =>
  new Option(`--${side}-encoding <name>`, `encoding of the ${side} table`)
    .choices(ENCODINGS)
    .default('auto');

/** `script` is what each party runs; a test has its own build of it. */
export const psiCommand = (io: Io, script = join(packageRoot(), 'dist', 'psi-party.js')): Command =>
  new Command('psi')
    .description('which identifiers two tables share, computed without showing the others')
    .requiredOption('--left <csv>', 'a table')
    .requiredOption('--right <csv>', 'the other table')
    .requiredOption('--column <name>', 'the column with the identifiers')
    .option('--left-column <name>', 'its name in the left table, where that differs')
    .option('--right-column <name>', 'its name in the right table, where that differs')
    .addOption(encodingOption('left'))
    .addOption(encodingOption('right'))
    .addOption(new Option('--protocol <name>', 'protocol').choices(WISHES).default('auto'))
    .addOption(new Option('--output <kind>', 'what is computed').choices(OUTPUTS).default('set'))
    .addOption(
      new Option('--sum <columns>', 'columns of the right table, separated by commas').argParser(
        (text: string) => text.split(',').map((name) => name.normalize('NFC').trim()),
      ),
    )
    .option('--out <file>', 'write the pairs of rows to a new CSV file (left,right)')
    .addOption(
      integerOption('--timeout <seconds>', 'how long a party may be silent', 1).default(300),
    )
    .addOption(
      integerOption(
        '--threads <n>',
        'worker threads of each party (default: its share of the cores)',
        1,
      ),
    )
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      checkFlags(flags);
      check(existsSync(script), 'FILE_NOT_FOUND', script);
      const requests = { left: requestOf('left', flags), right: requestOf('right', flags) };
      const parties = await startParties(script, requests);
      await print(io, await parties.done, flags);
    });
