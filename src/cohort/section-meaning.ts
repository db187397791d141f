/** What a cohort section of the right shape may still get wrong. @module */
import { dayOf } from '../base/calendar.ts';
import type { InputError } from '../base/errors.ts';
import { isPlainLine, pointerTo, readFraction } from '../base/input.ts';
import { Rational } from '../base/rational.ts';
import type { ColumnSpec } from './column-shape.ts';
import { exactDecimal } from './decimal.ts';
import { derivedErrors } from './derived-column.ts';
import { heldErrors } from './held-columns.ts';
import { labelErrors } from './labels.ts';
import { mapErrors } from './section-maps.ts';
import type { CohortSection } from './section-shape.ts';
import { unitErrors } from './section-units.ts';

/** Stored values and their differences stay exact as doubles too. */
const LARGEST_STORED = Rational.of(Number.MAX_SAFE_INTEGER);
/** `holder` is an axis of every query; the others are traps of JavaScript objects. */
const RESERVED = new Set(['holder', '__proto__']);

type Report = (code: string, ...at: readonly (string | number)[]) => void;

function duplicates(values: readonly string[], report: (index: number) => void): void {
  const seen = new Set<string>();
  values.forEach((value, i) => {
    if (seen.has(value)) report(i);
    seen.add(value);
  });
}

function numberErrors(column: ColumnSpec & { type: 'number' }, report: Report): void {
  const step = readFraction(column.step);
  if (step === undefined || step.isZero()) {
    report('STEP_INVALID', 'step');
    return;
  }
  for (const end of ['min', 'max'] as const) {
    const steps = exactDecimal(column[end]).dividedBy(step);
    if (steps.denominator !== 1n) report('NOT_ON_STEP', end);
    else if (steps.compare(LARGEST_STORED) > 0 || steps.negate().compare(LARGEST_STORED) > 0) {
      report('OUT_OF_RANGE', end);
    }
  }
  if (column.min >= column.max) report('REVERSED_BOUNDS');
}

function columnErrors(column: ColumnSpec, nulls: readonly string[], report: Report): void {
  switch (column.type) {
    case 'category':
      duplicates(column.domain, (i) => report('DUPLICATE_DOMAIN_VALUE', 'domain', i));
      column.domain.forEach((value, i) => {
        if (nulls.includes(value)) report('DOMAIN_VALUE_IS_NULL', 'domain', i);
        if (!isPlainLine(value, 128)) report('WRONG_FORMAT', 'domain', i);
      });
      return;
    case 'integer':
      if (column.min >= column.max) report('REVERSED_BOUNDS');
      return;
    case 'number':
      numberErrors(column, report);
      return;
    case 'date': {
      const [min, max] = [dayOf(column.min), dayOf(column.max)];
      if (min === undefined) report('DATE_INVALID', 'min');
      if (max === undefined) report('DATE_INVALID', 'max');
      if (min !== undefined && max !== undefined && min >= max) report('REVERSED_BOUNDS');
    }
  }
}

/** Every fault of meaning in a section that has the shape of section-shape.ts. */
export function cohortErrors(section: CohortSection, holders: readonly string[]): InputError[] {
  const errors: InputError[] = [];
  const report: Report = (code, ...at) => {
    errors.push({ pointer: pointerTo('', ...at), code });
  };
  if (!isPlainLine(section.person, 64)) report('WRONG_FORMAT', 'person');
  if (RESERVED.has(section.person)) report('RESERVED_NAME', 'person');
  if (Object.hasOwn(section.columns, section.person)) report('PERSON_IS_COLUMN', 'person');
  for (const holder of holders) {
    if (!Object.hasOwn(section.declaredSize, holder)) {
      report('MISSING_FIELD', 'declaredSize', holder);
    }
  }
  for (const holder of Object.keys(section.declaredSize)) {
    if (!holders.includes(holder)) report('UNKNOWN_HOLDER', 'declaredSize', holder);
  }
  duplicates(section.nulls, (i) => report('DUPLICATE_NULL', 'nulls', i));
  for (const [name, column] of Object.entries(section.columns)) {
    if (!isPlainLine(name, 64)) report('WRONG_FORMAT', 'columns', name);
    if (RESERVED.has(name)) report('RESERVED_NAME', 'columns', name);
    unitErrors(column, (code, at) => report(code, 'columns', name, at));
    const below: Report = (code, ...at) => report(code, 'columns', name, ...at);
    columnErrors(column, section.nulls, below);
    derivedErrors(section, column, below);
    labelErrors(column, below);
  }
  mapErrors(section, holders, report);
  errors.push(...heldErrors(section, holders));
  return errors;
}
