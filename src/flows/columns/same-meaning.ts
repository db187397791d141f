/** Equality of parts of a plan, which are in normal form: equal text, equal meaning. @module */
import { canonicalJson } from '../../base/canonical-json.ts';
import { plainJson } from '../../cohort/plan-digest.ts';

export const sameMeaning = (a: unknown, b: unknown): boolean =>
  canonicalJson(plainJson(a)) === canonicalJson(plainJson(b));
