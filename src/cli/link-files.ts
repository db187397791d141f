/** The files of `kakehashi link`: specification, tables, truth, and the pairs found. @module */
import { fromUtf8 } from '../base/bytes.ts';
import { parseStrict } from '../base/canonical-json.ts';
import { Refusal } from '../base/errors.ts';
import type { Side } from '../linkage/field.ts';
import { type Table, TableReader } from '../linkage/link-tables.ts';
import type { IdPair } from '../linkage/quality.ts';
import { type LinkageSpec, parseLinkage, type TableSpec } from '../linkage/spec.ts';
import { quoted } from '../cohort/synthetic-rows.ts';
import { csvRecords } from './csv-records.ts';
import { type Io, readInput } from './io.ts';
import { writeNew } from './new-file.ts';

/** A linkage document; what is no JSON is refused like one with wrong members. */
export async function readSpec(io: Io, path: string): Promise<LinkageSpec> {
  const bytes = await readInput(io, path);
  let document: unknown;
  try {
    document = parseStrict(fromUtf8(bytes).replace(/^\ufeff/, ''));
  } catch (cause) {
    const errors = [{ pointer: '', code: 'NOT_JSON' }];
    throw new Refusal('INVALID_PARAMETER', path, { errors }, { cause });
  }
  return parseLinkage(document);
}

/** Where in the specification the columns stand that a file does not have, or has twice. */
function missingColumns(spec: TableSpec, side: Side, file: string, columns: readonly string[]) {
  const named = [['id', spec.id] as const, ...spec.columns];
  const errors = named
    .filter(([, column]) => columns.includes(column))
    .map(([field]) => ({ pointer: `/${side}/${field}`, code: 'COLUMN_MISSING' }));
  return new Refusal('INVALID_PARAMETER', file, { errors });
}

/** Reads a table and forgets its text: canonical records stay. */
export async function readTableFile(path: string, spec: TableSpec, side: Side): Promise<Table> {
  const wanted = new Set([spec.id, ...spec.columns.values()]);
  const reader = new TableReader(spec, side);
  const missing = (columns: readonly string[]): Refusal =>
    missingColumns(spec, side, path, columns);
  for await (const row of csvRecords(path, spec.encoding, wanted, missing)) reader.add(row);
  return reader.table();
}

/** A truth file: the columns `left` and `right` have identifiers, in UTF-8. */
export async function readTruth(path: string): Promise<IdPair[]> {
  const pairs: IdPair[] = [];
  const missing = (): Refusal => {
    const errors = [{ pointer: '/truth', code: 'COLUMN_MISSING' }];
    return new Refusal('INVALID_PARAMETER', `${path}: the header is left,right`, { errors });
  };
  for await (const row of csvRecords(path, 'utf-8', new Set(['left', 'right']), missing)) {
    pairs.push([(row.get('left') ?? '').trim(), (row.get('right') ?? '').trim()]);
  }
  return pairs;
}

/** The lines of a truth file with these pairs. */
export function* pairLines(pairs: Iterable<IdPair>): Generator<string> {
  yield 'left,right\n';
  for (const [left, right] of pairs) yield `${quoted(left)},${quoted(right)}\n`;
}

/** Writes a new file of the owner: it says who is in both tables. */
export const writePairs = (pairs: Iterable<IdPair>, path: string): Promise<void> =>
  writeNew(path, pairLines(pairs), 0o600);
