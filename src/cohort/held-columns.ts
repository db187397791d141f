/** Which holder has which column of a study: all of them have all, but for what `held` says. @module */
import type { InputError } from '../base/errors.ts';
import { pointerTo } from '../base/input.ts';
import type { CohortSection } from './section-shape.ts';

/** Whether this holder's files have the column. */
export const holdsColumn = ({ held }: CohortSection, holder: string, column: string): boolean =>
  held === undefined || (Object.hasOwn(held, holder) && held[holder]?.includes(column) === true);

/** What is wrong with `held`, which names every holder and, between them, every column. */
export function heldErrors(
  { held, columns }: CohortSection,
  holders: readonly string[],
): InputError[] {
  if (held === undefined) return [];
  const errors: InputError[] = [];
  const report = (code: string, ...at: readonly (string | number)[]): void => {
    errors.push({ pointer: pointerTo('/held', ...at), code });
  };
  for (const name of holders) if (!Object.hasOwn(held, name)) report('MISSING_FIELD', name);
  for (const [name, own] of Object.entries(held)) {
    if (!holders.includes(name)) report('UNKNOWN_HOLDER', name);
    own.forEach((column, i) => {
      if (!Object.hasOwn(columns, column)) report('UNKNOWN_COLUMN', name, i);
    });
  }
  const named = new Set(Object.values(held).flat());
  for (const column of Object.keys(columns)) {
    if (!named.has(column))
      errors.push({ pointer: pointerTo('/columns', column), code: 'HELD_BY_NOBODY' });
  }
  return errors;
}
