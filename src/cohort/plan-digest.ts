/**
 * The digest on which holders agree before any of them reserves budget: every field of the
 * plan, in RFC 8785 form, integers and fractions as text.
 * @module
 */
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { Rational } from '../base/rational.ts';
import { transcriptDigest } from '../base/transcript.ts';
import type { Plan } from './plan.ts';

/** Integers and fractions as text, absent as null. */
export function plainJson(value: unknown): Json {
  if (typeof value === 'bigint' || value instanceof Rational) return value.toString();
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(plainJson);
  check(typeof value === 'object', 'INTERNAL', 'plan holds something else');
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plainJson(item)]));
}

export const planDigest = (plan: Plan): Digest =>
  transcriptDigest('kakehashi/plan/3', [canonicalJson(plainJson(plan))]);
