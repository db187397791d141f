/** Where a holder's data have each column of the study, and in which unit (`maps`). @module */
import { check } from '../base/errors.ts';
import { type Conversion, isIdentity } from './conversion.ts';
import type { CohortSection } from './section-shape.ts';
import { isDay, isRecordMap, kindOf, type SourceKind, type SourceMap } from './source-map.ts';
import { analyteOf, conversion } from './units.ts';

/** Of a column with a unit: the one in the data, the one stored, and the rule between them. */
export type SourceUnits = {
  readonly source: string;
  readonly stored: string;
  readonly conversion: Conversion;
};

export type ColumnSource = {
  /** The text of the header. */
  readonly header: string;
  readonly units?: SourceUnits;
};

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

const mapsOf = (section: CohortSection, holder: string): Readonly<Record<string, SourceMap>> =>
  own(section.maps ?? {}, holder) ?? {};

/** How the data of this holder are said to be: all its columns the same way (section-maps.ts). */
export function sourceKind(section: CohortSection, holder: string): SourceKind {
  const [first] = Object.values(mapsOf(section, holder));
  return first === undefined ? 'column' : kindOf(first);
}

/** Where the holder has this column; nothing where it is under its own name. */
export const sourceMap = (
  section: CohortSection,
  holder: string,
  name: string,
): SourceMap | undefined => own(mapsOf(section, holder), name);

/** Columns that hold the day of a row of records. */
export const dayColumns = (section: CohortSection, holder: string): string[] =>
  Object.entries(mapsOf(section, holder)).flatMap(([name, map]) => (isDay(map) ? [name] : []));

/** A name that `maps` does not have is the header itself. */
function headerOf(section: CohortSection, holder: string, name: string): string {
  const map = sourceMap(section, holder, name);
  return map === undefined || isRecordMap(map) ? name : map.column;
}

export const personHeader = (section: CohortSection, holder: string): string =>
  headerOf(section, holder, section.person);

/**
 * From `source` to the unit of the study; undefined where the column has none. Refuses with
 * COHORT_UNIT_UNMAPPED a unit without a rule to the study's.
 */
function unitsFrom(
  section: CohortSection,
  name: string,
  source: string | undefined,
): SourceUnits | undefined {
  const spec = own(section.columns, name);
  const numeric = spec?.type === 'integer' || spec?.type === 'number' ? spec : undefined;
  const stored = numeric?.unit;
  if (numeric === undefined || stored === undefined) return undefined;
  check(source !== undefined, 'COHORT_UNIT_UNMAPPED', `column ${name}: no unit`);
  const analyte = analyteOf(name, numeric);
  const rule = conversion(source, stored, { type: numeric.type, analyte });
  check(rule !== undefined, 'COHORT_UNIT_UNMAPPED', `column ${name}`);
  return { source, stored, conversion: rule };
}

/** Of a column in a table; no unit is the unit of the study. Refuses like `unitsFrom`. */
export function columnSource(section: CohortSection, holder: string, name: string): ColumnSource {
  const spec = own(section.columns, name);
  const given = sourceMap(section, holder, name)?.unit;
  const stored = spec !== undefined && 'unit' in spec ? spec.unit : undefined;
  check(given === undefined || stored !== undefined, 'COHORT_UNIT_UNMAPPED', `column ${name}`);
  const units = unitsFrom(section, name, given ?? stored);
  const header = headerOf(section, holder, name);
  return units === undefined ? { header } : { header, units };
}

/**
 * Of a column in records, for each unit that they carry (undefined: none). The values of a column
 * without a unit are stored as they come, so they must all have come in one: otherwise, and where
 * a unit has no rule to the study's, COHORT_UNIT_UNMAPPED.
 */
export function recordUnits(
  section: CohortSection,
  holder: string,
  name: string,
  units: readonly (string | undefined)[],
): (SourceUnits | undefined)[] {
  const given = sourceMap(section, holder, name)?.unit;
  const found = units.map((unit) => unitsFrom(section, name, unit ?? given));
  const plain = found.filter((rule) => rule === undefined).length;
  check(plain <= 1, 'COHORT_UNIT_UNMAPPED', `column ${name}: ${plain} units`);
  return found;
}

/** The rule by which values change when they are stored; undefined where they do not. */
export const ruleOf = ({
  units,
}: {
  readonly units?: SourceUnits | undefined;
}): Conversion | undefined =>
  units === undefined || isIdentity(units.conversion) ? undefined : units.conversion;
