/**
 * The predictors of a model over a table: axes, of which one of bins may be `"linear": true` (one
 * coefficient, over the middles of its bins), and named conditions.
 * @module
 */
import type { ModelFactor } from '../../analysis/model/grouped-design.ts';
import type { Json } from '../../base/canonical-json.ts';
import { pointerTo } from '../../base/input.ts';
import type { Factor } from '../plan.ts';
import { type NamedFactor, readFactor } from './factor.ts';
import type { MeasureContext } from './measure.ts';
import { middles } from './trend.ts';

export type Predictors = {
  readonly factors: readonly Factor[];
  readonly model: readonly ModelFactor[];
  readonly form: Json;
};

type Predictor = { readonly own: NamedFactor; readonly linear: boolean };

function readPredictor(node: unknown, at: string, context: MeasureContext): Predictor | undefined {
  if (typeof node !== 'object' || node === null || !('linear' in node)) {
    const own = readFactor(node, at, context);
    return own === undefined ? undefined : { own, linear: false };
  }
  const { linear, ...axis } = node;
  if (linear !== true) context.report(pointerTo(at, 'linear'), 'UNKNOWN_VALUE');
  const own = readFactor(axis, at, context);
  if (own === undefined || linear !== true) return undefined;
  if (own.dimension?.kind !== 'bins') {
    context.report(pointerTo(at, 'linear'), 'BINS_REQUIRED');
    return undefined;
  }
  return { own, linear };
}

/** A condition has one coefficient, for yes against no. */
function scoresOf({ own, linear }: Predictor, { columns }: MeasureContext): number[] | undefined {
  if (own.dimension === undefined) return [1, 0];
  const column = columns.get(own.name);
  if (!linear || own.dimension.kind !== 'bins' || column === undefined) return undefined;
  return middles(own.dimension, column);
}

export function readPredictors(
  nodes: readonly unknown[],
  at: string,
  context: MeasureContext,
): Predictors | undefined {
  const read = nodes.map((node, i) => readPredictor(node, pointerTo(at, i), context));
  const found = read.filter((own) => own !== undefined);
  const names = read.map((one) => one?.own.name);
  names.forEach((name, i) => {
    if (name !== undefined && names.indexOf(name) < i) {
      context.report(pointerTo(at, i), 'DUPLICATE_GROUP');
    }
  });
  if (found.length < read.length || new Set(names).size < names.length) return undefined;
  return {
    factors: found.map(({ own }) => own.factor),
    model: found.map((one) => ({
      name: one.own.name,
      labels: one.own.labels,
      scores: scoresOf(one, context),
    })),
    form: found.map(({ own, linear }) => ({ factor: own.form, linear })),
  };
}
