/**
 * The people of a loaded cohort for a linked run: a key that both holders of the study compute alike, and the cell, or
 * the values, of the one row of each person that counts.
 *
 * Rows, cells and values are computed by the SQL that answers a pooled query, so that a linked table is the pooled one
 * of the people in both. Adversary and faults as in cohort.ts: nothing leaves this process but through the flow.
 * @module
 */
import { check } from '../../base/errors.ts';
import { componentsOf } from '../../cohort/blocks.ts';
import type { Block, Plan } from '../../cohort/plan.ts';
import type { Digest } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import type { GroupedPeople, LinkedPeople, MeasuredPeople } from '../../flows/linked/ports.ts';
import { cellSql } from './axis-sql.ts';
import { blockColumns } from './block-sql.ts';
import { boundedRows } from './compile-sql.ts';
import type { DuckDbCohort } from './cohort.ts';
import { Parameters } from './parameters.ts';
import { lookupIn } from './predicate-sql.ts';
import { linkSql } from './stored-links.ts';
import type { Row } from './session.ts';

export type LinkedPeopleOptions = {
  readonly cohort: Pick<DuckDbCohort, 'read'>;
  /** What the cohort of a study was loaded with; the caller's to wipe. */
  readonly orderKey: (study: Digest) => Secret;
};

const KEY_BYTES = 16;

/** 128 bits, big endian. */
function keyBytes(value: unknown): Uint8Array {
  check(typeof value === 'bigint', 'INTERNAL', 'a key that is no integer');
  const key = new Uint8Array(KEY_BYTES);
  const view = new DataView(key.buffer);
  view.setBigUint64(0, value >> 64n);
  view.setBigUint64(8, BigInt.asUintN(64, value));
  return key;
}

const integerOf = (value: unknown): number => {
  check(typeof value === 'bigint', 'INTERNAL', 'a code that is no integer');
  return Number(value);
};

/** What a row with the code `code` adds to the components of a block: `out[component][person]`. */
function addRow({ content }: Block, out: readonly Float64Array[], person: number, code: unknown) {
  if (code === null) return;
  const value = integerOf(code);
  if (content.kind === 'tally') {
    const part = out[value];
    check(part !== undefined, 'INTERNAL', 'part out of range');
    part[person] = 1;
    return;
  }
  check(content.kind === 'moments', 'INTERNAL', content.kind);
  const [above, below] = [value - Number(content.min), Number(content.max) - value];
  [above, below, above * below].forEach((x, component) => {
    const column = out[component];
    if (column !== undefined) column[person] = x;
  });
}

export class DuckDbLinkedPeople implements LinkedPeople {
  readonly #options: LinkedPeopleOptions;

  constructor(options: LinkedPeopleOptions) {
    this.#options = options;
  }

  async groupedPeople(plan: Plan, deadline: Date): Promise<GroupedPeople> {
    const rows = await this.#rows(plan, 'groups', deadline, (lookup, parameters) => [
      `CAST(${cellSql(plan, lookup, parameters)} AS BIGINT) AS cell`,
    ]);
    return {
      keys: rows.map(([key]) => keyBytes(key)),
      cells: Int32Array.from(rows, ([, cell]) => integerOf(cell)),
    };
  }

  async measuredPeople(plan: Plan, deadline: Date): Promise<MeasuredPeople> {
    const rows = await this.#rows(plan, 'values', deadline, (lookup, parameters) =>
      plan.blocks.flatMap(({ content }, i) => {
        // Images are not served over pairs (cohort/linked/roles.ts).
        check(content.kind !== 'image', 'INTERNAL', 'a linked image');
        const columns = blockColumns(content, i, lookup, parameters);
        return columns.length > 0 ? columns : [`CAST(0 AS BIGINT) AS b${i}`];
      }),
    );
    const values = plan.blocks.map(({ content }) =>
      Array.from({ length: componentsOf(content) }, () => new Float64Array(rows.length)),
    );
    rows.forEach(([, ...codes], person) => {
      plan.blocks.forEach((block, i) => {
        addRow(block, values[i] ?? [], person, codes[i]);
      });
    });
    return { keys: rows.map(([key]) => keyBytes(key)), values: values.flat() };
  }

  /** (key, columns...) of each person whose row passes this side's part of the filter. */
  async #rows(
    plan: Plan,
    side: 'groups' | 'values',
    deadline: Date,
    columns: (lookup: ReturnType<typeof lookupIn>, parameters: Parameters) => string[],
  ): Promise<readonly Row[]> {
    const { link } = plan;
    check(link !== undefined, 'INTERNAL', 'a plan that is not linked');
    const own = { ...plan, where: link.where[side], per: link.per[side] };
    using key = this.#options.orderKey(plan.study);
    return await this.#options.cohort.read(plan, deadline, ({ oneRowPerPerson }) => {
      const lookup = lookupIn(plan.columns);
      const parameters = new Parameters();
      const rows = boundedRows(own, { oneRowPerPerson }, lookup, parameters);
      const selected = ['person', ...columns(lookup, parameters)].join(', ');
      const link = linkSql(key, 'kept.person', 'masked', parameters);
      const sql = `SELECT ${link}, kept.* EXCLUDE (person)
        FROM (SELECT ${selected} FROM (${rows})) AS kept
        JOIN person_link ON person_link.person = kept.person ORDER BY kept.person`;
      return { sql, bound: parameters };
    });
  }
}
