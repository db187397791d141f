/**
 * Where the tables of a CDM are among the files that the staff named.
 *
 * A table is a file whose name ends in the table's, in any case, with `.csv` or `.parquet`:
 * `PERSON.csv`, `synthea27nj_person.parquet`. Where a table is there in both formats under one
 * name, the typed one is read; two files of different names for one table are refused, for nobody
 * could say which of them was meant.
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../../../base/errors.ts';

export type TableFiles = {
  /** The file of a table, undefined where there is none. Refuses with COHORT_UNREADABLE. */
  readonly find: (table: string) => string | undefined;
};

const NAME = /^(.+)\.(csv|parquet)$/i;

async function filesOf(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    paths.map(async (given, i) => {
      const found = await stat(given).catch(() => undefined);
      check(found !== undefined, 'FILE_NOT_FOUND', `path ${i + 1}`);
      if (!found.isDirectory()) return [given];
      return (await readdir(given)).map((name) => path.join(given, name));
    }),
  );
  return lists.flat();
}

/** Looks at names only. */
export async function tableFiles(paths: readonly string[]): Promise<TableFiles> {
  const files = (await filesOf(paths)).flatMap((file) => {
    const [, stem = '', format = ''] = NAME.exec(path.basename(file)) ?? [];
    return stem === '' ? [] : [{ file, stem: stem.toLowerCase(), format: format.toLowerCase() }];
  });
  const find = (table: string): string | undefined => {
    const name = table.toLowerCase();
    const found = files.filter(({ stem }) => stem === name || stem.endsWith(`_${name}`));
    const stems = new Set(found.map(({ file, stem }) => path.join(path.dirname(file), stem)));
    check(stems.size <= 1, 'COHORT_UNREADABLE', `${table}: more than one file`);
    const typed = found.filter(({ format }) => format === 'parquet');
    const kept = typed.length > 0 ? typed : found;
    check(kept.length <= 1, 'COHORT_UNREADABLE', `${table}: more than one file`);
    return kept[0]?.file;
  };
  return { find };
}
