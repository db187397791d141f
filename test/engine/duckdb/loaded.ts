/** A cohort section, files and keys in a directory that is gone when the test is, and plans on them. */
import { OPERATIONS } from '../../../src/study/agreement-shape.ts';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../../../src/base/canonical-json.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { Secret } from '../../../src/base/secret.ts';
import { compileQuery } from '../../../src/cohort/compile.ts';
import type { ImageTerms } from '../../../src/cohort/image-terms.ts';
import type { Plan } from '../../../src/cohort/plan.ts';
import type { Images } from '../../../src/flows/image-ports.ts';
import { type CohortSection, parseCohortSection } from '../../../src/cohort/schema.ts';
import { cohortFile, DuckDbCohort } from '../../../src/engine/duckdb/cohort.ts';
import type { ImportReport } from '../../../src/engine/duckdb/cohort-file.ts';
import { replaceFile } from '../../../src/engine/duckdb/install.ts';
import { importCohort } from '../../../src/engine/duckdb/import.ts';
import type { EncodingName } from '../../../src/engine/duckdb/text-encoding.ts';
import { scratch } from '../../support/scratch.ts';

export const STUDY = sha256Hex(utf8('study'));
export const orderKey = (): Secret => new Secret('order key', new Uint8Array(32).fill(1));
export const identityKey = (): Secret => new Secret('identity', new Uint8Array(32).fill(3));
export const contentKey = (): Secret => new Secret('content key', new Uint8Array(32).fill(2));

export const section = (overrides: Record<string, Json> = {}): CohortSection =>
  parseCohortSection(
    {
      person: 'pid',
      rowsPerPerson: 1,
      cellsPerPerson: 1,
      declaredSize: { lu: 100_000, jp: 100_000 },
      nulls: ['', 'NA', '?'],
      columns: {
        sex: { type: 'category', domain: ['F', 'M'] },
        age: { type: 'integer', min: 0, max: 110 },
        hba1c: { type: 'number', min: 3, max: 20, step: '1/10' },
        visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
      },
      ...overrides,
    },
    ['lu', 'jp'],
  );

export const planOf = (
  cohort: CohortSection,
  query: Record<string, Json>,
  images: readonly ImageTerms[] = [],
): Plan =>
  compileQuery(
    {
      study: STUDY,
      holders: ['lu', 'jp'],
      honestHolders: 1,
      cohort,
      operations: [...OPERATIONS],
      minimumCell: 1,
      images,
    },
    {
      format: 'kakehashi/query/1',
      measures: [{ name: 'people', count: true }],
      rho: '1/2',
      ...query,
    },
  );

export type LogLine = { readonly level: string; readonly fields: object; readonly message: string };

/** A log that can be looked at. */
export function memoryLog(lines: LogLine[]) {
  const level = (name: string) => (fields: object, message: string) => {
    lines.push({ level: name, fields, message });
  };
  return { info: level('info'), warn: level('warn'), error: level('error') };
}

export type Loaded = {
  readonly directory: string;
  readonly target: string;
  readonly report: ImportReport;
  readonly log: LogLine[];
  readonly cohort: DuckDbCohort;
  /** The exact cells: noise of zeros. */
  readonly cells: (query: Record<string, Json>) => Promise<number[]>;
};

export type LoadOptions = {
  readonly threads?: number;
  readonly directory?: string;
  readonly encoding?: EncodingName;
  /** Default `lu`. */
  readonly holder?: string;
  readonly images?: Images;
};

/** Where a finished cohort goes when nobody books it. */
export async function placed(file: string, target: string): Promise<undefined> {
  await replaceFile(file, target);
}

export const far = (): Date => new Date(Date.now() + 3_600_000);

/** Writes each text as a file and loads them all. */
export async function load(
  cohort: CohortSection,
  files: readonly (string | Uint8Array)[],
  options: LoadOptions = {},
): Promise<Loaded> {
  const directory = options.directory ?? scratch();
  const paths = files.map((content, i) => {
    const file = path.join(directory, `part-${i}.csv`);
    writeFileSync(file, content);
    return file;
  });
  return loadPaths(cohort, paths, { ...options, directory });
}

export async function loadPaths(
  cohort: CohortSection,
  files: readonly string[],
  options: LoadOptions & { readonly directory: string },
): Promise<Loaded> {
  const { directory, threads = 1 } = options;
  const target = cohortFile(directory, STUDY);
  const report = await importCohort({
    files,
    section: cohort,
    holder: options.holder ?? 'lu',
    orderKey: orderKey(),
    contentKey: contentKey(),
    identityKey: identityKey(),
    install: (file) => placed(file, target),
    tmpDirectory: directory,
    threads,
    options: options.encoding === undefined ? {} : { encoding: options.encoding },
  });
  const log: LogLine[] = [];
  const loaded = new DuckDbCohort({
    directory,
    tmpDirectory: directory,
    loaded: () => Promise.resolve(report.epoch),
    clock: { now: () => new Date() },
    log: memoryLog(log),
    threads,
    ...(options.images !== undefined && { images: options.images }),
  });
  const cells = async (query: Record<string, Json>): Promise<number[]> => {
    const plan = planOf(cohort, query);
    const vector = await loaded.noisedVector(plan, new BigInt64Array(plan.values), far());
    return Array.from(vector, Number);
  };
  return { directory, target, report, log, cohort: loaded, cells };
}
