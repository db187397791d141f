/**
 * An axis of a measure's own: spelt as an axis of `groupBy`, or as a condition with a name, whose
 * labels are yes and no. A row without a value, or in none of the bins, is left out of the measure.
 * @module
 */
import { Type } from 'typebox';
import type { Json } from '../../base/canonical-json.ts';
import { isPlainLine, pointerTo, shapeErrors } from '../../base/input.ts';
import { readAxes } from '../axes.ts';
import { conditionJson, conditionPredicate } from '../condition.ts';
import type { Dimension, Factor } from '../plan.ts';
import { axisFactor, axisForm } from './exits.ts';
import { knownColumns } from './known.ts';
import type { MeasureContext } from './measure.ts';

export type NamedFactor = {
  readonly name: string;
  readonly labels: readonly string[];
  readonly factor: Factor;
  /** Of an axis, undefined of a condition. */
  readonly dimension: Dimension | undefined;
  readonly form: Json;
};

const Condition = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }), when: Type.Unknown() },
  { additionalProperties: false },
);

const isCondition = (node: unknown): node is { name: string; when: unknown } =>
  typeof node === 'object' && node !== null && 'when' in node;

/** The two labels of a condition, in this order. */
const YES_NO = ['yes', 'no'] as const;

function readCondition(
  node: unknown,
  at: string,
  context: MeasureContext,
): NamedFactor | undefined {
  const wrong = shapeErrors(Condition, node, at);
  for (const { pointer, code } of wrong) context.report(pointer, code);
  if (wrong.length > 0 || !isCondition(node)) return undefined;
  const { name, when } = node;
  if (!isPlainLine(name, 64)) context.report(pointerTo(at, 'name'), 'WRONG_FORMAT');
  else if (context.columns.has(name)) context.report(pointerTo(at, 'name'), 'DUPLICATE_NAME');
  else if (context.axes.includes(name)) context.report(pointerTo(at, 'name'), 'DUPLICATE_GROUP');
  else {
    const condition = context.condition(when, pointerTo(at, 'when'));
    const holds = conditionPredicate(condition);
    return {
      name,
      labels: YES_NO,
      factor: { parts: 2, part: { kind: 'condition', holds, known: knownColumns(condition) } },
      dimension: undefined,
      // The name is in the release: in a group, or in front of a coefficient.
      form: { name, when: conditionJson(condition) },
    };
  }
  return undefined;
}

export function readFactor(
  node: unknown,
  at: string,
  context: MeasureContext,
): NamedFactor | undefined {
  if (isCondition(node)) return readCondition(node, at, context);
  const { dimensions, errors } = readAxes([node], context.columns, () => at);
  for (const { pointer, code } of errors) context.report(pointer, code);
  const [dimension] = dimensions;
  if (errors.length > 0) return undefined;
  if (dimension === undefined) context.report(at, 'UNKNOWN_COLUMN');
  else if (context.axes.includes(dimension.column)) context.report(at, 'DUPLICATE_GROUP');
  else {
    const { column, labels } = dimension;
    return {
      name: column,
      labels,
      factor: axisFactor(dimension),
      dimension,
      form: axisForm(dimension),
    };
  }
  return undefined;
}
