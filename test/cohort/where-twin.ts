/** A small study, all of its possible rows, and a slow evaluator of `where` on raw values. */
import * as fc from 'fast-check';
import type { Json } from '../../src/base/canonical-json.ts';
import type { Plan } from '../../src/cohort/plan.ts';
import { terms } from './terms.ts';
import type { StoredRow, StoredValue } from '../support/reference-plan.ts';

export const SEXES = ['F', 'M', 'X'];
export const AGES = [0, 1, 2, 3, 4];
export const RATIOS = [-0.2, -0.1, 0, 0.1];
export const DAYS = ['1969-12-31', '1970-01-01', '1970-01-02'];

export const smallTerms = terms({
  columns: {
    sex: { type: 'category', domain: SEXES },
    age: { type: 'integer', min: 0, max: 4 },
    ratio: { type: 'number', min: -0.2, max: 0.1, step: '1/10' },
    visit: { type: 'date', min: '1969-12-31', max: '1970-01-02' },
  },
  maps: {},
});

type Raw = string | number | null;
export type RawRow = Readonly<Record<'sex' | 'age' | 'ratio' | 'visit', Raw>>;

/** A row in which nothing is known. */
export const RAW_ROW: RawRow = { sex: null, age: null, ratio: null, visit: null };

const withNull = (values: readonly Raw[]): readonly Raw[] => [...values, null];

/** Every row that the small study can hold, nulls included. */
export const ALL_ROWS: readonly RawRow[] = withNull(SEXES).flatMap((sex) =>
  withNull(AGES).flatMap((age) =>
    withNull(RATIOS).flatMap((ratio) =>
      withNull(DAYS).map((visit) => ({ sex, age, ratio, visit })),
    ),
  ),
);

const stored = (column: string, raw: Raw): StoredValue => {
  if (raw === null) return null;
  if (column === 'visit') return BigInt(DAYS.indexOf(String(raw)) - 1);
  if (column === 'ratio') return BigInt(Math.round(Number(raw) * 10));
  return typeof raw === 'number' ? BigInt(raw) : raw;
};

export const storedRow = (row: RawRow, person: string | null = 'p'): StoredRow => ({
  person,
  values: new Map(Object.entries(row).map(([name, raw]) => [name, stored(name, raw)])),
});

/** The label of a raw value, from the text of the labels alone. */
export function labelOf(dimension: Plan['dimensions'][number], row: RawRow): string | null {
  const raw = row[dimension.column as keyof RawRow];
  if (raw === null) return null;
  if (dimension.kind === 'category') return String(raw);
  for (const label of dimension.labels) {
    const range = /^\[(.*),(.*)\)$/.exec(label);
    if (range === null) {
      if (label === String(raw)) return label;
      continue;
    }
    const [low, high] = [range[1]!, range[2]!];
    const inside =
      typeof raw === 'string' ? raw >= low && raw < high : raw >= Number(low) && raw < Number(high);
    if (inside) return label;
  }
  return null;
}

export type Node = { readonly [key: string]: Json };

/** DESIGN 9, word for word: a comparison with null is false and `not` complements it. */
export function evaluate(node: Node, row: RawRow): boolean {
  if (node.all !== undefined) return (node.all as Node[]).every((child) => evaluate(child, row));
  if (node.any !== undefined) return (node.any as Node[]).some((child) => evaluate(child, row));
  if (node.not !== undefined) return !evaluate(node.not as Node, row);
  const value = row[node.column as keyof RawRow];
  if (node.isNull === true) return value === null;
  if (value === null) return false;
  if (node.in !== undefined) return (node.in as Raw[]).includes(value);
  return Object.entries(node).every(([comparator, other]) => {
    const limit = other as string | number;
    switch (comparator) {
      case 'eq':
        return value === limit;
      case 'ne':
        return value !== limit;
      case 'lt':
        return value < limit;
      case 'le':
        return value <= limit;
      case 'gt':
        return value > limit;
      case 'ge':
        return value >= limit;
      default:
        return true; // the column
    }
  });
}

const VALUES = { sex: SEXES, age: AGES, ratio: RATIOS, visit: DAYS };
/** Also limits off the step and beyond the bounds, where comparators of order allow them. */
const LIMITS = {
  age: [...AGES, -3, 2.5, 9],
  ratio: [...RATIOS, -0.15, 0.05, 7],
  visit: [...DAYS, '1960-01-01', '1980-01-01'],
};
type Ordered = keyof typeof LIMITS;

const leaf: fc.Arbitrary<Node> = fc.oneof(
  fc.constantFrom<keyof typeof VALUES>('sex', 'age', 'ratio', 'visit').chain((column) =>
    fc.oneof(
      fc.constant<Node>({ column, isNull: true }),
      fc
        .record({
          comparator: fc.constantFrom('eq', 'ne'),
          value: fc.constantFrom(...VALUES[column]),
        })
        .map(({ comparator, value }): Node => ({ column, [comparator]: value })),
      fc
        .array(fc.constantFrom<string | number>(...VALUES[column]), { minLength: 1, maxLength: 3 })
        .map((values): Node => ({ column, in: values })),
    ),
  ),
  fc.constantFrom<Ordered>('age', 'ratio', 'visit').chain((column) =>
    fc
      .uniqueArray(fc.constantFrom('lt', 'le', 'gt', 'ge'), { minLength: 1, maxLength: 2 })
      .chain((comparators) =>
        fc.tuple(...comparators.map(() => fc.constantFrom<string | number>(...LIMITS[column]))).map(
          (limits): Node => ({
            column,
            ...Object.fromEntries(comparators.map((comparator, i) => [comparator, limits[i]!])),
          }),
        ),
      ),
  ),
);

/** Conditions of these leaves, nested. */
export const nodesOf = (leaves: fc.Arbitrary<Node>): fc.Arbitrary<Node> =>
  fc.letrec<{ node: Node }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaves,
      fc.array(tie('node'), { maxLength: 3 }).map((all): Node => ({ all })),
      fc.array(tie('node'), { maxLength: 3 }).map((any): Node => ({ any })),
      tie('node').map((not): Node => ({ not })),
    ),
  })).node;

export const whereNode = nodesOf(leaf);
