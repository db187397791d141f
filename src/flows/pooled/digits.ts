/**
 * The noised values of a holder as what the encryption carries, and sums of that back as sums of
 * values (cohort/compile.ts, "two slots").
 *
 * A run with two digits has v mod 2^24 in its low slots and (v − v mod 2^24)/2^24 in its high
 * ones. With n holders a low slot sums to less than n·2^24, a high one is as small as the plan
 * made sure, so nothing wraps and Σv = Σhigh·2^24 + Σlow exactly.
 * @module
 */
import { check } from '../../base/errors.ts';
import { carriedLength, runsOf } from '../../cohort/blocks.ts';
import type { Plan } from '../../cohort/plan.ts';

type Layout = Pick<Plan, 'blocks' | 'cells' | 'values'>;

const BITS = 24n;

/** The values of one holder, digit by digit. `values` may be of any sign. */
export function toDigits(plan: Layout, values: BigInt64Array): BigInt64Array {
  check(values.length === plan.values, 'INTERNAL', 'vector length');
  const carried = new BigInt64Array(carriedLength(plan));
  let [from, to] = [0, 0];
  for (const { components, digits } of runsOf(plan)) {
    const length = plan.cells * components;
    const run = values.subarray(from, from + length);
    if (digits === 1) carried.set(run, to);
    else {
      carried.set(
        run.map((value) => BigInt.asUintN(Number(BITS), value)),
        to,
      );
      carried.set(
        run.map((value) => value >> BITS),
        to + length,
      );
    }
    from += length;
    to += length * digits;
  }
  return carried;
}

/** Sums of what `toDigits` gave, as sums of values. */
export function fromDigits(plan: Layout, carried: BigInt64Array): BigInt64Array {
  check(carried.length === carriedLength(plan), 'INTERNAL', 'slots of one layout');
  const values = new BigInt64Array(plan.values);
  let [from, to] = [0, 0];
  for (const { components, digits } of runsOf(plan)) {
    const length = plan.cells * components;
    const low = carried.subarray(from, from + length);
    if (digits === 1) values.set(low, to);
    else {
      const high = carried.subarray(from + length, from + 2 * length);
      values.set(
        low.map((value, i) => ((high[i] ?? 0n) << BITS) + value),
        to,
      );
    }
    from += length * digits;
    to += length;
  }
  return values;
}
