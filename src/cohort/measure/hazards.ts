/**
 * `{ "hazards": { "time", "event", "on": [axis, ...], "grid" } }`: proportional hazards on the tables of
 * exits of every combination of the predictors. One row of each person counts, who is in one cell: the
 * price of a single count.
 * @module
 */
import { Type } from 'typebox';
import { pointerTo } from '../../base/input.ts';
import { conditionJson } from '../condition.ts';
import { LIMITS } from '../query-shape.ts';
import { exitsFactor, readEvent, readGrid, readTime, tallyOf } from './exits.ts';
import { MOST_FACTORS } from './logistic.ts';
import type { MeasureKind } from './measure.ts';
import { readPredictors } from './model-factors.ts';
import { shaped } from './shaped.ts';

const Shape = Type.Object(
  {
    time: Type.String({ minLength: 1, maxLength: 64 }),
    event: Type.Unknown(),
    on: Type.Array(Type.Unknown(), { minItems: 1, maxItems: MOST_FACTORS }),
    grid: Type.Array(Type.Number(), { minItems: 2, maxItems: LIMITS.grid }),
  },
  { additionalProperties: false },
);

export const hazards: MeasureKind = {
  key: 'hazards',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    if (!context.oneRow) context.report(at, 'ONE_ROW_PER_PERSON');
    const time = readTime(asked.time, pointerTo(at, 'time'), context);
    const event = readEvent(asked.event, pointerTo(at, 'event'), context);
    const on = readPredictors(asked.on, pointerTo(at, 'on'), context);
    if (time === undefined || event === undefined || on === undefined) return undefined;
    const edges = readGrid(time, asked.grid, pointerTo(at, 'grid'), context);
    return {
      content: tallyOf([...on.factors, exitsFactor(time.name, edges, [event])]),
      released: { kind: 'hazards', factors: on.model, intervals: edges.length - 1 },
      form: {
        hazards: {
          time: time.name,
          event: conditionJson(event),
          on: on.form,
          grid: edges.map(String),
        },
      },
    };
  },
};
