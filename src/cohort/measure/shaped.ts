/** The value of a measure by its shape, with every fault reported. @module */
import type { Static, TSchema } from 'typebox';
import { shapeErrors } from '../../base/input.ts';
import type { MeasureContext } from './measure.ts';

/** Undefined where something was reported. */
export function shaped<Shape extends TSchema>(
  shape: Shape,
  value: unknown,
  at: string,
  { report }: Pick<MeasureContext, 'report'>,
): Static<Shape> | undefined {
  const wrong = shapeErrors(shape, value, at);
  for (const { pointer, code } of wrong) report(pointer, code);
  return wrong.length > 0 ? undefined : (value as Static<Shape>);
}
