/** The words of an amendment: what changed, whether that allows more or less, and what is refused. @module */
import { canonicalJson } from '../base/canonical-json.ts';
import type { NeverCode } from './amendment-table.ts';

/** `alters`: neither more nor less, so that all must sign. */
export type Effect = 'widens' | 'narrows' | 'alters';
export type Change = { readonly effect: Effect; readonly words: string };

export type Refuse = (code: NeverCode, ...at: readonly (string | number)[]) => void;
export type Found = (effect: Effect, words: string) => void;

export const same = (a: unknown, b: unknown): boolean =>
  canonicalJson(a ?? null) === canonicalJson(b ?? null);

/** What `after` has and `before` has not. */
export const added = <T>(before: readonly T[], after: readonly T[]): T[] =>
  after.filter((one) => !before.includes(one));

/** Words for members of a list that come and go: more of them is wider. */
export function listChanges(
  what: string,
  before: readonly string[],
  after: readonly string[],
  found: Found,
): void {
  for (const one of added(before, after)) found('widens', `${what} ${one} added`);
  for (const one of added(after, before)) found('narrows', `${what} ${one} removed`);
}
