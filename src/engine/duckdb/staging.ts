/**
 * The first half of an import: text of cohort files into a temporary table of parsed values, one
 * status for each field (why a field is NULL), and a keyed hash in place of the identifier.
 * @module
 */
import type { Digest } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import type { Conversion } from '../../cohort/conversion.ts';
import type { DerivedColumn } from '../../cohort/derived-column.ts';
import type { PlanColumn } from '../../cohort/plan.ts';
import { linkHash, personHash } from './content.ts';
import { derivedLevels, statusName } from './derive-sql.ts';
import { Parameters } from './parameters.ts';
import { cleanSql, fieldStages, STATUS } from './parse-sql.ts';
import { faultOfParquet } from './parquet-file.ts';
import type { Session } from './session.ts';
import { storedName, storedType } from './stored-cohort.ts';

/** How each unit of a column becomes the study's; undefined where it is. */
export type UnitRules = readonly (Conversion | undefined)[];

/** Rows of text, ready to be parsed. */
export type RawText = {
  /** `raw_person, raw_0, raw_1, ...`, and `unit_i` where column i has several rules. */
  readonly sql: (parameters: Parameters) => string;
  /** Of each column, in order; `unit_i` is a place in this list. */
  readonly rules: readonly UnitRules[];
  /** What the text is read from and may turn out to be damaged. */
  readonly parquet: boolean;
  /** Temporary tables that are done with when the text is read. */
  readonly tables: readonly string[];
};

export type StagingRequest = {
  readonly columns: readonly PlanColumn[];
  /** Of each column, in order; undefined of those that are read. */
  readonly derived: readonly (DerivedColumn | undefined)[];
  readonly nulls: readonly string[];
  readonly orderKey: Secret;
  /** Recognises a person in every cohort of this holder. */
  readonly identityKey: Secret;
  /** Of a study that links people: a column `link` is staged as well. */
  readonly links?: Digest | undefined;
};

const enumName = (index: number): string => `domain_${index}`;
const textName = (index: number): string => `x${index}_t`;

/** Nested selects, one for each stage: DuckDB would otherwise copy an expression into each use. */
function nest(inner: string, levels: readonly (readonly string[])[]): string {
  return levels.reduce(
    (sql, level) => (level.length === 0 ? sql : `SELECT *, ${level.join(', ')} FROM (${sql})`),
    inner,
  );
}

type Field = {
  readonly steps: readonly string[];
  /** One of `STATUS`. */
  readonly status: string;
  readonly value: string;
};

/** How text is read in one unit. `@name` in a stage is `x<column>_<unit>_name`. */
function unitField(
  column: PlanColumn,
  index: number,
  unit: number,
  rule: Conversion | undefined,
  parameters: Parameters,
): Field {
  const stages = fieldStages(column, enumName(index), parameters, rule);
  const own = (sql: string): string =>
    sql.replaceAll(/@t\b/g, textName(index)).replaceAll('@', `x${index}_${unit}_`);
  return {
    steps: stages.steps.map(([name, sql]) => `${own(sql)} AS ${own(name)}`),
    status: own(`CASE WHEN ${stages.unparsable} THEN ${STATUS.unparsable}
      WHEN ${stages.value} IS NULL OR NOT (${stages.inDomain}) THEN ${STATUS.outOfDomain}
      ELSE ${STATUS.stored} END`),
    value: own(stages.value),
  };
}

/** Whichever field is of the row's own unit. */
function choose(index: number, parts: readonly string[]): string {
  const [only, ...others] = parts;
  if (only === undefined) return 'NULL';
  if (others.length === 0) return only;
  // What is no value has no unit, and reads the same in any.
  const cases = others.map((part, unit) => `WHEN ${unit + 1} THEN ${part}`);
  return `CASE unit_${index} ${cases.join(' ')} ELSE ${only} END`;
}

function field(
  column: PlanColumn,
  index: number,
  rules: UnitRules,
  nullTexts: string,
  parameters: Parameters,
): Field {
  const text = textName(index);
  const units = (rules.length === 0 ? [undefined] : rules).map((rule, unit) =>
    unitField(column, index, unit, rule, parameters),
  );
  return {
    steps: Array.from({ length: Math.max(...units.map(({ steps }) => steps.length)) }, (_, level) =>
      units.flatMap(({ steps }) => steps[level] ?? []).join(', '),
    ),
    status: `CASE WHEN ${text} IS NULL OR list_contains(${nullTexts}, ${text}) THEN ${STATUS.isNull}
      ELSE ${choose(
        index,
        units.map(({ status }) => status),
      )} END`,
    value: choose(
      index,
      units.map(({ value }) => value),
    ),
  };
}

function stagedSql(
  raw: RawText,
  { columns, derived, nulls, orderKey, identityKey, links }: StagingRequest,
): [string, Parameters] {
  const parameters = new Parameters();
  const nullTexts = parameters.texts(nulls.map((text) => text.trim()));
  const fields = columns.flatMap((column, i) =>
    derived[i] === undefined
      ? [{ i, column, ...field(column, i, raw.rules[i] ?? [], nullTexts, parameters) }]
      : [],
  );
  const hash = personHash(orderKey, 'person_text', parameters);
  const identity = personHash(identityKey, 'person_text', parameters);
  const depth = Math.max(0, ...fields.map(({ steps }) => steps.length));
  const staged = nest(raw.sql(parameters), [
    [
      `${cleanSql('raw_person')} AS person_text`,
      ...fields.map(({ i }) => `${cleanSql(`raw_${i}`)} AS ${textName(i)}`),
    ],
    [`${hash} AS person_digest`, `${identity} AS identity_digest`],
    ...Array.from({ length: depth }, (_, level) =>
      fields.flatMap(({ steps }) => steps[level] ?? []),
    ),
    fields.map(({ status, i }) => `CAST(${status} AS UTINYINT) AS ${statusName(i)}`),
  ]);
  const noPerson = `person_text = '' OR list_contains(${nullTexts}, person_text)`;
  const select = [
    `CASE WHEN ${noPerson} THEN NULL ELSE person_digest END AS person`,
    'identity_digest AS identity',
    ...(links === undefined ? [] : [`${linkHash(links, 'person_text', parameters)} AS link`]),
    ...fields.map(({ value, column, i }) => {
      const kept = `CASE WHEN ${statusName(i)} = ${STATUS.stored} THEN ${value} END`;
      return `CAST(${kept} AS ${storedType(column)}) AS ${storedName(i)}, ${statusName(i)}`;
    }),
  ];
  const read = `SELECT ${select.join(', ')} FROM (${staged})`;
  const names = columns.flatMap((_, i) => [storedName(i), statusName(i)]);
  const linked = links === undefined ? [] : ['link'];
  const sql = `SELECT ${['person', 'identity', ...linked, ...names].join(', ')}
    FROM (${nest(read, derivedLevels(columns, derived, parameters))})`;
  return [`CREATE TEMP TABLE staged AS ${sql}`, parameters];
}

/** Fills the temporary table `staged(person, identity, c0, s0, c1, s1, ...)`. */
export async function stage(
  session: Session,
  raw: RawText,
  request: StagingRequest,
): Promise<void> {
  for (const [i, column] of request.columns.entries()) {
    if (column.type === 'category') await createDomain(session, i, column.domain);
  }
  const [sql, parameters] = stagedSql(raw, request);
  try {
    await session.run(sql, parameters);
  } catch (error) {
    throw raw.parquet ? faultOfParquet(error) : error;
  }
  for (const table of raw.tables) await session.run(`DROP TABLE ${table}`);
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
