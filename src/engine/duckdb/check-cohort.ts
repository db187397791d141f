/**
 * What loading these files would find, without loading them: the same reader, the same parser and
 * the same counts, thrown away afterwards (rulings 13: the faults of data are for the holder's own
 * staff). Identifiers are hashed under keys that nobody keeps.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { CohortSection } from '../../cohort/schema.ts';
import type { ImportReport } from './cohort-file.ts';
import { type BuildCohort, buildCohort } from './import.ts';
import { Parameters } from './parameters.ts';
import { Session } from './session.ts';

export type CheckRequest = Omit<BuildCohort, 'orderKey' | 'contentKey' | 'identityKey'> & {
  readonly rng: Rng;
};

export type CheckedColumn = {
  readonly name: string;
  readonly type: string;
  readonly nulls: number;
  readonly unparsable: number;
  /** Of a category: texts that its domain does not have. */
  readonly outOfDomain: number;
  /** Of a number or a date: values below its minimum or above its maximum. */
  readonly outOfBounds: number;
  readonly unit?: { readonly source: string; readonly stored: string };
};

/** For the holder's own staff only: exact numbers about its data. */
export type CheckReport = Omit<ImportReport, 'columns' | 'epoch'> & {
  /** What the study says of this holder in public. */
  readonly declaredSize: number | null;
  /** Of a person who has more rows than the study counts, some will be left out. */
  readonly rowsPerPerson: {
    readonly bound: number;
    readonly most: number;
    readonly peopleOver: number;
  };
  readonly columns: readonly CheckedColumn[];
};

/** Rows by person in a built cohort. */
async function countRows(file: string, tmpDirectory: string, { rowsPerPerson }: CohortSection) {
  const session = await Session.open({
    file,
    readOnly: true,
    tmpDirectory,
    threads: 1,
    memoryLimit: '256MB',
  });
  try {
    const parameters = new Parameters();
    const [row = []] = await session.rows(
      `SELECT coalesce(max(n), 0), count(*) FILTER (n > ${parameters.integer(rowsPerPerson)})
        FROM (SELECT count(*) AS n FROM cohort GROUP BY person)`,
      parameters,
    );
    return { bound: rowsPerPerson, most: Number(row[0] ?? 0), peopleOver: Number(row[1] ?? 0) };
  } finally {
    session.close();
  }
}

function checkedColumn(column: ImportReport['columns'][number], type: string): CheckedColumn {
  const { name, nulls, unparsable, outOfDomain: outside, unit } = column;
  const isCategory = type === 'category';
  return {
    name,
    type,
    nulls,
    unparsable,
    outOfDomain: isCategory ? outside : 0,
    outOfBounds: isCategory ? 0 : outside,
    ...(unit === undefined ? {} : { unit }),
  };
}

/** Refuses like `importCohort`. Leaves nothing behind in `tmpDirectory`. */
export async function checkCohort({ rng, ...request }: CheckRequest): Promise<CheckReport> {
  const { section, holder, tmpDirectory } = request;
  using orderKey = new Secret('order key of a check', rng(32));
  using contentKey = new Secret('content key of a check', rng(32));
  using identityKey = new Secret('identity key of a check', rng(32));
  const workDirectory = await mkdtemp(path.join(tmpDirectory, 'check-'));
  try {
    const keyed = { ...request, orderKey, contentKey, identityKey };
    const { file, report } = await buildCohort(keyed, workDirectory);
    const { columns: found, epoch: _, ...counts } = report;
    const { declaredSize, columns } = section;
    return {
      ...counts,
      declaredSize: Object.hasOwn(declaredSize, holder) ? (declaredSize[holder] ?? null) : null,
      rowsPerPerson: await countRows(file, path.join(workDirectory, 'spill'), section),
      columns: found.map((column) => checkedColumn(column, columns[column.name]?.type ?? '')),
    };
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}
