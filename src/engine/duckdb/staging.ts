/**
 * The first half of an import: text of cohort files into a temporary table of parsed values, one
 * status for each field (why a field is NULL), and a keyed hash in place of the identifier.
 * @module
 */
import { Refusal } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import type { Conversion } from '../../cohort/conversion.ts';
import type { PlanColumn } from '../../cohort/plan.ts';
import { personHash } from './content.ts';
import { Parameters } from './parameters.ts';
import { cleanSql, fieldStages, STATUS } from './parse-sql.ts';
import { isFaultOfFile } from './parquet-file.ts';
import type { Session } from './session.ts';
import type { Source } from './source.ts';
import { dropTables, fillTables, sourceSql } from './source-text.ts';
import { storedName, storedType } from './stored-cohort.ts';

export type StagingRequest = {
  readonly sources: readonly Source[];
  readonly columns: readonly PlanColumn[];
  /** Of each column, in order: how its unit becomes the study's; undefined where it is. */
  readonly rules: readonly (Conversion | undefined)[];
  readonly nulls: readonly string[];
  readonly orderKey: Secret;
};

export const statusName = (index: number): string => `s${index}`;
const enumName = (index: number): string => `domain_${index}`;

/** `@name` in a stage is `x<i>_name`: names of different columns must not meet. */
const own = (sql: string, index: number): string => sql.replaceAll('@', `x${index}_`);

/** Nested selects, one for each stage: DuckDB would otherwise copy an expression into each use. */
function nest(inner: string, levels: readonly (readonly string[])[]): string {
  return levels.reduce(
    (sql, level) => (level.length === 0 ? sql : `SELECT *, ${level.join(', ')} FROM (${sql})`),
    inner,
  );
}

function stagedSql({
  sources,
  columns,
  rules,
  nulls,
  orderKey,
}: StagingRequest): [string, Parameters] {
  const parameters = new Parameters();
  const nullTexts = parameters.texts(nulls.map((text) => text.trim()));
  const fields = columns.map((column, i) => {
    const stages = fieldStages(column, enumName(i), parameters, rules[i]);
    const read = (sql: string): string => own(sql, i);
    return {
      steps: stages.steps.map(([name, sql]) => `${read(sql)} AS ${read(name)}`),
      status: read(`CASE WHEN list_contains(${nullTexts}, @t) THEN ${STATUS.isNull}
        WHEN ${stages.unparsable} THEN ${STATUS.unparsable}
        WHEN ${stages.value} IS NULL OR NOT (${stages.inDomain}) THEN ${STATUS.outOfDomain}
        ELSE ${STATUS.stored} END`),
      value: read(stages.value),
    };
  });
  const hash = personHash(orderKey, 'person_text', parameters);
  const raw = sources.map((source, i) => sourceSql(source, i, parameters)).join(' UNION ALL ');
  const depth = Math.max(0, ...fields.map(({ steps }) => steps.length));
  const staged = nest(raw, [
    [
      `${cleanSql('raw_person')} AS person_text`,
      ...columns.map((_, i) => own(`${cleanSql(`raw_${i}`)} AS @t`, i)),
    ],
    [`${hash} AS person_digest`],
    ...Array.from({ length: depth }, (_, level) =>
      fields.flatMap(({ steps }) => steps[level] ?? []),
    ),
    fields.map(({ status }, i) => `CAST(${status} AS UTINYINT) AS ${statusName(i)}`),
  ]);
  const noPerson = `person_text = '' OR list_contains(${nullTexts}, person_text)`;
  const select = [
    `CASE WHEN ${noPerson} THEN NULL ELSE person_digest END AS person`,
    ...fields.map(({ value }, i) => {
      const type = storedType(columns[i] ?? { name: '', type: 'category', domain: [] });
      const kept = `CASE WHEN ${statusName(i)} = ${STATUS.stored} THEN ${value} END`;
      return `CAST(${kept} AS ${type}) AS ${storedName(i)}, ${statusName(i)}`;
    }),
  ];
  return [`CREATE TEMP TABLE staged AS SELECT ${select.join(', ')} FROM (${staged})`, parameters];
}

/** Fills the temporary table `staged(person, c0, s0, c1, s1, ...)`. */
export async function stage(session: Session, request: StagingRequest): Promise<void> {
  for (const [i, column] of request.columns.entries()) {
    if (column.type === 'category') await createDomain(session, i, column.domain);
  }
  const { sources } = request;
  await fillTables(session, sources);
  const [sql, parameters] = stagedSql(request);
  try {
    await session.run(sql, parameters);
  } catch (error) {
    const parquet = sources.some(({ format }) => format === 'parquet');
    if (!parquet || !isFaultOfFile(error)) throw error;
    throw new Refusal('COHORT_UNREADABLE', 'damaged Parquet data');
  }
  await dropTables(session, sources);
}

async function createDomain(
  session: Session,
  index: number,
  domain: readonly string[],
): Promise<void> {
  const parameters = new Parameters();
  const texts = parameters.texts(domain);
  await session.run(
    `CREATE TEMP TABLE texts_${index} AS
      SELECT unnest(range(len(${texts}))) AS position, unnest(${texts}) AS value`,
    parameters,
  );
  await session.run(
    `CREATE TEMP TYPE ${enumName(index)} AS ENUM
      (SELECT value FROM texts_${index} ORDER BY position)`,
  );
}
