/**
 * `{ "survival": { "time", "event", "arm"?, "grid" } }`: one table of exits, by interval of a public
 * grid, event or censored, and arm. Curves, medians, tests and all else are post-processing.
 *
 * Each person is in one cell of the table, with their one exit row and no delayed entry (rulings
 * 11): a study or a query that lets several rows of a person count is refused. Then the price is
 * that of a single count (Rahimian et al., PoPETs 2023; Gondara, Wang 2020).
 * @module
 */
import { Type } from 'typebox';
import { conditionJson } from '../condition.ts';
import { LIMITS } from '../query-shape.ts';
import {
  axisFactor,
  axisForm,
  exitsFactor,
  readArm,
  readEvent,
  readGrid,
  readTime,
  tallyOf,
  unitOf,
} from './exits.ts';
import type { MeasureKind } from './measure.ts';
import { shaped } from './shaped.ts';

const Shape = Type.Object(
  {
    time: Type.String({ minLength: 1, maxLength: 64 }),
    event: Type.Unknown(),
    arm: Type.Optional(Type.Unknown()),
    grid: Type.Array(Type.Number(), { minItems: 2, maxItems: LIMITS.grid }),
  },
  { additionalProperties: false },
);

export const survival: MeasureKind = {
  key: 'survival',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    if (!context.oneRow) context.report(at, 'ONE_ROW_PER_PERSON');
    const time = readTime(asked.time, `${at}/time`, context);
    const event = readEvent(asked.event, `${at}/event`, context);
    const arm = readArm(asked.arm, `${at}/arm`, context);
    if (time === undefined || event === undefined || arm === undefined) return undefined;
    const edges = readGrid(time, asked.grid, `${at}/grid`, context);
    const { dimension } = arm;
    const exits = exitsFactor(time.name, edges, [event]);
    return {
      content: tallyOf(dimension === undefined ? [exits] : [axisFactor(dimension), exits]),
      released: {
        kind: 'survival',
        grid: asked.grid,
        unit: unitOf(time.name, context),
        arm:
          dimension === undefined
            ? undefined
            : { column: dimension.column, labels: dimension.labels },
      },
      form: {
        survival: {
          time: time.name,
          event: conditionJson(event),
          arm: dimension === undefined ? null : axisForm(dimension),
          grid: edges.map(String),
        },
      },
    };
  },
};
