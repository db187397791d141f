/**
 * `{ "keys": { "column": "procedure", "delta": "1/1000000", "most"? } }`: which values of a column the
 * holder's people have, where too many are possible to count each. Inside one holder
 * (inside/choice.ts): every value is shown or not by the number of its people alone, as
 * dp/mechanism/partition-selection.ts says, and never one of fewer than the study's minimum. One row of
 * a person counts, which has one value. `delta` is charged.
 * @module
 */
import { Type } from 'typebox';
import { readFraction, pointerTo } from '../../base/input.ts';
import { Rational } from '../../base/rational.ts';
import type { MeasureKind } from './measure.ts';
import { shaped } from './shaped.ts';

const USUAL = 100;
const MOST = 4096;

const Shape = Type.Object(
  {
    column: Type.String({ minLength: 1, maxLength: 64 }),
    delta: Type.String({ minLength: 3, maxLength: 40 }),
    most: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST })),
  },
  { additionalProperties: false },
);

/** A longer fraction would make every addition of the ledger longer. */
const LARGEST_TERM = 10n ** 18n;
/** Above it somebody's value would be shown to anybody now and then. */
const LARGEST_DELTA = Rational.of(1, 1000);

function readDelta(text: string): Rational | undefined {
  const delta = readFraction(text);
  if (delta === undefined || delta.isZero() || !delta.atMost(LARGEST_DELTA)) return undefined;
  return delta.denominator <= LARGEST_TERM ? delta : undefined;
}

export const keys: MeasureKind = {
  key: 'keys',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    const { column, most = USUAL } = asked;
    const found = context.columns.has(column);
    if (!found) context.report(pointerTo(at, 'column'), 'UNKNOWN_COLUMN');
    const delta = readDelta(asked.delta);
    if (delta === undefined) context.report(pointerTo(at, 'delta'), 'DELTA_INVALID');
    if (context.axes.includes(column)) context.report(at, 'DUPLICATE_GROUP');
    if (!context.oneRow) context.report(at, 'ONE_ROW_PER_PERSON');
    if (!found || delta === undefined) return undefined;
    return {
      choice: { kind: 'keys', column, most, delta },
      released: { kind: 'keys', column, most },
      form: { keys: { column, most, delta: delta.toString() } },
    };
  },
};
