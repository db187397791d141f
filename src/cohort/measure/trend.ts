/**
 * `{ "trend": { "by": axis, "of"?: condition } }`: counts, or the proportion of rows for which `of` holds,
 * in each period of an axis with an order, and the slope over the middles of the periods: a year
 * where the axis has dates, else a unit of the column. The price of a single count.
 * @module
 */
import { Type } from 'typebox';
import { pointerTo } from '../../base/input.ts';
import { conditionJson, conditionPredicate } from '../condition.ts';
import type { Dimension, PlanColumn } from '../plan.ts';
import { tallyOf, unitOf } from './exits.ts';
import { readFactor } from './factor.ts';
import { knownColumns } from './known.ts';
import type { MeasureContext, MeasureKind } from './measure.ts';
import { shaped } from './shaped.ts';

const Shape = Type.Object(
  { by: Type.Unknown(), of: Type.Optional(Type.Unknown()) },
  { additionalProperties: false },
);

/** UCUM's year, a, has 365.25 days. */
const DAYS_A_YEAR = 365.25;

/** Middle of each bin: halfway between its edges on a line of time, between its values of steps. */
export function middles(
  { edges }: Extract<Dimension, { readonly kind: 'bins' }>,
  column: PlanColumn,
): number[] {
  return edges.slice(1).map((high, i) => {
    const both = Number((edges[i] ?? high) + high);
    if (column.type === 'date') return both / 2 / DAYS_A_YEAR;
    const step = 'step' in column ? column.step.toNumber() : 1;
    return ((both - 1) / 2) * step;
  });
}

function readCondition(of: unknown, at: string, context: MeasureContext) {
  return of === undefined ? undefined : context.condition(of, at);
}

export const trend: MeasureKind = {
  key: 'trend',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    const by = readFactor(asked.by, pointerTo(at, 'by'), context);
    const condition = readCondition(asked.of, pointerTo(at, 'of'), context);
    if (by === undefined) return undefined;
    const { dimension, labels } = by;
    const column = context.columns.get(by.name);
    if (dimension?.kind !== 'bins' || column === undefined) {
      context.report(pointerTo(at, 'by'), 'BINS_REQUIRED');
      return undefined;
    }
    if (labels.length < 2) {
      context.report(pointerTo(at, 'by'), 'TOO_FEW_ITEMS');
      return undefined;
    }
    const factors =
      condition === undefined
        ? [by.factor]
        : [
            by.factor,
            {
              parts: 2,
              part: {
                kind: 'condition',
                holds: conditionPredicate(condition),
                known: knownColumns(condition),
              },
            } as const,
          ];
    return {
      content: tallyOf(factors),
      released: {
        kind: 'trend',
        of: condition === undefined ? 'count' : 'proportion',
        column: by.name,
        labels,
        times: middles(dimension, column),
        unit: column.type === 'date' ? 'a' : unitOf(by.name, context),
      },
      form: {
        trend: { by: by.form, of: condition === undefined ? null : conditionJson(condition) },
      },
    };
  },
};
