/**
 * Columns that no file has: whole years, months or days from one date column to another.
 *
 *     "age": { "type": "integer", "min": 0, "max": 110, "derived": { "years": ["birth", "visit"] } }
 *
 * Years and months are completed ones, rounded down: of the calendar, not of a mean length. A day
 * that a month does not have is reached on the first of the next, so who was born on 29 February
 * is a year older on 1 March of years without one, and a month from 31 January is over on 1 March.
 * With the second date before the first the number is below zero, so that a `min` of 0 finds such
 * rows. Null where a date is; a number outside the bounds is out of the domain like any other.
 *
 *     days(a, b)   = b - a
 *     months(a, b) = 12 (year b - year a) + month b - month a - [day b < day a]
 *     years(a, b)  = floor(months(a, b) / 12)
 *
 * @module
 */
import type { ColumnSpec } from './column-shape.ts';
import type { CohortSection } from './section-shape.ts';

/** UCUM units of the three kinds; a derived column that has a unit has this one. */
const UNITS = { years: 'a', months: 'mo', days: 'd' } as const;

export type DerivedKind = keyof typeof UNITS;
const KINDS = Object.keys(UNITS) as DerivedKind[];

/** From the column of the first name to that of the second. */
type Derivation = { readonly kind: DerivedKind; readonly from: string; readonly to: string };

/** How a column is derived; undefined of one that files have. */
function derivationOf(column: ColumnSpec | undefined): Derivation | undefined {
  if (column?.type !== 'integer' || column.derived === undefined) return undefined;
  for (const kind of KINDS) {
    const [from, to] = column.derived[kind] ?? [];
    if (from !== undefined && to !== undefined) return { kind, from, to };
  }
  return undefined;
}

export const isDerived = (section: CohortSection, name: string): boolean =>
  Object.hasOwn(section.columns, name) && derivationOf(section.columns[name]) !== undefined;

/** With the places of its dates among the stored columns. */
export type DerivedColumn = {
  readonly kind: DerivedKind;
  readonly from: number;
  readonly to: number;
};

/** Of each of the stored columns, in their order; undefined of those that are read. */
export const derivedColumns = (
  section: CohortSection,
  names: readonly string[],
): readonly (DerivedColumn | undefined)[] =>
  names.map((name) => {
    const derivation = derivationOf(section.columns[name]);
    if (derivation === undefined) return undefined;
    const { kind, from, to } = derivation;
    return { kind, from: names.indexOf(from), to: names.indexOf(to) };
  });

type Report = (code: string, ...at: readonly (string | number)[]) => void;

/** What a derived column may get wrong; `report` points below the column. */
export function derivedErrors(section: CohortSection, column: ColumnSpec, report: Report): void {
  if (column.type !== 'integer' || column.derived === undefined) return;
  const kinds = KINDS.filter((kind) => column.derived?.[kind] !== undefined);
  if (kinds.length === 0) report('TOO_FEW_ITEMS', 'derived');
  if (kinds.length > 1) report('TOO_MANY_ITEMS', 'derived');
  for (const kind of kinds) {
    const names = column.derived[kind] ?? [];
    names.forEach((name, i) => {
      const date = Object.hasOwn(section.columns, name) ? section.columns[name] : undefined;
      if (date === undefined) report('UNKNOWN_COLUMN', 'derived', kind, i);
      else if (date.type !== 'date') report('WRONG_TYPE', 'derived', kind, i);
    });
    if (names[0] === names[1]) report('DUPLICATE_NAME', 'derived', kind, 1);
    if (column.unit !== undefined && column.unit !== UNITS[kind]) {
      report('UNIT_INCOMPATIBLE', 'unit');
    }
  }
  if (column.analyte !== undefined) report('UNKNOWN_FIELD', 'analyte');
}

export function derivedWords(column: ColumnSpec): string {
  const derivation = derivationOf(column);
  if (derivation === undefined) return '';
  const { kind, from, to } = derivation;
  return `, computed: ${kind === 'days' ? kind : `completed ${kind}`} from ${from} to ${to}`;
}
