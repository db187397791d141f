/**
 * `{ "survival": { "time", "event", "arm"?, "grid" } }`: one table of exits, by interval of a public
 * grid, event or censored, and arm. Curves, medians, tests and all else are post-processing.
 *
 * Each person is in one cell of the table, with their one exit row and no delayed entry (rulings
 * 11): a study or a query that lets several rows of a person count is refused. Then the price is
 * that of a single count (Rahimian et al., PoPETs 2023; Gondara, Wang 2020).
 *
 * Interval i is (grid[i], grid[i+1]], the first one with grid[0], so that a grid of every time
 * that occurs gives the curve of the data. `event` is a condition, or the name of a column that
 * is 0 or 1, or of a category of two values in the order no, yes.
 * @module
 */
import { type Static, Type } from 'typebox';
import { shapeErrors } from '../../base/input.ts';
import { readAxes } from '../axes.ts';
import { columnSet } from '../column-set.ts';
import { type Condition, conditionJson, conditionPredicate, setCondition } from '../condition.ts';
import type { Dimension, PlanColumn } from '../plan.ts';
import { LIMITS } from '../query-shape.ts';
import { storedEdge } from '../stored-value.ts';
import { knownColumns } from './known.ts';
import type { MeasureContext, MeasureKind } from './measure.ts';

const Shape = Type.Object(
  {
    time: Type.String({ minLength: 1, maxLength: 64 }),
    event: Type.Unknown(),
    arm: Type.Optional(Type.Unknown()),
    grid: Type.Array(Type.Number(), { minItems: 2, maxItems: LIMITS.grid }),
  },
  { additionalProperties: false },
);

type Outline = Static<typeof Shape>;
type Time = Extract<PlanColumn, { readonly type: 'integer' | 'number' }>;

/** Pairs of values that mean no and yes, in this order. */
const NO_YES = ['0,1', 'no,yes', 'false,true', 'censored,event', 'alive,dead', '無,有'];

function isEventColumn(column: PlanColumn): boolean {
  if (column.type === 'category') return NO_YES.includes(column.domain.join(',').toLowerCase());
  return column.type === 'integer' && column.min === 0n && column.max === 1n;
}

function readEvent(node: unknown, at: string, context: MeasureContext): Condition | undefined {
  if (typeof node !== 'string') return context.condition(node, at);
  const column = context.columns.get(node);
  if (column === undefined) context.report(at, 'UNKNOWN_COLUMN');
  else if (!isEventColumn(column)) context.report(at, 'EVENT_AMBIGUOUS');
  else return setCondition(columnSet(column, [[1n, 1n]]));
  return undefined;
}

function readTime(name: string, at: string, { columns, report }: MeasureContext) {
  const column = columns.get(name);
  if (column === undefined) report(at, 'UNKNOWN_COLUMN');
  else if (column.type !== 'integer' && column.type !== 'number') report(at, 'NOT_NUMERIC');
  else return column;
  return undefined;
}

function readGrid(time: Time, grid: readonly number[], at: string, { report }: MeasureContext) {
  const edges = grid.flatMap((edge, i) => {
    const stored = storedEdge(time, edge);
    if ('value' in stored) return [stored.value];
    report(`${at}/${i}`, stored.error);
    return [];
  });
  const wrong = edges.findIndex((edge, i) => i > 0 && edge <= (edges[i - 1] ?? edge));
  if (wrong > 0) report(`${at}/${wrong}`, 'BINS_NOT_INCREASING');
  return edges;
}

type Arm = { readonly dimension: Dimension | undefined };

function readArm(arm: unknown, at: string, context: MeasureContext): Arm | undefined {
  if (arm === undefined) return { dimension: undefined };
  const { dimensions, errors } = readAxes([arm], context.columns, () => at);
  for (const { pointer, code } of errors) context.report(pointer, code);
  const [dimension] = dimensions;
  if (errors.length > 0) return undefined;
  if (dimension === undefined) context.report(at, 'UNKNOWN_COLUMN');
  else if (context.axes.includes(dimension.column)) context.report(at, 'DUPLICATE_GROUP');
  else return { dimension };
  return undefined;
}

export const survival: MeasureKind = {
  key: 'survival',
  read(value, at, context) {
    const wrong = shapeErrors(Shape, value, at);
    for (const { pointer, code } of wrong) context.report(pointer, code);
    if (wrong.length > 0) return undefined;
    const asked = value as Outline;
    if (!context.oneRow) context.report(at, 'ONE_ROW_PER_PERSON');
    const time = readTime(asked.time, `${at}/time`, context);
    const event = readEvent(asked.event, `${at}/event`, context);
    const arm = readArm(asked.arm, `${at}/arm`, context);
    if (time === undefined || event === undefined || arm === undefined) return undefined;
    const edges = readGrid(time, asked.grid, `${at}/grid`, context);
    const spec = context.specs[time.name];
    const { dimension } = arm;
    const arms = dimension?.labels.length ?? 1;
    return {
      content: {
        kind: 'tally',
        parts: arms * (2 * (edges.length - 1) + 1),
        part: {
          kind: 'exits',
          time: time.name,
          edges,
          event: conditionPredicate(event),
          known: [...new Set([time.name, ...knownColumns(event)])].sort(),
          arm: dimension,
        },
      },
      released: {
        kind: 'survival',
        grid: asked.grid,
        unit: (spec !== undefined && 'unit' in spec ? spec.unit : undefined) ?? '1',
        arm:
          dimension === undefined
            ? undefined
            : { column: dimension.column, labels: dimension.labels },
      },
      form: {
        survival: {
          time: time.name,
          event: conditionJson(event),
          arm:
            dimension === undefined
              ? null
              : {
                  column: dimension.column,
                  edges: dimension.kind === 'bins' ? dimension.edges.map(String) : null,
                },
          grid: edges.map(String),
        },
      },
    };
  },
};
