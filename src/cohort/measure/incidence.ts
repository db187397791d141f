/**
 * `{ "incidence": { "time", "causes": [{ "name", "when": condition }], "arm"?, "grid" } }`: cumulative
 * incidence of competing causes, from one table of exits. Where several causes hold, the first does.
 * As for survival, one row of each person counts, who is in one cell: the price of a single count.
 * @module
 */
import { Type } from 'typebox';
import { isPlainLine, pointerTo } from '../../base/input.ts';
import { conditionJson } from '../condition.ts';
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

const MOST_CAUSES = 8;
const LONGEST_GRID = 1025;

const Shape = Type.Object(
  {
    time: Type.String({ minLength: 1, maxLength: 64 }),
    causes: Type.Array(
      Type.Object(
        { name: Type.String({ minLength: 1, maxLength: 64 }), when: Type.Unknown() },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: MOST_CAUSES },
    ),
    arm: Type.Optional(Type.Unknown()),
    grid: Type.Array(Type.Number(), { minItems: 2, maxItems: LONGEST_GRID }),
  },
  { additionalProperties: false },
);

export const incidence: MeasureKind = {
  key: 'incidence',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    if (!context.oneRow) context.report(at, 'ONE_ROW_PER_PERSON');
    const time = readTime(asked.time, pointerTo(at, 'time'), context);
    const arm = readArm(asked.arm, pointerTo(at, 'arm'), context);
    const names = asked.causes.map(({ name }) => name);
    const events = asked.causes.flatMap(({ name, when }, i) => {
      const own = pointerTo(pointerTo(at, 'causes'), i);
      if (!isPlainLine(name, 64)) context.report(pointerTo(own, 'name'), 'WRONG_FORMAT');
      if (names.indexOf(name) < i) context.report(pointerTo(own, 'name'), 'DUPLICATE_NAME');
      return readEvent(when, pointerTo(own, 'when'), context) ?? [];
    });
    if (time === undefined || arm === undefined || events.length < names.length) return undefined;
    const edges = readGrid(time, asked.grid, pointerTo(at, 'grid'), context);
    const { dimension } = arm;
    const exits = exitsFactor(time.name, edges, events);
    return {
      content: tallyOf(dimension === undefined ? [exits] : [axisFactor(dimension), exits]),
      released: {
        kind: 'incidence',
        grid: asked.grid,
        unit: unitOf(time.name, context),
        causes: names,
        arm:
          dimension === undefined
            ? undefined
            : { column: dimension.column, labels: dimension.labels },
      },
      form: {
        incidence: {
          time: time.name,
          causes: events.map((event, i) => ({ name: names[i] ?? '', when: conditionJson(event) })),
          arm: dimension === undefined ? null : axisForm(dimension),
          grid: edges.map(String),
        },
      },
    };
  },
};
