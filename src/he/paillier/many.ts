/**
 * Many encryptions or decryptions at once, as batches (base/batches.ts) that threads can share.
 *
 *     paillier-encrypt   [plaintexts, exponents]            → ciphertexts, base^exponent as randomness
 *     paillier-decrypt   [p and q, ciphertexts, blinds]     → plaintexts
 *
 * Numbers are big endian: n bytes for what is below n, 2n bytes for a ciphertext. Randomness is drawn by the
 * caller and is an input. Inputs are secret and overwritten when the batch is done; the bigints made of them
 * cannot be.
 *
 * Assumption, adversary and timing are those of encryption.ts, randomiser.ts and private-key.ts.
 * @module
 */
import type { Cbor } from '../../base/codec.ts';
import { concatAll } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { type BatchHandler, type Batches, ownThread } from '../../base/batches.ts';
import { type Ciphertext, checkPlaintext, checkSameKey, trusted } from './encryption.ts';
import { fromBytes, toFixedBytes, uniformBits, uniformPositive } from './integers.ts';
import { PrivateKey } from './private-key.ts';
import { type PublicKey, publicKeyUnsafe } from './public-key.ts';
import type { FixedBase } from './randomiser.ts';

export type PaillierBatchKind = 'paillier-encrypt' | 'paillier-decrypt';

type Count = { readonly count: number; readonly bytes: number };
type Encryption = Count & { readonly n: Uint8Array; readonly base: Uint8Array };

function demand(condition: boolean, what: string): asserts condition {
  check(condition, 'INVALID_PARAMETER', `${what} of a batch`);
}

function readCount(params: Cbor): Count {
  demand(typeof params === 'object' && params !== null, 'parameters');
  const { count, bytes } = params as Readonly<Record<string, Cbor>>;
  demand(typeof count === 'number' && count >= 0, 'count');
  demand(typeof bytes === 'number' && bytes > 0, 'length of the modulus');
  return { count, bytes };
}

function readEncryption(params: Cbor): Encryption {
  const { n, base } = params as Readonly<Record<string, Cbor>>;
  demand(n instanceof Uint8Array && base instanceof Uint8Array, 'modulus and base');
  return { ...readCount(params), n, base };
}

/** Number `index` of `input`, which holds `count` of them. */
function numberAt(input: Uint8Array | undefined, count: number, index: number): bigint {
  demand(input !== undefined && count > 0 && input.length % count === 0, 'numbers');
  const each = input.length / count;
  return fromBytes(input.subarray(index * each, (index + 1) * each));
}

let last: PublicKey | undefined;

/** Setting up powers mod n² takes as long as some twenty of them: the last key is kept. It is public. */
function keyOf(n: bigint): PublicKey {
  if (last?.n !== n) last = publicKeyUnsafe(n);
  return last;
}

const encryptMany: BatchHandler = {
  size: (params) => {
    const { count, bytes } = readCount(params);
    return { items: count, itemBytes: 2 * bytes };
  },
  fill: ([plaintexts, exponents], params, out, from, to) => {
    const { count, bytes, ...keyed } = readEncryption(params);
    const { n, nSquared, power } = keyOf(fromBytes(keyed.n));
    const base = fromBytes(keyed.base);
    for (let i = from; i < to; i++) {
      const residue = power.power(base, numberAt(exponents, count, i));
      const value = ((1n + numberAt(plaintexts, count, i) * n) * residue) % nSquared;
      out.set(toFixedBytes(value, 2 * bytes), i * 2 * bytes);
    }
  },
};

const decryptMany: BatchHandler = {
  size: (params) => {
    const { count, bytes } = readCount(params);
    return { items: count, itemBytes: bytes };
  },
  fill: ([primes, ciphertexts, blinds], params, out, from, to) => {
    const { count, bytes } = readCount(params);
    using key = PrivateKey.fromCheckedPrimes(numberAt(primes, 2, 0), numberAt(primes, 2, 1));
    for (let i = from; i < to; i++) {
      const c = numberAt(ciphertexts, count, i);
      const plaintext = key.blindedPlaintext(c, numberAt(blinds, count, i));
      out.set(toFixedBytes(plaintext, bytes), i * bytes);
    }
  },
};

export const PAILLIER_BATCHES: Readonly<Record<PaillierBatchKind, BatchHandler>> = {
  'paillier-encrypt': encryptMany,
  'paillier-decrypt': decryptMany,
};

const HERE = ownThread(PAILLIER_BATCHES);

const modulusBytes = ({ bits }: PublicKey): number => Math.ceil(bits / 8);

const numbers = (values: readonly bigint[], length: number): Uint8Array =>
  concatAll(values.map((value) => toFixedBytes(value, length)));

/** The numbers that a batch gives. Its inputs are overwritten. */
async function runNumbers(
  batches: Batches,
  kind: PaillierBatchKind,
  inputs: readonly Uint8Array[],
  params: Count & Readonly<Record<string, Cbor>>,
): Promise<bigint[]> {
  try {
    const out = await batches.run({ kind, inputs, params, secret: true });
    return Array.from({ length: params.count }, (_, i) => numberAt(out, params.count, i));
  } finally {
    for (const bytes of inputs) bytes.fill(0);
  }
}

/** `encrypt` of each plaintext, in order; `batches` may be worker threads. */
export async function encryptAll(
  randomiser: FixedBase,
  plaintexts: readonly bigint[],
  rng: Rng,
  batches: Batches = HERE,
): Promise<Ciphertext[]> {
  const { publicKey, base, exponentBits } = randomiser;
  for (const m of plaintexts) checkPlaintext(publicKey, m);
  const bytes = modulusBytes(publicKey);
  const exponents = plaintexts.map(() => uniformBits(exponentBits, rng));
  const values = await runNumbers(
    batches,
    'paillier-encrypt',
    [numbers(plaintexts, bytes), numbers(exponents, Math.ceil(exponentBits / 8))],
    {
      ...{ count: plaintexts.length, bytes },
      n: toFixedBytes(publicKey.n, bytes),
      base: toFixedBytes(base, 2 * bytes),
    },
  );
  return values.map((value) => trusted(publicKey, value));
}

/** `decrypt` of each ciphertext, in order. `batches` get p and q; as worker threads they forget them. */
export async function decryptAll(
  key: PrivateKey,
  ciphertexts: readonly Ciphertext[],
  rng: Rng,
  batches: Batches = HERE,
): Promise<bigint[]> {
  for (const { publicKey } of ciphertexts) checkSameKey(key.publicKey, publicKey);
  const { n } = key.publicKey;
  const bytes = modulusBytes(key.publicKey);
  const [p, q] = key.primes();
  using first = p;
  using second = q;
  const primes = [fromBytes(first.expose()), fromBytes(second.expose())];
  const blinds = ciphertexts.map(() => uniformPositive(n, rng));
  const values = ciphertexts.map(({ value }) => value);
  return await runNumbers(
    batches,
    'paillier-decrypt',
    [numbers(primes, bytes), numbers(values, 2 * bytes), numbers(blinds, bytes)],
    { count: values.length, bytes },
  );
}
