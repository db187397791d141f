/** What the units of a cohort section may get wrong: in a column, and in a holder's map of it. @module */
import type { ColumnSpec } from './column-shape.ts';
import {
  analyteOf,
  conversion,
  isKnownUnit,
  isPlausibleUnit,
  measuredIn,
  needsAnalyte,
} from './units.ts';

type NumericSpec = ColumnSpec & { readonly type: 'integer' | 'number' };

const isNumeric = (column: ColumnSpec): column is NumericSpec =>
  column.type === 'integer' || column.type === 'number';

/** The unit of the study, which may be one that is in no table: it is then stored as it comes. */
export function unitErrors(
  column: ColumnSpec,
  report: (code: string, at: 'unit' | 'analyte') => void,
): void {
  if (!isNumeric(column)) return;
  const { unit, analyte } = column;
  if (unit === undefined) {
    // An analyte says how to convert a unit; without one it says nothing.
    if (analyte !== undefined) report('MISSING_FIELD', 'unit');
  } else if (!isPlausibleUnit(unit)) report('UNIT_UNKNOWN', 'unit');
  else if (analyte !== undefined && !measuredIn(analyte, unit)) {
    report('UNIT_INCOMPATIBLE', 'unit');
  }
}

type SourceReport = {
  readonly unit: (code: string) => void;
  readonly analyte: (code: string) => void;
};

/** The unit of a holder's files, `undefined` where it is the study's. */
export function sourceUnitErrors(
  name: string,
  column: ColumnSpec | undefined,
  unit: string | undefined,
  report: SourceReport,
): void {
  if (unit === undefined) return;
  // A conversion needs a number to convert and a unit of the study to convert to.
  if (column === undefined || !isNumeric(column) || column.unit === undefined) {
    report.unit('UNIT_NOT_ALLOWED');
    return;
  }
  if (!isPlausibleUnit(unit) || (unit !== column.unit && !isKnownUnit(unit))) {
    report.unit('UNIT_UNKNOWN');
    return;
  }
  const analyte = analyteOf(name, column);
  if (conversion(unit, column.unit, { type: column.type, analyte }) !== undefined) return;
  report.unit('UNIT_INCOMPATIBLE');
  if (analyte === undefined && needsAnalyte(unit, column.unit, column.type)) {
    report.analyte('MISSING_FIELD');
  }
}
