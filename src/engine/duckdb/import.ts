/**
 * Loads CSV files as the cohort of one study at one holder: `cohorts/<study>.duckdb`.
 *
 * Only the person and the columns of the study are read out of a file; identifiers are stored as
 * keyed hashes. Faults in the data are found here and reported to the holder's own staff
 * (rulings 13): a row without an identifier is dropped, a field that is null, unparsable or out
 * of its domain becomes NULL. Faults of a file are refusals: FILE_NOT_FOUND, COHORT_UNREADABLE,
 * COHORT_EMPTY, COHORT_COLUMN_MISSING, COHORT_COLUMN_TWICE, COHORT_UNIT_UNMAPPED.
 *
 * The new file is built beside the target and renamed into place when it is durable. Loading
 * the same content again changes nothing; other content is refused with COHORT_CHANGED until
 * there are epochs of persons (rulings 17). The same rows in any order and over any number of
 * files give the same stored rows and the same epoch.
 * @module
 */
import { mkdtemp, open, rename, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import type { PlanColumn } from '../../cohort/plan.ts';
import { type CohortSection, planColumns } from '../../cohort/schema.ts';
import { buildCohortFile, type ImportReport } from './cohort-file.ts';
import { columnIndex, inspectCsv } from './csv-file.ts';
import { Session } from './session.ts';
import type { Source } from './staging.ts';
import { readDescription } from './stored-cohort.ts';

export type ImportRequest = {
  readonly files: readonly string[];
  /** `cohorts/<study>.duckdb` in the data directory; its folder must exist. */
  readonly target: string;
  readonly section: CohortSection;
  readonly holder: string;
  /** Orders the rows of a person and hides identifiers. The same for every load of a study. */
  readonly orderKey: Secret;
  readonly contentKey: Secret;
  /** On the file system of `target`. */
  readonly tmpDirectory: string;
  readonly threads?: number;
  readonly memoryLimit?: string;
};

/** The header texts of this holder's files, and that every unit is the study's (rulings 13). */
function headersOf(section: CohortSection, holder: string, columns: readonly PlanColumn[]) {
  const maps = section.maps ?? {};
  const map = Object.hasOwn(maps, holder) ? (maps[holder] ?? {}) : {};
  const source = (name: string) => (Object.hasOwn(map, name) ? map[name] : undefined);
  for (const { name } of columns) {
    const spec = section.columns[name];
    const theirs = source(name)?.unit;
    const ours = spec !== undefined && 'unit' in spec ? spec.unit : undefined;
    check(theirs === undefined || theirs === ours, 'COHORT_UNIT_UNMAPPED', `column ${name}`);
  }
  return {
    person: source(section.person)?.column ?? section.person,
    columns: columns.map(({ name }) => source(name)?.column ?? name),
  };
}

/** Looks into every file before any is read, and links it under a name without wildcards. */
async function openSources(
  files: readonly string[],
  headers: ReturnType<typeof headersOf>,
  workDirectory: string,
): Promise<Source[]> {
  const wanted = new Set([headers.person, ...headers.columns]);
  const sources: Source[] = [];
  for (const [i, file] of files.entries()) {
    const name = `file ${i + 1}`;
    const csv = await inspectCsv(file, name, wanted);
    const linked = path.join(workDirectory, `source-${i}.csv`);
    await symlink(path.resolve(file), linked);
    sources.push({
      ...csv,
      path: linked,
      personIndex: columnIndex(csv, headers.person, name),
      columnIndices: headers.columns.map((header) => columnIndex(csv, header, name)),
    });
  }
  return sources;
}

export async function importCohort(request: ImportRequest): Promise<ImportReport> {
  check(request.files.length > 0, 'INVALID_PARAMETER', 'no files');
  const columns = planColumns(request.section);
  const headers = headersOf(request.section, request.holder, columns);
  const workDirectory = await mkdtemp(path.join(request.tmpDirectory, 'import-'));
  try {
    const sources = await openSources(request.files, headers, workDirectory);
    const built = path.join(workDirectory, 'cohort.duckdb');
    const report = await buildCohortFile({
      ...request,
      file: built,
      columns,
      sources,
      nulls: request.section.nulls,
      threads: request.threads ?? 1,
      memoryLimit: request.memoryLimit ?? '1GB',
    });
    const earlier = await epochOf(request.target, request.tmpDirectory);
    check(earlier === undefined || earlier === report.epoch, 'COHORT_CHANGED', 'epoch');
    if (earlier === undefined) await install(built, request.target);
    return report;
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

async function epochOf(target: string, tmpDirectory: string): Promise<Digest | undefined> {
  if ((await stat(target).catch(() => undefined)) === undefined) return undefined;
  const options = { file: target, readOnly: true, tmpDirectory, threads: 1, memoryLimit: '256MB' };
  const session = await Session.open(options);
  try {
    return (await readDescription(session)).epoch;
  } finally {
    session.close();
  }
}

async function install(built: string, target: string): Promise<void> {
  const file = await open(built, 'r');
  await file.sync();
  await file.close();
  await rename(built, target);
  const directory = await open(path.dirname(target), 'r');
  await directory.sync();
  await directory.close();
}
