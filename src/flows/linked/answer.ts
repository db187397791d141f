/**
 * Step 5: Σ m_i g_i v_i for each group g and measure v, as ⟨a ∘ g, v⟩ + ⟨g, b ∘ v⟩ with m = a + b.
 *
 * A encrypts a ∘ g and g. B multiplies by what it knows and adds its whole noise before A can open anything:
 * A sees a result with B's noise, then adds its own whole noise, and that is what B and the sandbox
 * get. A coalition with either holder is left with the other's noise.
 * @module
 */
import type { Rng } from '../../base/rng.ts';
import { FIELD_PRIME, multiplyAll } from '../../psi/tokens/prime-field.ts';
import type { Noise } from '../ports.ts';
import type { CheckedGroups, CheckedValues } from './check.ts';
import { linkedNoiseRuns } from './noise-runs.ts';
import { cellsOf, type LinkedPlan } from './plan.ts';
import type { ReservedRun } from './reserve.ts';
import { ANSWER_BYTES, columnBytes, weightsOf } from './run-key.ts';
import { cellBytes, KIND, readCells, receiveLong, sendLong } from './wire.ts';

const T = BigInt(FIELD_PRIME);

/** This holder's noise of every cell: group by group, measure by measure in each. */
async function noiseOf(
  { plan, ticket }: Pick<ReservedRun, 'plan' | 'ticket'>,
  noise: Noise,
): Promise<BigInt64Array> {
  const count = plan.groups.length;
  const drawn = await noise.draw(ticket, linkedNoiseRuns(plan));
  const width = plan.measures.length;
  return drawn.map((_, cell) => drawn[(cell % width) * count + Math.floor(cell / width)] ?? 0n);
}

/** The representative of x nearest to zero. */
function centred(x: bigint): bigint {
  const rest = ((x % T) + T) % T;
  return 2n * rest > T ? rest - T : rest;
}

/** A's part: every cell with the noise of both. */
export async function openAnswers(run: CheckedGroups, noise: Noise): Promise<BigInt64Array> {
  const { peer, plan, key, share, vectors } = run;
  const own = await noiseOf(run, noise);
  for (const group of vectors) {
    const masked = multiplyAll(share, group);
    await sendLong(peer, KIND.column, key.encrypt(masked));
    await sendLong(peer, KIND.column, key.encrypt(group));
    masked.fill(0);
  }
  const cells = new BigInt64Array(cellsOf(plan));
  for (let cell = 0; cell < cells.length; cell += 1) {
    const opened = key.open(await receiveLong(peer, KIND.answer, ANSWER_BYTES));
    cells[cell] = centred(opened + (own[cell] ?? 0n));
  }
  own.fill(0n);
  await peer.send(KIND.result, cellBytes(cells));
  await run.sandbox.send(KIND.released, cellBytes(cells));
  return cells;
}

/** B's weights: v, and b ∘ v, of each measure. */
const weightsOfMeasures = ({ plan, share, vectors }: CheckedValues) =>
  vectors.map((values, measure) => ({
    values: weightsOf(values, plan.measures[measure]?.bound),
    shares: weightsOf(multiplyAll(share, values)),
  }));

/** B's part: the cells as A sends them on. */
export async function answer(run: CheckedValues, noise: Noise, rng: Rng): Promise<BigInt64Array> {
  const { peer, plan, columns } = run;
  const own = await noiseOf(run, noise);
  const weights = weightsOfMeasures(run);
  const length = columnBytes(plan.length);
  let cell = 0;
  for (const _ of plan.groups) {
    const masked = columns.read(await receiveLong(peer, KIND.column, length));
    const group = columns.read(await receiveLong(peer, KIND.column, length));
    for (const { values, shares } of weights) {
      const terms = [[masked, values] as const, [group, shares] as const];
      await sendLong(peer, KIND.answer, columns.product(terms, own[cell] ?? 0n, rng));
      cell += 1;
    }
  }
  own.fill(0n);
  return receiveCells(plan, (size) => peer.receive(KIND.result, size));
}

export const receiveCells = async (
  plan: LinkedPlan,
  receive: (bytes: number) => Promise<Uint8Array>,
): Promise<BigInt64Array> => readCells(await receive(8 * cellsOf(plan)));
