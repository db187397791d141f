/**
 * `{ "top": { "column": "icd", "bins"?, "k": 5 } }`: the k labels of an axis that most rows have, in order,
 * without their counts. Inside one holder (inside/choice.ts): the exponential mechanism, k times
 * (dp/mechanism/top-candidates.ts).
 * @module
 */
import { Type } from 'typebox';
import { pointerTo } from '../../base/input.ts';
import { readAxes } from '../axes.ts';
import { LIMITS } from '../query-shape.ts';
import { axisFactor, axisForm, tallyOf } from './exits.ts';
import type { MeasureKind } from './measure.ts';
import { shaped } from './shaped.ts';

const MOST = 32;

const Shape = Type.Object(
  {
    column: Type.String({ minLength: 1, maxLength: 64 }),
    bins: Type.Optional(Type.Array(Type.Unknown(), { minItems: 2, maxItems: LIMITS.edges })),
    k: Type.Integer({ minimum: 1, maximum: MOST }),
  },
  { additionalProperties: false },
);

export const top: MeasureKind = {
  key: 'top',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    const { k, ...axis } = asked;
    const { dimensions, errors } = readAxes([axis], context.columns, () => at);
    for (const { pointer, code } of errors) context.report(pointer, code);
    const [dimension] = dimensions;
    if (errors.length > 0 || dimension === undefined) return undefined;
    const { column, labels } = dimension;
    if (context.axes.includes(column)) {
      context.report(at, 'DUPLICATE_GROUP');
      return undefined;
    }
    if (k >= labels.length) {
      context.report(pointerTo(at, 'k'), 'OUT_OF_RANGE');
      return undefined;
    }
    return {
      choice: { kind: 'top', content: tallyOf([axisFactor(dimension)]), k },
      released: { kind: 'top', column, labels },
      form: { top: { ...(axisForm(dimension) as object), k } },
    };
  },
};
