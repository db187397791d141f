/**
 * Loads files as the cohort of one study at one holder: `cohorts/<study>.duckdb`. They may be CSV,
 * Parquet and Arrow IPC, also mixed.
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
import { mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import {
  type ColumnSource,
  columnSource,
  personHeader,
  ruleOf,
} from '../../cohort/column-source.ts';
import { type CohortSection, planColumns } from '../../cohort/schema.ts';
import { buildCohortFile, type ImportReport } from './cohort-file.ts';
import { Session } from './session.ts';
import { type Headers, openSources } from './source.ts';
import { readDescription } from './stored-cohort.ts';
import { ENCODINGS, type EncodingName } from './text-encoding.ts';

export type ImportOptions = {
  /** Of files that are text. Default `auto`: the byte order mark, else UTF-8, else refused. */
  readonly encoding?: EncodingName;
};

export type ImportRequest = {
  readonly files: readonly string[];
  /** `cohorts/<study>.duckdb` in the data directory; its folder must exist. */
  readonly target: string;
  readonly section: CohortSection;
  readonly holder: string;
  /** Orders the rows of a person and hides identifiers. The same for every load of a study. */
  readonly orderKey: Secret;
  readonly contentKey: Secret;
  /**
   * Remembers the epoch of what is installed, durably, before it is; refuses with COHORT_CHANGED
   * another one than before, also where the file of the earlier one is gone.
   */
  readonly remember: (epoch: Digest) => void;
  /** On the file system of `target`. */
  readonly tmpDirectory: string;
  readonly threads?: number;
  readonly memoryLimit?: string;
  readonly options?: ImportOptions;
};

/** The report with the units of each column, in the order of the sources. */
const withUnits = (report: ImportReport, sources: readonly ColumnSource[]): ImportReport => ({
  ...report,
  columns: report.columns.map((column, i) => {
    const units = sources[i]?.units;
    if (units === undefined) return column;
    return { ...column, unit: { source: units.source, stored: units.stored } };
  }),
});

export type BuildCohort = Omit<ImportRequest, 'target' | 'remember'>;

/** Reads the files into a new cohort file in `workDirectory`: what loading and checking share. */
export async function buildCohort(
  request: BuildCohort,
  workDirectory: string,
): Promise<{ readonly file: string; readonly report: ImportReport }> {
  check(request.files.length > 0, 'INVALID_PARAMETER', 'no files');
  const { encoding = 'auto' } = request.options ?? {};
  check(ENCODINGS.includes(encoding), 'INVALID_PARAMETER', 'encoding');
  const { section, holder } = request;
  const columns = planColumns(section);
  const mapped = columns.map(({ name }) => columnSource(section, holder, name));
  const headers: Headers = {
    person: personHeader(section, holder),
    columns: mapped.map(({ header }) => header),
  };
  const sources = await openSources(request.files, headers, encoding, workDirectory);
  const file = path.join(workDirectory, 'cohort.duckdb');
  const report = await buildCohortFile({
    ...request,
    file,
    columns,
    rules: mapped.map(ruleOf),
    sources,
    nulls: section.nulls,
    threads: request.threads ?? 1,
    memoryLimit: request.memoryLimit ?? '1GB',
  });
  return { file, report: withUnits(report, mapped) };
}

export async function importCohort(request: ImportRequest): Promise<ImportReport> {
  const workDirectory = await mkdtemp(path.join(request.tmpDirectory, 'import-'));
  try {
    const { file, report } = await buildCohort(request, workDirectory);
    const earlier = await epochOf(request.target, request.tmpDirectory);
    check(
      earlier === undefined || earlier === report.epoch,
      'COHORT_CHANGED',
      'other rows were loaded before',
    );
    request.remember(report.epoch);
    if (earlier === undefined) await install(file, request.target);
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
