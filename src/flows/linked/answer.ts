/**
 * Step 5: Σ m_i g_i v_i for each cell g and column v, as ⟨a ∘ g, v⟩ + ⟨g, b ∘ v⟩ with m = a + b.
 *
 * A encrypts a ∘ g and g. B multiplies by what it knows and adds its whole noise before A can open anything:
 * A sees a result with B's noise, then adds its own whole noise, and that is what the others
 * get. A coalition with either holder is left with the other's noise.
 * @module
 */
import type { Rng } from '../../base/rng.ts';
import { FIELD_PRIME, multiplyAll } from '../../psi/tokens/prime-field.ts';
import type { Noise } from '../ports.ts';
import type { CheckedGroups, CheckedValues } from './check.ts';
import type { LinkedRun } from './ports.ts';
import { ANSWER_BYTES, columnBytes, weightsOf } from './run-key.ts';
import { KIND, receiveLong, sendLong } from './wire.ts';

const T = BigInt(FIELD_PRIME);

/** This holder's noise of every cell of every column, in the order of the released vector. */
const noiseOf = ({ plan, ticket }: LinkedRun, noise: Noise): Promise<BigInt64Array> =>
  noise.draw(ticket, plan.noise);

/** The representative of x nearest to zero. */
function centred(x: bigint): bigint {
  const rest = ((x % T) + T) % T;
  return 2n * rest > T ? rest - T : rest;
}

/** A's part: the vector with the noise of both. */
export async function openAnswers(run: CheckedGroups, noise: Noise): Promise<BigInt64Array> {
  const { peer, plan, key, share, vectors } = run;
  const out = await noiseOf(run, noise);
  for (const group of vectors) {
    const masked = multiplyAll(share, group);
    await sendLong(peer, KIND.column, key.encrypt(masked));
    await sendLong(peer, KIND.column, key.encrypt(group));
    masked.fill(0);
  }
  for (let cell = 0; cell < plan.cells; cell += 1) {
    for (let at = cell; at < out.length; at += plan.cells) {
      const opened = key.open(await receiveLong(peer, KIND.answer, ANSWER_BYTES));
      out[at] = centred(opened + (out[at] ?? 0n));
    }
  }
  return out;
}

/** B's weights: v, and b ∘ v, of each column. */
const weightsOfColumns = ({ plan, share, vectors }: CheckedValues) =>
  vectors.map((values, column) => ({
    values: weightsOf(values, plan.columns[column]?.bound),
    shares: weightsOf(multiplyAll(share, values)),
  }));

/** B's part: everything that A opens, cell by cell, with B's noise in it. */
export async function answer(run: CheckedValues, noise: Noise, rng: Rng): Promise<void> {
  const { peer, plan, columns } = run;
  const own = await noiseOf(run, noise);
  const weights = weightsOfColumns(run);
  const length = columnBytes(plan.length);
  for (let cell = 0; cell < plan.cells; cell += 1) {
    const masked = columns.read(await receiveLong(peer, KIND.column, length));
    const group = columns.read(await receiveLong(peer, KIND.column, length));
    for (const [column, { values, shares }] of weights.entries()) {
      const terms = [[masked, values] as const, [group, shares] as const];
      const added = own[column * plan.cells + cell] ?? 0n;
      await sendLong(peer, KIND.answer, columns.product(terms, added, rng));
    }
  }
  own.fill(0n);
}
