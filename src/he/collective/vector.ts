/**
 * A vector of integers under the parameter sets of a run: one set, or several over one ring whose
 * plaintext moduli are coprime (choose.ts; rulings 7). Each set has its own key, its own public
 * polynomials and its own masks; sums are joined by the Chinese remainder theorem once they are open.
 *
 *     bytes    [ ciphertexts of set 0 | of set 1 | ... ], packed polynomials of one length
 *     value    Σ over holders, in [−Πt/2, Πt/2): what security.ts proves of a set holds of each
 *
 * Every step is a batch over the polynomials (batches.ts), in this thread or in several.
 * Papers, adversary and limits are those of encrypt.ts, share.ts, masks.ts and combine.ts.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { Slots } from '../../kernels/rlwe.ts';
import type { Parameters } from '../ring/parameters.ts';
import { joinResidues, residuesOf } from '../rlwe/residues.ts';
import type { Batches } from '../../base/batches.ts';
import { ciphertextsFor } from './encrypt.ts';
import type { KeyShare } from './key.ts';
import { applyMask, applyMaskModulo, zeroSumMask, zeroSumMaskModulo } from './masks.ts';
import { inThread, type VectorBatchKind } from './vector-batches.ts';

/** At least one set; all of one ring, as chooseParameters gives them. */
export type Sets = readonly Parameters[];

/** The ring that all sets have: sums and lengths do not depend on the plaintext modulus. */
export function ringSetOf(sets: Sets): Parameters {
  const [first] = sets;
  check(
    first !== undefined &&
      sets.every(({ n, modulus }) => n === first.n && modulus === first.modulus),
    'INVALID_PARAMETER',
    'parameter sets of one ring',
  );
  return first;
}

/** Ciphertexts of a vector of `slots` integers, all sets together. */
export const vectorCiphertexts = (sets: Sets, slots: number): number =>
  sets.length * ciphertextsFor(ringSetOf(sets), slots);

/** Length of a contribution, a share and a sum. */
export const vectorBytes = (sets: Sets, slots: number): number =>
  vectorCiphertexts(sets, slots) * ringSetOf(sets).polynomialBytes;

export type MaskContext = {
  readonly holder: string;
  readonly peers: ReadonlyMap<string, Secret>;
  readonly run: Digest;
  readonly planDigest: Digest;
};

/** The residues of `values`, masked set by set. The caller wipes `values`; masks are wiped here. */
export function maskVector(sets: Sets, values: BigInt64Array, context: MaskContext): Slots[] {
  const { holder, peers, run, planDigest } = context;
  return sets.map(({ plaintextModulus: t }) => {
    const residues = residuesOf(values, t);
    if (residues instanceof Uint32Array) {
      const mask = zeroSumMask(holder, peers, run, planDigest, residues.length);
      const masked = applyMask(residues, mask);
      mask.fill(0);
      residues.fill(0);
      return masked;
    }
    const mask = zeroSumMaskModulo(holder, peers, run, planDigest, residues.length, t);
    const masked = applyMaskModulo(residues, mask, t);
    mask.fill(0n);
    residues.fill(0n);
    return masked;
  });
}

/** What a batch is told of a vector, of its key and its run. */
type Params = { readonly parameters: readonly string[]; readonly slots: number };
const paramsOf = (sets: Sets, slots: number): Params => {
  ringSetOf(sets);
  return { parameters: sets.map(({ id }) => id), slots };
};

export type Keys = {
  /** One for each set, in order: shares of one collective key. */
  readonly shares: readonly KeyShare[];
  readonly run: Digest;
};

function keyedParams(sets: Sets, { shares, run }: Keys, slots: number) {
  const [first] = shares;
  const fits =
    first !== undefined &&
    shares.length === sets.length &&
    shares.every(
      ({ key, holders, parameters }, i) =>
        key === first.key && holders === first.holders && parameters === sets[i]?.id,
    );
  check(fits, 'INVALID_PARAMETER', 'a key share for each parameter set');
  return { ...paramsOf(sets, slots), key: first.key, run, holders: first.holders };
}

/** The seed of a batch and the shares, as its secret inputs. */
async function withSecrets(
  { shares }: Keys,
  rng: Rng,
  use: (inputs: readonly Uint8Array[]) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  using seed = new Secret('batch seed', rng(32));
  return await use([seed.expose(), ...shares.map(({ secret }) => secret.expose())]);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Slots): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** This holder's contribution; `masked` as `maskVector` gives it, and overwritten here. */
export async function encryptVector(
  sets: Sets,
  keys: Keys,
  masked: readonly Slots[],
  rng: Rng,
  batches: Batches = inThread,
): Promise<Uint8Array> {
  const params = keyedParams(sets, keys, masked[0]?.length ?? 0);
  const kind: VectorBatchKind = 'rlwe-encrypt';
  const slots = masked.map(bytesOf);
  const out = await withSecrets(keys, rng, (secrets) =>
    batches.run({ kind, inputs: [...secrets, ...slots], params, secret: true }),
  );
  for (const bytes of slots) bytes.fill(0);
  return out;
}

/** The decryption share of a vector of `slots` integers. */
export function vectorShare(
  sets: Sets,
  keys: Keys,
  slots: number,
  rng: Rng,
  batches: Batches = inThread,
): Promise<Uint8Array> {
  const params = keyedParams(sets, keys, slots);
  const kind: VectorBatchKind = 'rlwe-share';
  return withSecrets(keys, rng, (inputs) => batches.run({ kind, inputs, params, secret: true }));
}

/** The sum of 2 to 16 contributions; refuses as sum.ts does. */
export function sumVectors(
  sets: Sets,
  contributions: readonly Uint8Array[],
  slots: number,
  batches: Batches = inThread,
): Promise<Uint8Array> {
  const kind: VectorBatchKind = 'rlwe-sum';
  return batches.run({ kind, inputs: contributions, params: paramsOf(sets, slots), secret: false });
}

/** The sums of all holders' values, from the sum and one share of every holder. */
export async function combineVector(
  sets: Sets,
  sum: Uint8Array,
  shares: readonly Uint8Array[],
  slots: number,
  batches: Batches = inThread,
): Promise<BigInt64Array> {
  const kind: VectorBatchKind = 'rlwe-combine';
  const params = paramsOf(sets, slots);
  return joinVector(
    sets,
    await batches.run({ kind, inputs: [sum, ...shares], params, secret: false }),
    slots,
  );
}

/** The sums, from the residues that a batch of combining gave. */
export function joinVector(sets: Sets, bytes: Uint8Array, slots: number): BigInt64Array {
  const each = (vectorCiphertexts(sets, slots) / sets.length) * ringSetOf(sets).n;
  check(bytes.length === 8 * each * sets.length, 'INTERNAL', 'residues of another vector');
  const whole = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const residues = sets.map(
    (_, i) => new BigInt64Array(whole.buffer, whole.byteOffset + 8 * i * each, slots),
  );
  const [only] = residues;
  if (only !== undefined && residues.length === 1) return only.slice();
  const moduli = sets.map(({ plaintextModulus }) => plaintextModulus);
  return BigInt64Array.from(joinResidues(residues, moduli));
}
