/** Where a release goes: a terminal, a script, a table program. @module */
import { access, writeFile } from 'node:fs/promises';
import { Option } from 'commander';
import { check, Refusal } from '../base/errors.ts';
import type { Release } from '../client/client.ts';
import type { Io } from './io.ts';
import { type Answer, printAnswer } from './output.ts';
import {
  mainTable,
  RELEASE_TABLES,
  releaseColumns,
  type ReleaseTableName,
} from './release-columns.ts';
import { releaseCsv } from './release-csv.ts';

const FORMATS = ['table', 'json', 'csv', 'arrow'] as const;
export type ReleaseFormat = (typeof FORMATS)[number];

export type ReleaseFlags = {
  readonly format?: ReleaseFormat;
  readonly out?: string;
  readonly table?: ReleaseTableName;
  readonly json?: boolean;
};

export const releaseOptions = (): Option[] => [
  new Option('--format <name>', 'how the release is written (default: table)').choices([
    ...FORMATS,
  ]),
  new Option('--out <file>', 'write it to a new file instead of stdout'),
  new Option(
    '--table <name>',
    'what --format csv and arrow write (default: cells, or the first table that there is)',
  ).choices([...RELEASE_TABLES]),
];

export type ReleaseTarget = {
  readonly format: ReleaseFormat;
  readonly out?: string;
  readonly table?: ReleaseTableName;
};

/** Checked before a query runs: a release must not be paid for and then have nowhere to go. */
export async function releaseTarget({
  format,
  out,
  table,
  json,
}: ReleaseFlags): Promise<ReleaseTarget> {
  const chosen = format ?? (json === true ? 'json' : 'table');
  check(json !== true || chosen === 'json', 'USAGE', `--json and --format ${chosen}`);
  check(chosen !== 'arrow' || out !== undefined, 'USAGE', '--format arrow needs --out');
  const flat = chosen === 'csv' || chosen === 'arrow';
  check(table === undefined || flat, 'USAGE', '--table needs --format csv or arrow');
  const what = table === undefined ? {} : { table };
  if (out === undefined) return { format: chosen, ...what };
  const exists = await access(out).then(
    () => true,
    () => false,
  );
  check(!exists, 'FILE_EXISTS', out);
  return { format: chosen, out, ...what };
}

async function contentOf(
  { format, table }: ReleaseTarget,
  { json, lines }: Answer,
  release?: Release,
) {
  if (format === 'json') return `${JSON.stringify(json)}\n`;
  if (format === 'table') return lines.map((line) => `${line}\n`).join('');
  check(release !== undefined, 'NOT_FOUND', 'there is no release yet');
  const what = table ?? mainTable(release);
  if (format === 'csv') return releaseCsv(releaseColumns(release, what));
  // Loaded here: most commands need no Arrow.
  const { releaseArrow } = await import('./release-arrow.ts');
  return releaseArrow(release, what);
}

/** `answer` is what a terminal and a script get; `release` what a table program gets. */
export async function printRelease(
  io: Io,
  answer: Answer & { readonly release?: Release },
  target: ReleaseTarget,
): Promise<void> {
  const { format, out } = target;
  if (out === undefined && (format === 'table' || format === 'json')) {
    printAnswer(io, answer, format === 'json');
    return;
  }
  const content = await contentOf(target, answer, answer.release);
  if (out === undefined) {
    check(typeof content === 'string', 'USAGE', 'no text');
    io.out(content);
    return;
  }
  await writeFile(out, content, { flag: 'wx' }).catch((cause: unknown) => {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new Refusal(exists ? 'FILE_EXISTS' : 'FILE_NOT_FOUND', out, undefined, { cause });
  });
  printAnswer(io, { json: { file: out, format }, lines: [out] }, format === 'json');
}
