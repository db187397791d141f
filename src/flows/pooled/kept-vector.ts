/** The vector that a holder keeps under the key of a query, so that asked again it has the same noise (rulings 9). @module */
import type { Digest } from '../../base/hash.ts';
import type { HolderPorts } from '../ports.ts';
import type { CompiledRun } from './compile-run.ts';
import { decodeVector, encodeVector } from './vector.ts';

type Ports = Pick<HolderPorts, 'ledger' | 'blobs'>;

/** The vector that was kept before, where there is one. */
export async function keptVector(
  run: Digest,
  values: number,
  { ledger, blobs }: Ports,
): Promise<BigInt64Array | undefined> {
  const digest = await ledger.vector(run);
  return digest === undefined ? undefined : decodeVector(await blobs.get(digest), values);
}

/** Durable before it is shown to anybody. */
export async function keepVector(
  run: Digest,
  vector: BigInt64Array,
  { ledger, blobs }: Ports,
): Promise<void> {
  await ledger.keepVector(run, await blobs.put(encodeVector(vector)));
}

/** The vector kept before, or the one that `make` gives, booked as spent before it touches data, and kept. */
export async function vectorOnce(
  { run, plan }: Pick<CompiledRun, 'run' | 'plan'>,
  ports: Ports,
  make: () => Promise<BigInt64Array>,
): Promise<BigInt64Array> {
  const kept = await keptVector(run, plan.values, ports);
  if (kept !== undefined) return kept;
  await ports.ledger.touch(run);
  const vector = await make();
  await keepVector(run, vector, ports);
  return vector;
}
