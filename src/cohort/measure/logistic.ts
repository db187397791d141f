/**
 * `{ "logistic": { "outcome": condition, "on": [axis, ...] } }`: logistic regression on the table of the
 * predictors and the outcome. A row is in one cell of it: the price of a single count.
 * @module
 */
import { Type } from 'typebox';
import { pointerTo } from '../../base/input.ts';
import { conditionJson, conditionPredicate } from '../condition.ts';
import { tallyOf } from './exits.ts';
import { knownColumns } from './known.ts';
import type { MeasureKind } from './measure.ts';
import { readPredictors } from './model-factors.ts';
import { shaped } from './shaped.ts';

export const MOST_FACTORS = 8;

const Shape = Type.Object(
  {
    outcome: Type.Unknown(),
    on: Type.Array(Type.Unknown(), { minItems: 1, maxItems: MOST_FACTORS }),
  },
  { additionalProperties: false },
);

export const logistic: MeasureKind = {
  key: 'logistic',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    const outcome = context.condition(asked.outcome, pointerTo(at, 'outcome'));
    const on = readPredictors(asked.on, pointerTo(at, 'on'), context);
    if (on === undefined) return undefined;
    const holds = conditionPredicate(outcome);
    return {
      content: tallyOf([
        ...on.factors,
        { parts: 2, part: { kind: 'condition', holds, known: knownColumns(outcome) } },
      ]),
      released: { kind: 'logistic', factors: on.model },
      form: { logistic: { outcome: conditionJson(outcome), on: on.form } },
    };
  },
};
