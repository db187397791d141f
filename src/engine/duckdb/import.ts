/**
 * Loads files as the cohort of one study at one holder: `cohorts/<study>.duckdb`. They may be CSV,
 * Parquet and Arrow IPC, also mixed; or clinical records (engine/clinical), where the study maps
 * its columns into such. Both become rows of text, which one parser reads.
 *
 * Only the person and the columns of the study are read out of a file; identifiers are stored as
 * keyed hashes. Faults in the data are found here and reported to the holder's own staff
 * (rulings 13): a row without an identifier is dropped, a field that is null, unparsable or out
 * of its domain becomes NULL. Faults of a file are refusals: FILE_NOT_FOUND, COHORT_UNREADABLE,
 * COHORT_EMPTY, COHORT_COLUMN_MISSING, COHORT_COLUMN_TWICE, COHORT_UNIT_UNMAPPED; and more people
 * than the study declares, COHORT_TOO_LARGE.
 *
 * The finished file goes to `install`, which books whose budget its queries are (rulings 17) before
 * it is put in place. The same rows in any order and over any number of files give the same stored
 * rows and the same version.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import {
  columnSource,
  personHeader,
  ruleOf,
  sourceKind,
  type SourceUnits,
} from '../../cohort/column-source.ts';
import { derivedColumns, isDerived } from '../../cohort/derived-column.ts';
import { holdsColumn } from '../../cohort/held-columns.ts';
import type { PlanColumn } from '../../cohort/plan.ts';
import { isTooLong } from '../../cohort/deadline.ts';
import { type CohortSection, planColumns } from '../../cohort/schema.ts';
import { READERS } from '../clinical/readers.ts';
import { recordText, type RecordText } from '../clinical/record-text.ts';
import { buildCohortFile, type ImportReport } from './cohort-file.ts';
import type { Session } from './session.ts';
import { openSources } from './source.ts';
import { tableText } from './source-text.ts';
import type { RawText } from './staging.ts';
import { ENCODINGS, type EncodingName } from './text-encoding.ts';

export type ImportOptions = {
  /** Of files that are text. Default `auto`: the byte order mark, else UTF-8, else refused. */
  readonly encoding?: EncodingName;
};

export type ImportRequest = {
  readonly files: readonly string[];
  readonly section: CohortSection;
  readonly holder: string;
  /** Orders the rows of a person and hides identifiers. The same for every load of a study. */
  readonly orderKey: Secret;
  readonly contentKey: Secret;
  /** The same for every study of a holder. */
  readonly identityKey: Secret;
  /** Takes the finished file away, or leaves it, and may answer with more to report. */
  readonly install: (file: string, report: ImportReport) => Promise<object | undefined>;
  /** On the file system where the file goes. */
  readonly tmpDirectory: string;
  readonly threads?: number;
  readonly memoryLimit?: string;
  readonly options?: ImportOptions;
  /** The study, where it links people: what the other holder knows them by is kept (stored-links.ts). */
  readonly links?: Digest | undefined;
};

export type BuildCohort = Omit<ImportRequest, 'install'>;

/** What was read: text to parse, and what to say of it. */
type Read = {
  readonly raw: RawText;
  /** Of each column, in order. */
  readonly units: readonly (readonly (SourceUnits | undefined)[])[];
  readonly found?: RecordText['found'];
};

/** Files looked at; what is in them is read into the database of the cohort. */
type Input = (session: Session) => Promise<Read>;

async function openTables(
  { files, section, holder, options }: BuildCohort,
  columns: readonly PlanColumn[],
  workDirectory: string,
): Promise<Input> {
  const mapped = columns.map(({ name }) => columnSource(section, holder, name));
  const isRead = (name: string): boolean =>
    holdsColumn(section, holder, name) && !isDerived(section, name);
  const headers = {
    person: personHeader(section, holder),
    columns: mapped.map(({ header }, i) => (isRead(columns[i]?.name ?? '') ? header : undefined)),
  };
  const absent = columns.flatMap(({ name }, i) =>
    isRead(name) || isDerived(section, name) ? [] : [`CAST(NULL AS VARCHAR) AS raw_${i}`],
  );
  const sources = await openSources(files, headers, options?.encoding ?? 'auto', workDirectory);
  const rules = mapped.map((source) => [ruleOf(source)]);
  return async (session) => ({
    raw: withAbsent(await tableText(session, sources, rules), absent),
    units: mapped.map(({ units }) => [units]),
  });
}

/** Columns that another holder of the study has, and this one does not. */
const withAbsent = (raw: RawText, absent: readonly string[]): RawText =>
  absent.length === 0
    ? raw
    : {
        ...raw,
        sql: (parameters) => `SELECT *, ${absent.join(', ')} FROM (${raw.sql(parameters)})`,
      };

async function openInput(
  request: BuildCohort,
  columns: readonly PlanColumn[],
  workDirectory: string,
): Promise<Input> {
  const { files, section, holder, options } = request;
  const kind = sourceKind(section, holder);
  check(
    section.concepts === undefined || section.concepts === kind,
    'COHORT_COLUMN_MISSING',
    'concepts',
  );
  if (kind === 'column') return openTables(request, columns, workDirectory);
  const encoding = options?.encoding ?? 'auto';
  const source = await READERS[kind]({ paths: files, section, holder, encoding, workDirectory });
  return (session) => recordText(session, { source, section, holder, columns });
}

/** The report with the units of each column, and with what was found in records. */
function completed(
  report: ImportReport,
  { units, found }: Read,
  { section, holder }: Pick<BuildCohort, 'section' | 'holder'>,
): ImportReport {
  const columns = report.columns.flatMap((column, i) => {
    if (!holdsColumn(section, holder, column.name)) return [];
    const own = (units[i] ?? []).flatMap((unit) => unit ?? []);
    const [first] = own;
    if (first === undefined) return [column];
    const source = own.map((unit) => unit.source).join(', ');
    return [{ ...column, unit: { source, stored: first.stored } }];
  });
  const slow = isTooLong(section, report) ? ['ROWS_BEYOND_DEADLINE'] : [];
  const warnings = [...(found?.warnings ?? []), ...slow];
  return { ...report, columns, ...found, ...(warnings.length > 0 && { warnings }) };
}

/** Reads the files into a new cohort file in `workDirectory`: what loading and checking share. */
export async function buildCohort(
  request: BuildCohort,
  workDirectory: string,
): Promise<{ readonly file: string; readonly report: ImportReport }> {
  check(request.files.length > 0, 'INVALID_PARAMETER', 'no files');
  const { encoding = 'auto' } = request.options ?? {};
  check(ENCODINGS.includes(encoding), 'INVALID_PARAMETER', 'encoding');
  const { section } = request;
  const columns = planColumns(section);
  const input = await openInput(request, columns, workDirectory);
  const file = path.join(workDirectory, 'cohort.duckdb');
  const built = await buildCohortFile({
    ...request,
    file,
    columns,
    derived: derivedColumns(
      section,
      columns.map(({ name }) => name),
    ),
    read: input,
    concepts: section.concepts !== undefined,
    nulls: section.nulls,
    threads: request.threads ?? 1,
    memoryLimit: request.memoryLimit ?? '1GB',
  });
  return { file, report: completed(built.report, built.read, request) };
}

export async function importCohort(request: ImportRequest): Promise<ImportReport> {
  const workDirectory = await mkdtemp(path.join(request.tmpDirectory, 'import-'));
  try {
    const { file, report } = await buildCohort(request, workDirectory);
    // What a slot can carry was computed from this number (cohort/compile.ts).
    const declared = request.section.declaredSize[request.holder] ?? 0;
    check(report.people <= declared, 'COHORT_TOO_LARGE', `${declared} declared`);
    return { ...report, ...(await request.install(file, report)) };
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}
