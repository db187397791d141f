/** Rows of facts and events, against a plain loop over the same records. */
import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, onTestFinished, test } from 'vitest';
import type { PlanColumn } from '../../../src/cohort/plan.ts';
import { Rational } from '../../../src/base/rational.ts';
import type { ClinicalRecord, Event } from '../../../src/engine/clinical/event.ts';
import { appendRecords, createEventTables } from '../../../src/engine/clinical/event-tables.ts';
import { pivot, type Pivoted, ROWS_TABLE } from '../../../src/engine/clinical/pivot.ts';
import { Session } from '../../../src/engine/duckdb/session.ts';
import { scratch } from '../../support/scratch.ts';
import { each } from './collected.ts';

const numeric = (name: string): PlanColumn => ({
  name,
  type: 'number',
  min: 0n,
  max: 100n,
  step: Rational.ONE,
});
const COLUMNS: readonly PlanColumn[] = [
  numeric('a'),
  { name: 'day', type: 'date', min: 0n, max: 40_000n },
  numeric('lab'),
  { name: 'sex', type: 'category', domain: ['F', 'M'] },
];
const NAMES = COLUMNS.map(({ name }) => name);
const NULLS = ['', 'NA'];

type Result = { readonly rows: readonly string[]; readonly pivoted: Pivoted };

/** One line a row: the person, then value and unit of each column. */
async function pivoted(session: Session, records: readonly ClinicalRecord[]): Promise<Result> {
  await createEventTables(session);
  await appendRecords(session, NAMES, each(records));
  const found = await pivot(session, { columns: COLUMNS, days: [1], nulls: NULLS });
  const fields = NAMES.flatMap((_, i) => [`raw_${i}`, `unit_${i}`]);
  const rows = await session.rows(`SELECT raw_person, ${fields.join(', ')} FROM ${ROWS_TABLE}`);
  await session.run(`DROP TABLE ${ROWS_TABLE}`);
  const words = rows.map(([person, ...cells]) =>
    JSON.stringify([
      person,
      ...NAMES.map((_, i) => {
        const value = cells[2 * i] ?? null;
        // What is no value has no unit that matters.
        if (value === null || NULLS.includes(String(value))) return [value, null];
        const unit = cells[2 * i + 1] ?? null;
        return [value, unit === null ? null : (found.units[i]?.units[Number(unit)] ?? null)];
      }),
    ]),
  );
  return { rows: words.sort(), pivoted: found };
}

const open = async (threads: number): Promise<Session> => {
  const session = await Session.open({
    file: ':memory:',
    readOnly: false,
    tmpDirectory: scratch(),
    threads,
    memoryLimit: '256MB',
  });
  onTestFinished(() => {
    session.close();
  });
  return session;
};

const byText = (a: string | undefined, b: string | undefined): number =>
  a === b
    ? 0
    : a === undefined
      ? 1
      : b === undefined
        ? -1
        : Buffer.compare(Buffer.from(a), Buffer.from(b));

const DAY = /^\d{4}-\d\d-\d\d$/;
const dayOf = ({ day }: Event): string | null => (day !== null && DAY.test(day) ? day : null);

/** The specification, record by record. */
function reference(records: readonly ClinicalRecord[]): string[] {
  const known = new Set(records.flatMap((r) => (r.kind === 'event' ? [] : [r.person])));
  const cell = (r: { value: string; unit?: string } | undefined, name: string) =>
    r === undefined
      ? [null, null]
      : [r.value, name !== 'sex' && !NULLS.includes(r.value) ? (r.unit ?? null) : null];
  return [...known]
    .flatMap((person) => {
      const facts = (name: string) =>
        records
          .flatMap((r) =>
            r.kind === 'person' && r.person === person && r.column === name ? [r] : [],
          )
          .sort((a, b) => byText(a.value, b.value) || byText(a.unit, b.unit))[0];
      const events = records.flatMap((r) => (r.kind === 'event' && r.person === person ? [r] : []));
      const days = [...new Set(events.map(dayOf))];
      const rows = days.flatMap((day) => {
        const of = new Map(
          NAMES.map((name) => [
            name,
            events
              .filter((e) => dayOf(e) === day && e.column === name)
              .sort(
                (a, b) =>
                  byText(a.record, b.record) || byText(a.value, b.value) || byText(a.unit, b.unit),
              ),
          ]),
        );
        const most = Math.max(...[...of.values()].map(({ length }) => length));
        return Array.from({ length: most }, (_, k) => ({ day, of, k }));
      });
      const all = rows.length === 0 ? [{ day: null, of: new Map<string, Event[]>(), k: 0 }] : rows;
      return all.map(({ day, of, k }) =>
        JSON.stringify([
          person,
          ...NAMES.map((name) =>
            name === 'day' ? [day, null] : cell(of.get(name)?.[k] ?? facts(name), name),
          ),
        ]),
      );
    })
    .sort();
}

const person = fc.constantFrom('1', '2', '10', '花');
const value = fc.constantFrom('1', '10', '9', '2.5', 'NA', '');
const unit = fc.option(fc.constantFrom('%', 'mmol/mol'), { nil: undefined });
const optional = <K extends string, V>(key: K, of: V | undefined): Partial<Record<K, V>> =>
  of === undefined ? {} : ({ [key]: of } as Partial<Record<K, V>>);

const record: fc.Arbitrary<ClinicalRecord> = fc.oneof(
  fc.record({ kind: fc.constant('seen' as const), person }),
  fc.tuple(person, fc.constantFrom('a', 'sex'), value, unit).map(([p, column, v, u]) => ({
    kind: 'person' as const,
    person: p,
    column,
    value: v,
    ...optional('unit', u),
  })),
  fc
    .tuple(
      person,
      fc.constantFrom('2020-01-01', '2020-01-02', '2020-1-3', null),
      fc.constantFrom('lab', 'a'),
      value,
      unit,
      fc.option(fc.constantFrom('r1', 'r2'), { nil: undefined }),
    )
    .map(([p, day, column, v, u, r]) => ({
      kind: 'event' as const,
      person: p,
      day,
      column,
      value: v,
      ...optional('unit', u),
      ...optional('record', r),
    })),
);

describe('pivot', () => {
  test('gives the rows of the definition, whatever the order of records and the threads', async () => {
    const [one, two] = [await open(1), await open(2)];
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 24 }), async (records) => {
        const { rows } = await pivoted(one, records);
        deepStrictEqual(rows, reference(records));
        deepStrictEqual((await pivoted(two, [...records].reverse())).rows, rows);
      }),
      { numRuns: 25 },
    );
  });

  test('counts what staff should know', async () => {
    const event = { kind: 'event', column: 'lab', value: '1' } as const;
    const { rows, pivoted: found } = await pivoted(await open(1), [
      { kind: 'seen', person: ' 1' },
      { kind: 'person', person: '1', column: 'sex', value: 'M' },
      { kind: 'person', person: '1', column: 'sex', value: 'F' },
      { ...event, person: '1', day: '2020-01-01', unit: '%' },
      { ...event, person: '1', day: null, unit: 'mmol/mol' },
      { ...event, person: '2', day: '2020-01-01', unit: 'mg' },
    ]);
    deepStrictEqual(found.counts, {
      events: 2,
      withoutDay: 1,
      ofUnknownPeople: 1,
      conflictingFacts: 1,
    });
    deepStrictEqual(found.units[2], { column: 'lab', units: ['%', 'mmol/mol'] });
    deepStrictEqual(rows.length, 2);
  });
});
