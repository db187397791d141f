/**
 * `{ "linear": { "outcome": "hba1c", "on": ["age", { "name": "smoker", "when": condition }] } }`: linear
 * regression from the sums of products of bounded features (dp/contribution.ts). A row with a null in
 * any of its columns is left out. The price: (m + 1)(m + 2)/2 counts for m features, the outcome
 * among them.
 * @module
 */
import { type Static, Type } from 'typebox';
import type { Coordinate } from '../../analysis/model/linear.ts';
import type { Json } from '../../base/canonical-json.ts';
import { isPlainLine, pointerTo, shapeErrors } from '../../base/input.ts';
import { conditionJson, conditionPredicate } from '../condition.ts';
import type { Feature } from '../plan.ts';
import { unitOf } from './exits.ts';
import { knownColumns } from './known.ts';
import { readNumberColumn } from './leaves.ts';
import type { MeasureContext, MeasureKind } from './measure.ts';
import { shaped } from './shaped.ts';

const MOST_PREDICTORS = 16;
/** Products of two, over many rows, must stay integers that a double holds. */
const WIDEST = 1n << 20n;

const Shape = Type.Object(
  {
    outcome: Type.String({ minLength: 1, maxLength: 64 }),
    on: Type.Array(Type.Unknown(), { minItems: 1, maxItems: MOST_PREDICTORS }),
  },
  { additionalProperties: false },
);

const Condition = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }), when: Type.Unknown() },
  { additionalProperties: false },
);

type Term = { readonly feature: Feature; readonly coordinate: Coordinate; readonly form: Json };

function readNumber(node: unknown, at: string, context: MeasureContext): Term | undefined {
  const column = readNumberColumn(node, at, context);
  if (column === undefined) return undefined;
  const { name, min, max } = column;
  if (min === max || max - min > WIDEST) {
    context.report(at, 'BOUNDS_NOT_SERVED');
    return undefined;
  }
  const step = column.step.toNumber();
  return {
    feature: { kind: 'number', column: name, min, max },
    coordinate: {
      name,
      bound: Number(max - min),
      centre: (Number(min + max) / 2) * step,
      half: (Number(max - min) / 2) * step,
      unit: unitOf(name, context),
    },
    form: name,
  };
}

function readTerm(node: unknown, at: string, context: MeasureContext): Term | undefined {
  if (typeof node === 'string') return readNumber(node, at, context);
  const wrong = shapeErrors(Condition, node, at);
  for (const { pointer, code } of wrong) context.report(pointer, code);
  if (wrong.length > 0) return undefined;
  const { name, when } = node as Static<typeof Condition>;
  if (!isPlainLine(name, 64)) {
    context.report(pointerTo(at, 'name'), 'WRONG_FORMAT');
    return undefined;
  }
  const condition = context.condition(when, pointerTo(at, 'when'));
  return {
    feature: {
      kind: 'indicator',
      holds: conditionPredicate(condition),
      known: knownColumns(condition),
    },
    coordinate: { name, bound: 1, centre: 0, half: 1, unit: '1' },
    form: { name, when: conditionJson(condition) },
  };
}

export const linear: MeasureKind = {
  key: 'linear',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    const outcome = readNumber(asked.outcome, pointerTo(at, 'outcome'), context);
    const on = asked.on.map((node, i) => {
      const pointer = pointerTo(pointerTo(at, 'on'), i);
      return { pointer, term: readTerm(node, pointer, context) };
    });
    const names = [asked.outcome];
    for (const { pointer, term } of on) {
      if (term === undefined) continue;
      const { name } = term.coordinate;
      if (names.includes(name)) context.report(pointer, 'DUPLICATE_NAME');
      names.push(name);
    }
    const terms = on.flatMap(({ term }) => term ?? []);
    if (outcome === undefined || terms.length < on.length) return undefined;
    return {
      content: { kind: 'gram', features: [...terms, outcome].map(({ feature }) => feature) },
      released: {
        kind: 'linear',
        predictors: terms.map(({ coordinate }) => coordinate),
        outcome: outcome.coordinate,
        unit: unitOf(asked.outcome, context),
      },
      form: { linear: { outcome: outcome.form, on: terms.map(({ form }) => form) } },
    };
  },
};
