/** The log by the definitions of RFC 9162 section 2.1, word for word and slow: the oracle. */
import { createHash } from 'node:crypto';

type Hash = Uint8Array;
const hash = (...parts: Uint8Array[]): Hash => {
  const state = createHash('sha256');
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
};
const k = (n: number): number => 2 ** (Math.ceil(Math.log2(n)) - 1);

/** Section 2.1.1, over leaf data. */
export function mth(d: readonly Uint8Array[]): Hash {
  if (d.length === 0) return hash();
  if (d.length === 1) return hash(Uint8Array.of(0), d[0] as Uint8Array);
  return hash(Uint8Array.of(1), mth(d.slice(0, k(d.length))), mth(d.slice(k(d.length))));
}

/** Section 2.1.3.1. */
export function path(m: number, d: readonly Uint8Array[]): Hash[] {
  if (d.length === 1) return [];
  const at = k(d.length);
  return m < at
    ? [...path(m, d.slice(0, at)), mth(d.slice(at))]
    : [...path(m - at, d.slice(at)), mth(d.slice(0, at))];
}

/** Section 2.1.4.1. */
export const proof = (m: number, d: readonly Uint8Array[]): Hash[] => subproof(m, d, true);

function subproof(m: number, d: readonly Uint8Array[], b: boolean): Hash[] {
  if (m === d.length) return b ? [] : [mth(d)];
  const at = k(d.length);
  return m <= at
    ? [...subproof(m, d.slice(0, at), b), mth(d.slice(at))]
    : [...subproof(m - at, d.slice(at), false), mth(d.slice(0, at))];
}
