/**
 * What each party of a private intersection-sum sees besides its result. Every attack is run where it
 * succeeds as well (a scheme that hides nothing, a total without mask): the positive control.
 */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { systemRng } from '../../../src/base/rng.ts';
import { FRAME_HEAD_BYTES } from '../../../src/psi/frames.ts';
import { distinctItems } from '../../../src/psi/items.ts';
import type { AdditiveKey, AdditiveScheme } from '../../../src/psi/sum/additive.ts';
import { slotsOf } from '../../../src/psi/sum/additive.ts';
import { KIND } from '../../../src/psi/sum/messages.ts';
import { receiveSums } from '../../../src/psi/sum/receiver.ts';
import { sendSums, type SumRows } from '../../../src/psi/sum/sender.ts';
import { both, ChannelPair, type Side } from '../ecdh/channel-pair.ts';
import { smallPaillier, toyEncode, toyScheme } from './schemes.ts';

const hashes = (people: readonly string[]): Uint8Array =>
  distinctItems(people, people.length).hashes;

const X = ['ada', 'ben', 'eve'];
const Y = ['ada', 'cid', 'dan', 'fay', 'gus', 'hal', 'ivy', 'joe'];
/** Distinct, so that a row shows by its value; ada is the match. */
const VALUES: SumRows = Y.map((_, row) => [1_000_003n * BigInt(row + 1)]);

/** A scheme that shows what the owner decrypts. */
function watched(scheme: AdditiveScheme, seen: bigint[][]): AdditiveScheme {
  const watch = (key: AdditiveKey): AdditiveKey => ({
    publicKey: key.publicKey,
    ciphertextBytes: key.ciphertextBytes,
    encryptRows: (rows, rng) => key.encryptRows(rows, rng),
    decrypt: (total, rng) => {
      const values = key.decrypt(total, rng);
      seen.push([...values]);
      return values;
    },
    [Symbol.dispose]: () => key[Symbol.dispose](),
  });
  return { ...scheme, generate: (slots, rng) => watch(scheme.generate(slots, rng)) };
}

async function run(scheme: AdditiveScheme) {
  const pair = new ChannelPair();
  const decrypted: bigint[][] = [];
  const options = { scheme: watched(scheme, decrypted), rng: systemRng };
  const result = await both(
    receiveSums(pair.left, hashes(X), options),
    sendSums(pair.right, hashes(Y), VALUES, options),
  );
  const bodies = (side: Side, kind: number): Uint8Array[] =>
    pair.sent[side].filter((f) => f[0] === kind).map((f) => f.subarray(FRAME_HEAD_BYTES));
  return { result, decrypted, bodies };
}

/** The rows of Y, in the order of the ciphertexts, that are read from the transcript. */
function rowsRead(ciphertexts: Uint8Array): number[] {
  const text = Buffer.from(ciphertexts).toString('latin1');
  return VALUES.map((values) => text.indexOf(Buffer.from(toyEncode(values)).toString('latin1')))
    .map((at, row) => [at, row] as const)
    .filter(([at]) => at >= 0)
    .sort(([a], [b]) => a - b)
    .map(([, row]) => row);
}

describe('the receiver sees', () => {
  test('no value: with the toy it reads all, with Paillier none', async () => {
    const toy = await run(toyScheme);
    equal(rowsRead(toy.bodies('right', KIND.ciphertexts)[0]!).length, Y.length);
    const real = await run(smallPaillier());
    equal(rowsRead(real.bodies('right', KIND.ciphertexts)[0]!).length, 0);
    deepStrictEqual(real.result, { cardinality: 1, sums: [1_000_003n] });
  });

  test('no order of Y: the match stands anywhere', async () => {
    const places = new Set<number>();
    // All at one of 8 places in 20 runs: 8^-19.
    for (let i = 0; i < 20; i++) {
      const { bodies } = await run(toyScheme);
      places.add(rowsRead(bodies('right', KIND.ciphertexts)[0]!).indexOf(0));
    }
    ok(places.size > 1);
    ok(!places.has(-1));
  });
});

describe('the sender sees', () => {
  const near = (seen: bigint, sum: bigint): boolean => {
    const distance = seen > sum ? seen - sum : sum - seen;
    return distance < 1n << 64n;
  };

  test('a total that is not the sum: the mask is far larger, and fresh', async () => {
    const scheme = smallPaillier();
    const slots = slotsOf(1);
    using key = scheme.generate(slots, systemRng);
    const pub = scheme.read(key.publicKey, slots);
    const chosen = await key.encryptRows([VALUES[0]!], systemRng);
    // Control: without a mask the owner of the key reads the sum.
    const [unmasked] = key.decrypt(pub.sum(chosen, systemRng), systemRng);
    ok(near(unmasked!, 1_000_003n));
    const totals = new Set<bigint>();
    for (let i = 0; i < 6; i++) {
      const { decrypted, result } = await run(toyScheme);
      deepStrictEqual(result.sums, [1_000_003n]);
      // Uniform in an interval of 2^91: within 2^64 of the sum with probability 2^-26.
      ok(!near(decrypted[0]![0]!, 1_000_003n));
      totals.add(decrypted[0]![0]!);
    }
    equal(totals.size, 6);
  });

  test('no trace of which ciphertexts were added: the total is randomised afresh', async () => {
    const scheme = smallPaillier();
    const slots = slotsOf(1);
    using key = scheme.generate(slots, systemRng);
    const pub = scheme.read(key.publicKey, slots);
    const ciphertexts = await key.encryptRows([[1n], [2n]], systemRng);
    const product = (sum: (c: readonly Uint8Array[]) => Uint8Array): string =>
      Buffer.from(sum(ciphertexts)).toString('hex');
    // Control: the toy's total is a function of the ciphertexts, so that the owner could search for them.
    const toy = toyScheme.read(Uint8Array.of(1), slots);
    const parts = [toyEncode([1n]), toyEncode([2n])];
    deepStrictEqual(toy.sum(parts, systemRng), toy.sum(parts, systemRng));
    ok(product((c) => pub.sum(c, systemRng)) !== product((c) => pub.sum(c, systemRng)));
  });
});
