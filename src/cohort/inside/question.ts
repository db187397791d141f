/**
 * `holders` of a query: exactly one where it asks for what is chosen inside a holder, whose cells are then
 * that holder's; everything else is summed over all holders of the study, and names none.
 *
 * Choosing needs exact values. Over several holders nobody has them (rulings 12): a histogram, whose bins
 * are noised, can be ranked by anybody who reads it.
 * @module
 */
import type { InputError } from '../../base/errors.ts';
import { pointerTo } from '../../base/input.ts';
import { HOLDER_AXIS } from '../axes.ts';
import { cellCount } from '../cells.ts';
import { isChoice, type NamedMeasure } from '../measure/read.ts';
import type { Dimension } from '../plan.ts';
import { LIMITS, type QueryOutline } from '../query-shape.ts';
import type { ChoiceSpec, NamedChoice } from './choice.ts';

/** Integers of one cell that are released. */
export function chosenComponents(choice: ChoiceSpec): number {
  switch (choice.kind) {
    case 'top':
      return choice.k;
    case 'keys':
      // How many are shown in all, and so many of them.
      return choice.most + 1;
    case 'median':
    case 'winsorised':
      return 3 * choice.content.fields.length;
  }
}

/** Integers of one cell that are counted or answered, and then chosen from. */
const readComponents = (choice: ChoiceSpec): number => {
  if (choice.kind === 'top') return choice.content.parts;
  if (choice.kind === 'keys') return choice.most + 1;
  return choice.content.blocks * choice.content.fields.length;
};

/** What is wrong with the holders that a query names, or does not name. */
export function holderErrors(
  { holders, halfWidth }: QueryOutline,
  measures: readonly (NamedMeasure | NamedChoice)[],
  axes: readonly string[],
  known: readonly string[],
): InputError[] {
  const errors = (holders ?? []).flatMap((name, i): InputError[] => {
    const pointer = pointerTo('/holders', i);
    if (!known.includes(name)) return [{ pointer, code: 'UNKNOWN_HOLDER' }];
    return holders?.indexOf(name) === i ? [] : [{ pointer, code: 'DUPLICATE_ELEMENT' }];
  });
  const choices = measures.filter(isChoice);
  if (choices.length === 0) {
    const everybody = holders === undefined || known.every((name) => holders.includes(name));
    if (!everybody) errors.push({ pointer: '/holders', code: 'SUMS_OVER_ALL_HOLDERS' });
    return errors;
  }
  if (holders?.length !== 1) {
    const pointer = holders === undefined ? '' : '/holders';
    errors.push({ pointer, code: 'INSIDE_ONE_HOLDER' });
  }
  if (choices.length < measures.length) {
    errors.push({ pointer: '/measures', code: 'NOT_BESIDE_SUMS' });
  }
  if (axes.includes(HOLDER_AXIS)) errors.push({ pointer: '/groupBy', code: 'ONE_HOLDER_ALREADY' });
  if (halfWidth !== undefined) errors.push({ pointer: '/halfWidth', code: 'PRICED_BY_RHO' });
  return errors;
}

/** More than a vector or an answer may be long. */
export const isTooLong = (
  choices: readonly NamedChoice[],
  dimensions: readonly Dimension[],
): boolean => {
  const cells = cellCount(dimensions);
  const total = (of: (choice: ChoiceSpec) => number): number =>
    cells * choices.reduce((sum, { choice }) => sum + of(choice), 0);
  return total(chosenComponents) > LIMITS.slots || total(readComponents) > LIMITS.slots;
};

export function insideOf(
  holders: readonly string[] | undefined,
  choices: readonly NamedChoice[],
): { readonly holder: string; readonly choices: readonly NamedChoice[] } | undefined {
  const [holder] = holders ?? [];
  return choices.length === 0 || holder === undefined ? undefined : { holder, choices };
}
