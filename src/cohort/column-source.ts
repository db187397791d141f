/** Where a holder's files have each column of the study, and in which unit (`maps`). @module */
import { check } from '../base/errors.ts';
import { type Conversion, isIdentity } from './conversion.ts';
import type { CohortSection } from './section-shape.ts';
import { analyteOf, conversion } from './units.ts';

export type ColumnSource = {
  /** The text of the header. */
  readonly header: string;
  /** Of a column with a unit: the one in the files, the one stored, and the rule between them. */
  readonly units?: {
    readonly source: string;
    readonly stored: string;
    readonly conversion: Conversion;
  };
};

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** A name that `maps` does not have is the header itself; no unit is the unit of the study. */
const mapped = (section: CohortSection, holder: string, name: string) =>
  own(own(section.maps ?? {}, holder) ?? {}, name);

export const personHeader = (section: CohortSection, holder: string): string =>
  mapped(section, holder, section.person)?.column ?? section.person;

/** Refuses with COHORT_UNIT_UNMAPPED a unit without a rule to the study's. */
export function columnSource(section: CohortSection, holder: string, name: string): ColumnSource {
  const map = mapped(section, holder, name);
  const header = map?.column ?? name;
  const spec = own(section.columns, name);
  const numeric = spec?.type === 'integer' || spec?.type === 'number' ? spec : undefined;
  const stored = numeric?.unit;
  if (numeric === undefined || stored === undefined) {
    check(map?.unit === undefined, 'COHORT_UNIT_UNMAPPED', `column ${name}`);
    return { header };
  }
  const source = map?.unit ?? stored;
  const analyte = analyteOf(name, numeric);
  const rule = conversion(source, stored, { type: numeric.type, analyte });
  check(rule !== undefined, 'COHORT_UNIT_UNMAPPED', `column ${name}`);
  return { header, units: { source, stored, conversion: rule } };
}

/** The rule by which values change when they are stored; undefined where they do not. */
export const ruleOf = ({ units }: ColumnSource): Conversion | undefined =>
  units === undefined || isIdentity(units.conversion) ? undefined : units.conversion;
