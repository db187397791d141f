/**
 * What a load and a query should give, slowly and in plain JavaScript: text by text, person by
 * person, with exact fractions and node's own SHA-256. Shares nothing with src/engine/duckdb.
 */
import { createHash } from 'node:crypto';
import { toHex } from '../../../src/base/bytes.ts';
import { dayOf } from '../../../src/base/calendar.ts';
import { deriveKey } from '../../../src/base/hash.ts';
import { Rational } from '../../../src/base/rational.ts';
import { type Conversion, converted } from '../../../src/cohort/conversion.ts';
import type {
  BlockContent,
  Dimension,
  Feature,
  Part,
  Pick,
  Plan,
  PlanColumn,
  Predicate,
} from '../../../src/cohort/plan.ts';
import { type CohortSection, planColumns } from '../../../src/cohort/schema.ts';
import { orderKey } from './loaded.ts';

/** One line of a file: column → text. */
export type TextRow = Readonly<Record<string, string>>;
type Stored = bigint | null;
type TwinRow = {
  readonly person: string;
  readonly order: string;
  readonly values: Map<string, Stored>;
};

const clean = (text: string): string => text.normalize('NFC').replace(/^[ \t\r]+|[ \t\r]+$/g, '');

function exact(text: string): Rational | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (match === null || text.length > 100) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole + fraction === '') return undefined;
  const digits = Rational.of(BigInt(whole + fraction), 10n ** BigInt(fraction.length));
  const power = Rational.of(10n ** BigInt(Math.abs(Number(exponent))));
  const size = Number(exponent) < 0 ? digits.dividedBy(power) : digits.times(power);
  return sign === '-' ? size.negate() : size;
}

function halfAwayFromZero(value: Rational): bigint {
  const size = value.sign() < 0 ? value.negate() : value;
  const rounded = size.plus(Rational.of(1, 2)).floor();
  return value.sign() < 0 ? -rounded : rounded;
}

function parse(column: PlanColumn, text: string, rule?: Conversion): bigint | undefined {
  if (column.type === 'category') {
    const index = column.domain.indexOf(text);
    return index === -1 ? undefined : BigInt(index);
  }
  if (column.type === 'date') {
    const match = /^(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?$/.exec(text);
    const day = dayOf(match?.[1] ?? '');
    return day === undefined ? undefined : BigInt(day);
  }
  const value = exact(text);
  if (value === undefined) return undefined;
  if (rule !== undefined) return halfAwayFromZero(converted(rule, value).dividedBy(column.step));
  if (column.type === 'integer' && value.denominator !== 1n) return undefined;
  return halfAwayFromZero(value.dividedBy(column.step));
}

/** What is kept of a field; `rule` where the file has another unit than the study. */
export function stored(
  column: PlanColumn,
  text: string,
  nulls: readonly string[],
  rule?: Conversion,
): Stored {
  const value = nulls.includes(clean(text)) ? undefined : parse(column, clean(text), rule);
  if (value === undefined) return null;
  if (column.type === 'category') return value;
  return value < column.min || value > column.max ? null : value;
}

const part = (value: string | null): string =>
  value === null ? '-' : `${Buffer.byteLength(value)}:${value}`;
const hash128 = (purpose: string, parts: readonly (string | null)[]): string => {
  const key = toHex(deriveKey(orderKey(), `kakehashi/cohort/${purpose}/1`).expose());
  const digest = createHash('sha256').update(key + parts.map(part).join(''));
  return digest.digest('hex').slice(0, 32);
};

export function twinRows(section: CohortSection, rows: readonly TextRow[]): TwinRow[] {
  const columns = planColumns(section);
  return rows.flatMap((row) => {
    const id = clean(row[section.person] ?? '');
    if (id === '' || section.nulls.includes(id)) return [];
    const values = columns.map((column) => stored(column, row[column.name] ?? '', section.nulls));
    const person = hash128('person', [id]);
    const order = hash128('order', [person, ...values.map((v) => (v === null ? null : String(v)))]);
    return [
      { person, order, values: new Map(columns.map(({ name }, i) => [name, values[i] ?? null])) },
    ];
  });
}

function holds(predicate: Predicate, row: TwinRow, plan: Plan): boolean {
  if ('all' in predicate) return predicate.all.every((child) => holds(child, row, plan));
  if ('any' in predicate) return predicate.any.some((child) => holds(child, row, plan));
  if ('not' in predicate) return !holds(predicate.not, row, plan);
  // Rows of files have no concepts.
  if ('hasConcept' in predicate) return false;
  const value = row.values.get(predicate.column) ?? null;
  if ('isNull' in predicate) return value === null;
  if (value === null) return false;
  if ('in' in predicate) {
    const column = plan.columns.find(({ name }) => name === predicate.column);
    const text = column?.type === 'category' ? column.domain[Number(value)] : undefined;
    return text !== undefined && predicate.in.includes(text);
  }
  return (
    (predicate.min === undefined || value >= predicate.min) &&
    (predicate.max === undefined || value <= predicate.max)
  );
}

function cellOf(plan: Plan, row: TwinRow): number {
  return plan.dimensions.reduce((index, dimension) => {
    const value = row.values.get(dimension.column) ?? null;
    const size = dimension.labels.length;
    let place = -1;
    if (value !== null && dimension.kind === 'bins') {
      const { edges } = dimension;
      place = dimension.labels.findIndex((_, i) => edges[i]! <= value && value < edges[i + 1]!);
    } else if (value !== null) {
      const column = plan.columns.find(({ name }) => name === dimension.column);
      const text = column?.type === 'category' ? column.domain[Number(value)] : undefined;
      place = dimension.labels.findIndex((label) => label === text);
    }
    return index * (size + 1) + (place === -1 ? size : place);
  }, 0);
}

const grouped = <T>(items: readonly T[], key: (item: T) => string | number): T[][] => {
  const groups = new Map<string | number, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups.values()];
};

function placeOf(dimension: Dimension, row: TwinRow, plan: Plan): number {
  return cellOf({ ...plan, dimensions: [dimension] }, row);
}

/** The part of a row in a tally, undefined where it has none. */
function partOf(part: Part, row: TwinRow, plan: Plan): number | undefined {
  if (part.kind === 'all') return 0;
  if (part.kind === 'bins') {
    const place = placeOf(part.dimension, row, plan);
    return place === part.dimension.labels.length ? undefined : place;
  }
  if (part.kind === 'cross') {
    return part.factors.reduce<number | undefined>((index, factor) => {
      const own = partOf(factor.part, row, plan);
      return own === undefined || index === undefined ? undefined : index * factor.parts + own;
    }, 0);
  }
  if (part.kind === 'leaves') {
    const value = row.values.get(part.column) ?? null;
    return value === null ? undefined : Number((value - part.min) / part.width);
  }
  if (part.known.some((name) => (row.values.get(name) ?? null) === null)) return undefined;
  if (part.kind === 'condition') return holds(part.holds, row, plan) ? 0 : 1;
  const { edges } = part;
  const time = row.values.get(part.time)!;
  if (time < edges[0]!) return undefined;
  const found = edges.slice(1).findIndex((edge) => time <= edge);
  const kinds = part.events.length + 1;
  const event = part.events.findIndex((own) => holds(own, row, plan));
  if (found < 0) return kinds * (edges.length - 1);
  return kinds * found + (event < 0 ? kinds - 1 : event);
}

function featureOf(feature: Feature, row: TwinRow, plan: Plan): bigint | undefined {
  if (feature.kind === 'number') {
    const value = row.values.get(feature.column) ?? null;
    return value === null ? undefined : value + value - feature.min - feature.max;
  }
  const known = feature.known.every((name) => (row.values.get(name) ?? null) !== null);
  return known ? (holds(feature.holds, row, plan) ? 1n : 0n) : undefined;
}

/** What a kept row adds to the components of a block. */
function addition(content: BlockContent, row: TwinRow, plan: Plan): [number, bigint][] {
  if (content.kind === 'tally') {
    const part = partOf(content.part, row, plan);
    return part === undefined ? [] : [[part, 1n]];
  }
  if (content.kind === 'dyadic') {
    const leaf = partOf(content.part, row, plan);
    if (leaf === undefined) return [];
    // Level by level from the leaves up: 2^depth of them first, then half as many, ...
    let start = 0;
    return Array.from({ length: content.depth + 1 }, (_, up): [number, bigint] => {
      const at = start + (leaf >> up);
      start += 2 ** (content.depth - up);
      return [at, 1n];
    });
  }
  if (content.kind === 'gram') {
    const features = [1n, ...content.features.map((own) => featureOf(own, row, plan))];
    if (features.includes(undefined)) return [];
    const products = features.flatMap((a, i) => features.slice(i).map((b) => a! * b!));
    return products.map((product, i) => [i, product]);
  }
  if (content.kind === 'image') return [];
  const value = row.values.get(content.column) ?? null;
  if (value === null) return [];
  const [a, b] = [value - content.min, content.max - value];
  return [
    [0, a],
    [1, b],
    [2, a * b],
  ];
}

function meanRow(rows: readonly TwinRow[], by: string): TwinRow {
  const known = rows.flatMap(({ values }) => values.get(by) ?? []);
  const sum = known.reduce((x, y) => x + y, 0n);
  const mean = known.length === 0 ? null : halfAwayFromZero(Rational.of(sum, BigInt(known.length)));
  const [first] = rows;
  return { ...first!, values: new Map([...first!.values, [by, mean]]) };
}

/** The one row of a person that counts; `rows` are in keyed order. */
function picked(rows: readonly TwinRow[], { pick, by }: Pick): TwinRow {
  if (by === undefined || pick === 'any') return rows[0]!;
  if (pick === 'mean') return meanRow(rows, by);
  return rows.reduce((best, row) => {
    const [a, b] = [best.values.get(by) ?? null, row.values.get(by) ?? null];
    if (b === null) return best;
    return a === null || (pick === 'max' ? b > a : b < a) ? row : best;
  });
}

function inWindow({ values }: TwinRow, window: Pick['window']): boolean {
  if (window === undefined) return true;
  const [date, index] = [values.get(window.date) ?? null, values.get(window.index) ?? null];
  if (date === null || index === null) return false;
  return date - index >= window.from && date - index <= window.to;
}

/** where → per, or R rows of a person → C cells of a person → the values of every block. */
export function twinValues(plan: Plan, rows: readonly TwinRow[]): number[] {
  const values = new Array<bigint>(plan.values).fill(0n);
  const { where, per } = plan;
  const matching = rows.filter(
    (row) => (where === undefined || holds(where, row, plan)) && inWindow(row, per?.window),
  );
  for (const own of grouped(matching, ({ person }) => person)) {
    const ordered = own.sort((a, b) => (a.order < b.order ? -1 : 1));
    const bounded =
      per === undefined ? ordered.slice(0, plan.rowsPerPerson) : [picked(ordered, per)];
    // Groups appear in the order of their first row, which is the smallest of the cell.
    const byCell = grouped(bounded, (row) => cellOf(plan, row)).slice(0, plan.cellsPerPerson);
    for (const row of byCell.flat()) {
      let offset = 0;
      for (const { content, runs } of plan.blocks) {
        for (const [component, value] of addition(content, row, plan)) {
          values[offset + component * plan.cells + cellOf(plan, row)]! += value;
        }
        offset += plan.cells * runs.reduce((sum, { components }) => sum + components, 0);
      }
    }
  }
  return values.map(Number);
}
