/**
 * Over every parameter set that the plan of a study can name, for 2 and 16 holders: measured noise is
 * within the proven bound before and after smudging, the same for every plaintext, and far enough from zero
 * to be a measurement; sums of extremes come out exact.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { chooseParameters } from '../../../src/he/choose.ts';
import { encryptSeeded } from '../../../src/he/collective/encrypt.ts';
import { createKeyShare, secretValues } from '../../../src/he/collective/key.ts';
import { publicValues } from '../../../src/he/collective/seed.ts';
import { decryptionShare } from '../../../src/he/collective/share.ts';
import {
  combineVector,
  encryptVector,
  sumVectors,
  vectorShare,
} from '../../../src/he/collective/vector.ts';
import type { Slots } from '../../../src/kernels/rlwe.ts';
import { unpack } from '../../../src/he/ring/pack.ts';
import type { Parameters } from '../../../src/he/ring/parameters.ts';
import { encode } from '../../../src/he/ring/plaintext.ts';
import { type Coefficients, ringOf } from '../../../src/he/ring/polynomial.ts';
import { residuesOf } from '../../../src/he/rlwe/residues.ts';
import { noiseRoom, smudgingFor } from '../../../src/he/security.ts';
import { centredIntegers, digest, identityOf, seededRng } from '../support.ts';

const RUN = digest('noise-range');
/** Bits of the largest sum: every step of t, the larger ring, two moduli. */
const BITS = [31n, 35n, 39n, 43n, 47n, 51n, 55n, 61n];

const setsFor = (bits: bigint, holders: number): readonly Parameters[] =>
  chooseParameters({ largestSum: 2n ** bits - 1n, ciphertexts: 2 ** 20, holders, mode: 'seeded' })
    .sets;

const SETS = new Map<string, readonly [Parameters, number]>();
for (const holders of [2, 16]) {
  for (const bits of BITS) {
    for (const set of setsFor(bits, holders)) SETS.set(`${set.id}, ${holders}`, [set, holders]);
  }
}

const largest = (values: readonly bigint[]): bigint =>
  values.reduce((most, x) => (x > most ? x : -x > most ? -x : most), 0n);

/** Noise of the sum of every holder's encryption of `slots`: before smudging, and in what is opened. */
function measured(parameters: Parameters, holders: number, slots: Slots) {
  const ring = ringOf(parameters);
  const identity = identityOf(holders);
  const add = (parts: readonly Coefficients[]): Coefficients =>
    parts.reduce((sum, part) => ring.add(sum, part));
  const keys = identity.holders.map((name) =>
    createKeyShare(parameters, identity, seededRng(`range/${name}`)),
  );
  const c0 = add(
    keys.map((key, i) =>
      unpack(parameters, encryptSeeded(parameters, key, RUN, slots, seededRng(`range/e/${i}`))),
    ),
  );
  const c1 = publicValues(parameters, keys[0]?.key ?? '', RUN, 0);
  const shares = add(
    keys.map((key, i) =>
      unpack(parameters, decryptionShare(parameters, key, RUN, 1, seededRng(`range/s/${i}`))),
    ),
  );
  const exact = add(keys.map((key) => ring.product(c1, secretValues(ring, key))));
  const code = add(keys.map(() => encode(ring, slots)));
  const noise = (opened: Coefficients): bigint[] =>
    centredIntegers(parameters, ring.subtract(ring.add(c0, opened), code));
  return { before: noise(exact), after: noise(shares) };
}

describe('noise', () => {
  test('the sets are of both rings, of several t, and of a modulus that is no power of two', () => {
    const ids = [...SETS.keys()];
    for (const part of ['4096-106-t32', '4096-106-t40', '8192-214-t56', '-m1099511627689']) {
      ok(
        ids.some((id) => id.includes(part)),
        part,
      );
    }
    ok(ids.length >= 14, `${ids.length} cases`);
  });

  test.each([...SETS])('%s holders', (_, [parameters, holders]) => {
    const { noiseBound, totalNoise, wordBits } = smudgingFor(parameters, holders);
    const t = parameters.plaintextModulus;
    const fill = (value: bigint): Slots =>
      residuesOf(new BigInt64Array(parameters.n).fill(value), t);
    const zeros = measured(parameters, holders, fill(0n));
    ok(Rational.of(largest(zeros.before)).atMost(noiseBound));
    ok(Rational.of(largest(zeros.after)).atMost(totalNoise));
    ok(totalNoise.compare(noiseRoom(parameters)) < 0);
    // Errors of deviation sqrt(21 h / 2), the largest of some thousands.
    ok(largest(zeros.before) >= BigInt(Math.floor(2 * Math.sqrt(10.5 * holders))));
    // Every holder smudges by the law of so many holders: variance 8 (4^w − 1) / 12 each, within four deviations.
    const squares = zeros.after.reduce((sum, x) => sum + (Number(x) / 2 ** wordBits) ** 2, 0);
    const ratio = squares / parameters.n / ((holders * 8) / 12);
    ok(Math.abs(ratio - 1) < 4 * Math.sqrt(2 / parameters.n), `${ratio}`);
    // The code of a slot is rounded: up to 1/2 a holder, and no other trace of the plaintext.
    for (const value of [1n, t / 2n - 1n, -(t / 2n)]) {
      const other = measured(parameters, holders, fill(value));
      const moved = other.before.map((x, j) => x - (zeros.before[j] ?? 0n));
      ok(largest(moved) === 0n, 'noise about the rounded code');
      deepStrictEqual(other.after, zeros.after);
    }
  });
});

test('every ciphertext of a vector has errors and smudging of its own', () => {
  const [parameters] = setsFor(31n, 2);
  ok(parameters !== undefined);
  const ring = ringOf(parameters);
  const key = createKeyShare(parameters, identityOf(2), seededRng('own/key'));
  const values = secretValues(ring, key);
  const { n, polynomialBytes } = parameters;
  // Both encrypt zeros, so that c0 + c1 s is the error alone; a share without c1 s is its smudging.
  const c0 = encryptSeeded(parameters, key, RUN, new Uint32Array(2 * n), seededRng('own/e'));
  const h = decryptionShare(parameters, key, RUN, 2, seededRng('own/s'));
  const at = (bytes: Uint8Array, index: number): Coefficients =>
    unpack(parameters, bytes.slice(index * polynomialBytes, (index + 1) * polynomialBytes));
  const product = (index: number): Coefficients =>
    ring.product(publicValues(parameters, key.key, RUN, index), values);
  const errors = [0, 1].map((i) => centredIntegers(parameters, ring.add(at(c0, i), product(i))));
  const smudging = [0, 1].map((i) =>
    centredIntegers(parameters, ring.subtract(at(h, i), product(i))),
  );
  for (const [first = [], second = []] of [errors, smudging]) {
    // Two draws of one coefficient are equal with probability 0.12 (binomial of 42 at its middle) or next to none.
    const equal = first.filter((x, j) => x === second[j]).length;
    ok(equal < n / 4, `${equal} of ${n}`);
  }
  // Control: they are errors and smudging, not something larger.
  ok(largest(errors.flat()) <= 21n && largest(smudging.flat()) < parameters.modulus / 2n ** 33n);
});

test.each(BITS)('sums of 16 holders up to ±(2^%s − 1) are exact', async (bits) => {
  const sets = setsFor(bits, 16);
  const identity = identityOf(16);
  const part = (2n ** bits - 1n) / 16n;
  const values = [part, -part, 0n, 1n, -1n, part - 1n];
  const vectors = identity.holders.map((__, i) =>
    BigInt64Array.from(values, (value) => (i % 2 === 0 || value > 1n ? value : value + 1n)),
  );
  const keys = identity.holders.map((name) => ({
    shares: sets.map((set) => createKeyShare(set, identity, seededRng(`exact/${name}/${set.id}`))),
    run: RUN,
  }));
  const inputs = await Promise.all(
    keys.map((own, i) =>
      encryptVector(
        sets,
        own,
        sets.map((set) => residuesOf(vectors[i] ?? new BigInt64Array(0), set.plaintextModulus)),
        seededRng(`exact/${i}`),
      ),
    ),
  );
  const sum = await sumVectors(sets, inputs, values.length);
  const shares = await Promise.all(
    keys.map((own, i) => vectorShare(sets, own, values.length, seededRng(`exact/s/${i}`))),
  );
  deepStrictEqual(
    await combineVector(sets, sum, shares, values.length),
    BigInt64Array.from(values, (__, j) =>
      vectors.reduce((total, vector) => total + (vector[j] ?? 0n), 0n),
    ),
  );
});
