/**
 * What a plan inside one holder chooses from: counts of labels, people by value, answers of an image on
 * its blocks. Exact, in memory of this process only, and handed to the mechanisms of the plan alone
 * (cohort/inside/choose.ts).
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Choice } from '../../cohort/inside/choice.ts';
import type { ExactValues } from '../../cohort/inside/choose.ts';
import type { ImageContent, Plan } from '../../cohort/plan.ts';
import type { Images } from '../../flows/image-ports.ts';
import { blockColumns, blockSums } from './block-sql.ts';
import { type CompiledSql, keptRows, type TableFacts } from './compile-sql.ts';
import { imageSql } from './image-sql.ts';
import { imageTables } from './image-tables.ts';
import { Parameters } from './parameters.ts';
import type { Session } from './session.ts';

export type ExactWork = {
  readonly plan: Plan;
  readonly session: Session;
  readonly facts: TableFacts;
  readonly images: Images | undefined;
  readonly signal: AbortSignal;
};

function integer(value: unknown): bigint {
  check(typeof value === 'bigint', 'INTERNAL', 'a count that is no integer');
  return value;
}

type Top = Extract<Choice, { readonly kind: 'top' }>;

/** Rows (block, part, cell, count, ...), as of any tally. */
function topSql(plan: Plan, { content }: Top, facts: TableFacts): CompiledSql {
  const parameters = new Parameters();
  const kept = keptRows(plan, facts, parameters, (lookup) =>
    blockColumns(content, 0, lookup, parameters),
  );
  const sums = blockSums(content, 0, parameters);
  return { sql: `WITH kept AS (${kept}) ${sums}`, bound: parameters };
}

async function counts(choice: Top, { plan, session, facts }: ExactWork): Promise<ExactValues> {
  const { sql, bound } = topSql(plan, choice, facts);
  const found = new BigInt64Array(choice.content.parts * plan.cells);
  for (const row of await session.rows(sql, bound)) {
    const [, part = 0n, cell = 0n, count = 0n] = row.map(integer);
    found[Number(part) * plan.cells + Number(cell)] = count;
  }
  return { kind: 'counts', counts: found };
}

type Keys = Extract<Choice, { readonly kind: 'keys' }>;

/** Rows (cell, key, people): one row of a person is kept, so rows are people. */
function keysSql(plan: Plan, { column }: Keys, facts: TableFacts): CompiledSql {
  check(plan.rowsPerPerson === 1, 'INVALID_PARAMETER', 'keys of several rows');
  const parameters = new Parameters();
  const kept = keptRows(plan, facts, parameters, (lookup) => [
    `CAST(${lookup(column).sql} AS BIGINT) AS key`,
  ]);
  const sql = `SELECT CAST(cell AS BIGINT), key, count(*) FROM (${kept})
    WHERE key IS NOT NULL GROUP BY cell, key ORDER BY cell, key`;
  return { sql, bound: parameters };
}

async function keys(choice: Keys, { plan, session, facts }: ExactWork): Promise<ExactValues> {
  const { sql, bound } = keysSql(plan, choice, facts);
  const rows = await session.rows(sql, bound);
  return {
    kind: 'keys',
    keys: rows.map((row) => {
      const [cell = 0n, key = 0n, people = 0n] = row.map(integer);
      return { cell: Number(cell), key, people: Number(people) };
    }),
  };
}

async function answers(content: ImageContent, work: ExactWork): Promise<ExactValues> {
  const { plan, session, facts, images, signal } = work;
  check(images !== undefined && content.mode === 'block', 'INTERNAL', 'no images here');
  const { sql, bound } = imageSql(plan, content, facts);
  const places = content.blocks * plan.cells;
  const found = new BigInt64Array(content.fields.length * places);
  const answer = (place: number, given: readonly bigint[]): void => {
    content.fields.forEach(({ min, max }, f) => {
      const own = given[f];
      check(own !== undefined && own >= min && own <= max, 'INTERNAL', 'unclamped');
      found[f * places + place] = own;
    });
  };
  const tables = imageTables(session.chunks(sql, bound), content, places);
  await images.answers({ plan, content }, tables, answer, signal);
  return { kind: 'answers', answers: found };
}

function ofChoice(choice: Choice, work: ExactWork): Promise<ExactValues> {
  if (choice.kind === 'top') return counts(choice, work);
  return choice.kind === 'keys' ? keys(choice, work) : answers(choice.content, work);
}

/** In the order of the choices of the plan. */
export async function exactValues(work: ExactWork): Promise<ExactValues[]> {
  const found: ExactValues[] = [];
  for (const { choice } of work.plan.inside?.choices ?? []) {
    found.push(await ofChoice(choice, work));
  }
  return found;
}
