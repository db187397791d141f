/**
 * The `cohort` section of a study: which columns exist, their public domains and bounds, and
 * how far one person may count (DESIGN section 9).
 *
 * Everything here is public and signed. Column names are whatever headers real files have, also
 * `stab.glu`, `glyburide-metformin` or 年齢: a name is never safe inside SQL. A `maps` entry says
 * which header a holder's file uses for a column or for the person, and in which unit.
 * @module
 */
import type { Static } from 'typebox';
import { dayOf } from '../base/calendar.ts';
import type { Json } from '../base/canonical-json.ts';
import { check, type InputError, Refusal } from '../base/errors.ts';
import { pointerTo, shapeErrors } from '../base/input.ts';
import { Rational } from '../base/rational.ts';
import { COLUMN_SHAPES, type ColumnSpec } from './column-shape.ts';
import { exactDecimal } from './decimal.ts';
import type { PlanColumn } from './plan.ts';
import { cohortErrors } from './section-meaning.ts';
import { type CohortSection, Outline } from './section-shape.ts';
import { kindOf, SOURCE_SHAPES } from './source-map.ts';

export type { ColumnSpec } from './column-shape.ts';
export type { CohortSection } from './section-shape.ts';

function freeze(value: object): void {
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && item !== null) freeze(item as object);
  }
  Object.freeze(value);
}

/** The shape first; meaning only of what has the shape. */
function sectionErrors(section: Json, holders: readonly string[]): InputError[] {
  const outline = shapeErrors(Outline, section);
  if (outline.length > 0) return outline;
  const typed = section as Static<typeof Outline>;
  const columns = Object.entries(typed.columns).flatMap(([name, column]) =>
    shapeErrors(COLUMN_SHAPES[column.type], column, pointerTo('', 'columns', name)),
  );
  const maps = Object.entries(typed.maps ?? {}).flatMap(([holder, map]) =>
    Object.entries(map).flatMap(([name, source]) =>
      shapeErrors(SOURCE_SHAPES[kindOf(source)], source, pointerTo('', 'maps', holder, name)),
    ),
  );
  if (columns.length + maps.length > 0) return [...columns, ...maps];
  return cohortErrors(section as unknown as CohortSection, holders);
}

/**
 * Checks the section of a study between `holders`. Refuses with INVALID_STUDY and pointers
 * into the section.
 */
export function parseCohortSection(section: Json, holders: readonly string[]): CohortSection {
  const errors = sectionErrors(section, holders);
  if (errors.length > 0) throw new Refusal('INVALID_STUDY', 'cohort section', { errors });
  const copy = structuredClone(section) as unknown as CohortSection;
  freeze(copy);
  return copy;
}

const day = (text: string): bigint => {
  const value = dayOf(text);
  check(value !== undefined, 'INTERNAL', 'unchecked date');
  return BigInt(value);
};

function planColumn(name: string, spec: ColumnSpec): PlanColumn {
  switch (spec.type) {
    case 'category':
      return { name, type: spec.type, domain: spec.domain };
    case 'date':
      return { name, type: spec.type, min: day(spec.min), max: day(spec.max) };
    case 'integer':
    case 'number': {
      const step = spec.type === 'number' ? Rational.parse(spec.step) : Rational.ONE;
      // Exact: cohortErrors refuses bounds that are no multiple of the step.
      const counts = (bound: number): bigint => exactDecimal(bound).dividedBy(step).floor();
      return { name, type: spec.type, min: counts(spec.min), max: counts(spec.max), step };
    }
  }
}

/** Orders by UTF-16 code units, as RFC 8785 does: the same at every holder, in every locale. */
export const byCodeUnits = (a: string, b: string): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0);

/** Every column as it is stored, sorted by name: the key order of the file does not matter. */
export const planColumns = (section: CohortSection): PlanColumn[] =>
  Object.entries(section.columns)
    .sort(([a], [b]) => byCodeUnits(a, b))
    .map(([name, spec]) => planColumn(name, spec));
