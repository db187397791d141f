/**
 * A checked cohort file of any format, and where its columns are.
 *
 * The format is what the bytes are (file-format.ts). Everything that a file can get wrong as a
 * whole is refused here, before a database of the cohort is begun: FILE_NOT_FOUND,
 * COHORT_UNREADABLE, COHORT_EMPTY, COHORT_COLUMN_MISSING, COHORT_COLUMN_TWICE.
 * @module
 */
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { DataType } from 'apache-arrow';
import { check, Refusal } from '../../base/errors.ts';
import { type ArrowFormat, readArrowFields } from './arrow-file.ts';
import { type ArrowKind, arrowKind } from './arrow-values.ts';
import { headerText, inspectCsv } from './csv-file.ts';
import { seeFile } from './file-format.ts';
import { readParquetFields } from './parquet-file.ts';
import type { EncodingName } from './text-encoding.ts';
import { isReadType } from './value-text.ts';

type Located = {
  /** What the file is called in a refusal: `file 1`. */
  readonly name: string;
  /** A path of ours, without characters that DuckDB would expand. */
  readonly path: string;
  readonly header: readonly string[];
  readonly personIndex: number;
  /** Of each study column, in order; undefined of one that no file has. */
  readonly columnIndices: readonly (number | undefined)[];
};

export type Source =
  | (Located & { readonly format: 'csv'; readonly delimiter: string; readonly quoted: boolean })
  /** `types` are DuckDB's, of every column. */
  | (Located & { readonly format: 'parquet'; readonly types: readonly string[] })
  /** `kinds` of the columns that are used; others have none. */
  | (Located & {
      readonly format: ArrowFormat;
      readonly kinds: readonly (ArrowKind | undefined)[];
    });

export type Headers = {
  readonly person: string;
  /** Of each study column, in order; undefined of one that no file has. */
  readonly columns: readonly (string | undefined)[];
  /** These are in lower case, and those of a file may be in any (default: as they are). */
  readonly anyCase?: boolean;
  /** Quotes in a file with tabs are characters like others (default: they quote). */
  readonly plainTabs?: boolean;
};

type Opened = Pick<Located, 'name' | 'path'>;

function columnIndex(header: readonly string[], column: string, name: string): number {
  const index = header.indexOf(column);
  check(index !== -1, 'COHORT_COLUMN_MISSING', `${name}: ${column}`);
  check(header.lastIndexOf(column) === index, 'COHORT_COLUMN_TWICE', `${name}: ${column}`);
  return index;
}

function locate({ name, path: file }: Opened, found: readonly string[], wanted: Headers): Located {
  const header = found.map((text) => (wanted.anyCase === true ? text.toLowerCase() : text));
  return {
    name,
    path: file,
    header,
    personIndex: columnIndex(header, wanted.person, name),
    columnIndices: wanted.columns.map((column) =>
      column === undefined ? undefined : columnIndex(header, column, name),
    ),
  };
}

/** The columns that are read, once each. */
export const usedIndices = ({ personIndex, columnIndices }: Located): number[] => [
  ...new Set([personIndex, ...columnIndices.filter((index) => index !== undefined)]),
];

function refuseType({ name, header }: Located, index: number, what: string): never {
  throw new Refusal('COHORT_UNREADABLE', `${name}: column ${header[index] ?? ''}: ${what}`);
}

async function openParquet(opened: Opened, wanted: Headers): Promise<Source> {
  const fields = await readParquetFields(opened.path, opened.name, path.dirname(opened.path));
  const located = locate(
    opened,
    fields.map(({ name }) => headerText(name)),
    wanted,
  );
  const types = fields.map(({ type }) => type);
  for (const index of usedIndices(located)) {
    const type = types[index] ?? '';
    if (!isReadType(type)) refuseType(located, index, `values of type ${type.slice(0, 40)}`);
  }
  return { ...located, format: 'parquet', types };
}

async function openArrow(opened: Opened, format: ArrowFormat, wanted: Headers): Promise<Source> {
  const fields = await readArrowFields(opened.path, format, opened.name);
  const located = locate(
    opened,
    fields.map(({ name }) => headerText(name)),
    wanted,
  );
  const used = new Set(usedIndices(located));
  const kinds = fields.map(({ type }, index) => {
    if (!used.has(index)) return undefined;
    const kind = arrowKind(type);
    return typeof kind === 'string' ? kind : refuseType(located, index, kind.refused);
  });
  // Without values nothing says how many rows there are.
  const isNull = DataType.isNull(fields[located.personIndex]?.type);
  if (isNull) refuseType(located, located.personIndex, 'no values');
  return { ...located, format, kinds };
}

/** Checks one file and puts it under `opened.path`, a new path in the work directory. */
export async function openSource(
  file: string,
  opened: Opened,
  wanted: Headers,
  encoding: EncodingName,
): Promise<Source> {
  const { name, path: linked } = opened;
  const { format, start } = await seeFile(file, name);
  if (format === 'csv') {
    const names = [wanted.person, ...wanted.columns.filter((column) => column !== undefined)];
    const headers = new Set(
      wanted.anyCase === true ? [...names, ...names.map((text) => text.toUpperCase())] : names,
    );
    const csv = await inspectCsv({ file, name, start, encoding, wanted: headers, text: linked });
    const { delimiter } = csv;
    const quoted = !(wanted.plainTabs === true && delimiter === '\t');
    return { ...locate(opened, csv.header, wanted), format, delimiter, quoted };
  }
  await symlink(path.resolve(file), linked);
  return format === 'parquet' ? openParquet(opened, wanted) : openArrow(opened, format, wanted);
}

/** Looks into every file before any is read, under names in `workDirectory`. */
export async function openSources(
  files: readonly string[],
  wanted: Headers,
  encoding: EncodingName,
  workDirectory: string,
): Promise<Source[]> {
  const sources: Source[] = [];
  for (const [i, file] of files.entries()) {
    const opened = { name: `file ${i + 1}`, path: path.join(workDirectory, `source-${i}`) };
    sources.push(await openSource(file, opened, wanted, encoding));
  }
  return sources;
}
