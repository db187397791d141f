/**
 * Writes the file of a cohort from checked sources: stage, count for the staff, order, describe.
 *
 * Everything that is read is read before the session is sealed; what is written is sorted by
 * keyed hashes, so that the file is the same whatever the order, the number of files and threads.
 * @module
 */
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import type { PlanColumn } from '../../cohort/plan.ts';
import type { RecordText } from '../clinical/record-text.ts';
import { contentEpoch, first128, hashSums, orderHash } from './content.ts';
import { statusName } from './derive-sql.ts';
import { Parameters } from './parameters.ts';
import { STATUS } from './parse-sql.ts';
import { Session } from './session.ts';
import { type RawText, stage, type StagingRequest } from './staging.ts';
import { describeColumns, STORED_FORMAT, storedName, storedType } from './stored-cohort.ts';
import { storeConcepts } from './stored-concepts.ts';
import { storeLinks } from './stored-links.ts';

/** For the holder's own staff only: exact numbers about its data. */
export type ImportReport = {
  /** Stored rows and the persons they belong to. */
  readonly rows: number;
  readonly people: number;
  readonly dropped: { readonly nullPerson: number };
  readonly columns: readonly {
    readonly name: string;
    readonly nulls: number;
    readonly outOfDomain: number;
    readonly unparsable: number;
    /** Of a column with a unit: the one in the data, or all of them, and the one stored. */
    readonly unit?: { readonly source: string; readonly stored: string };
  }[];
  readonly epoch: Digest;
} & Partial<RecordText['found']>;

export type BuildRequest<R extends { readonly raw: RawText }> = StagingRequest & {
  readonly file: string;
  /** Reads everything there is to read. */
  readonly read: (session: Session) => Promise<R>;
  /** Whether what was read has concepts of people, which are kept beside the rows. */
  readonly concepts: boolean;
  readonly contentKey: Secret;
  readonly threads: number;
  readonly memoryLimit: string;
};

/** Refuses with COHORT_UNREADABLE and COHORT_EMPTY. The file is complete when it returns. */
export async function buildCohortFile<R extends { readonly raw: RawText }>(
  request: BuildRequest<R>,
): Promise<{ readonly report: ImportReport; readonly read: R }> {
  const { file, columns, orderKey, contentKey, threads, memoryLimit } = request;
  const tmpDirectory = path.join(path.dirname(file), 'spill');
  const session = await Session.open({ file, readOnly: false, tmpDirectory, threads, memoryLimit });
  try {
    await chmod(file, 0o600);
    const read = await request.read(session);
    await stage(session, read.raw, request);
    await session.seal();
    const counts = await countStaged(session, columns);
    check(counts.total > 0n, 'COHORT_EMPTY', 'no rows');
    await store(session, columns, orderKey);
    await storeIdentities(session);
    const description = describeColumns(columns);
    const sums = await sumStored(session);
    const beside = request.concepts ? await storeConcepts(session, orderKey) : [];
    if (request.links !== undefined) await storeLinks(session, orderKey);
    const epoch = contentEpoch(contentKey, description, sums, beside);
    await describe(session, description, epoch, sums);
    const report = {
      rows: Number(sums.rows),
      people: Number(sums.people),
      dropped: { nullPerson: Number(counts.total - sums.rows) },
      columns: counts.columns,
      epoch,
    };
    return { report, read };
  } finally {
    session.close();
  }
}

async function countStaged(session: Session, columns: readonly PlanColumn[]) {
  const statuses = [STATUS.isNull, STATUS.outOfDomain, STATUS.unparsable];
  const counts = columns.flatMap((_, i) =>
    statuses.map(
      (status) => `count(*) FILTER (person IS NOT NULL AND ${statusName(i)} = ${status})`,
    ),
  );
  const [row = []] = await session.rows(`SELECT ${['count(*)', ...counts].join(', ')} FROM staged`);
  const at = (index: number): bigint => BigInt(String(row[index] ?? 0));
  return {
    total: at(0),
    columns: columns.map(({ name }, i) => ({
      name,
      nulls: Number(at(3 * i + 1)),
      outOfDomain: Number(at(3 * i + 2)),
      unparsable: Number(at(3 * i + 3)),
    })),
  };
}

/** Sorted by hashes: neither the order of the source nor the number of threads leaves a trace. */
async function store(
  session: Session,
  columns: readonly PlanColumn[],
  orderKey: Secret,
): Promise<void> {
  const names = columns.map((_, i) => storedName(i));
  const definitions = columns.map((column, i) => `${storedName(i)} ${storedType(column)}`);
  await session.run(
    `CREATE TABLE cohort (${[
      'person UHUGEINT NOT NULL',
      'row_order UHUGEINT NOT NULL',
      ...definitions,
    ].join(', ')})`,
  );
  const parameters = new Parameters();
  const hash = orderHash(orderKey, 'person', names, parameters);
  await session.run(
    `INSERT INTO cohort
      SELECT ${[`${first128('person')} AS person`, `${first128('digest')} AS row_order`, ...names].join(', ')}
      FROM (SELECT * EXCLUDE (identity), ${hash} AS digest FROM staged WHERE person IS NOT NULL)
      ORDER BY ALL`,
    parameters,
  );
}

/** Who the people are to this holder, whatever the study: people-register.ts compares by it. */
async function storeIdentities(session: Session): Promise<void> {
  await session.run(
    `CREATE TABLE person_identity AS
      SELECT DISTINCT ${first128('person')} AS person, ${first128('identity')} AS identity
      FROM staged WHERE person IS NOT NULL ORDER BY ALL`,
  );
}

async function sumStored(session: Session) {
  const [row = []] = await session.rows(
    `SELECT count(*), count(DISTINCT person), ${hashSums('row_order')} FROM cohort`,
  );
  const [rows, people, high, low] = row.map((value) => BigInt(String(value)));
  return { rows: rows ?? 0n, people: people ?? 0n, high: high ?? 0n, low: low ?? 0n };
}

async function describe(
  session: Session,
  columns: string,
  epoch: Digest,
  { rows, people }: { readonly rows: bigint; readonly people: bigint },
): Promise<void> {
  await session.run(
    `CREATE TABLE description
      (format INTEGER, columns VARCHAR, epoch VARCHAR, rows BIGINT, people BIGINT)`,
  );
  const parameters = new Parameters();
  const values = [
    parameters.integer(STORED_FORMAT),
    parameters.text(columns),
    parameters.text(epoch),
    parameters.bigint(rows),
    parameters.bigint(people),
  ];
  await session.run(`INSERT INTO description VALUES (${values.join(', ')})`, parameters);
  await session.run('CHECKPOINT');
}
