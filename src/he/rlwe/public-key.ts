/**
 * Encryption under a public key, by whoever has it.
 *
 *     key   crs = uniform polynomial of a public seed, p = −(crs s) + e         kept as values, packed
 *     ct    u ←$ {−1, 0, 1}^n, e0, e1 ← centred binomial
 *           c0 = p u + e0 + round(q m / t),   c1 = crs u + e1                    both sent, packed
 *
 * Papers     Lyubashevsky, Peikert, Regev, EUROCRYPT 2010; Fan, Vercauteren, ePrint 2012/144.
 * Assumption RLWE with ternary secrets; crs from a random oracle.
 * Adversary  passive. There is no check that a ciphertext or a key was made honestly.
 * Leakage    the number of blocks.
 * Limits     twice the bytes and noise of 2^22 instead of 2^5: smudging for a share of such a
 *            ciphertext needs n = 8192. **A share on a ciphertext that somebody crafted gives away
 *            the key** (rulings 2): see collective/public-share.ts.
 * @module
 */
import { fromHex } from '../../base/bytes.ts';
import { type Cbor, decodeCbor, encodeCbor } from '../../base/codec.ts';
import { check, refuseAs } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../../base/hash.ts';
import { MAX_HOLDERS } from '../../base/limits.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import type { Slots } from '../../kernels/rlwe.ts';
import { unpackInto } from '../ring/pack.ts';
import type { Parameters } from '../ring/parameters.ts';
import { addCode } from '../ring/plaintext.ts';
import { type Ring, ringOf } from '../ring/polynomial.ts';
import { BinomialErrors, UniformPolynomials } from '../ring/sample.ts';
import { type PieceStream, pieceStream } from '../ring/stream.ts';
import { loadSecret, type TernaryKey } from '../ring/ternary.ts';
import { checkLattice } from '../security.ts';
import { block, checkSlots, ciphertextsFor } from './symmetric.ts';

export type PublicKey = {
  /** Id of the parameter set. */
  readonly parameters: string;
  /** Id of the key; crs is derived from it. */
  readonly key: Digest;
  /** Holders of additive shares of the secret; 1 for a single owner. */
  readonly holders: number;
  /** p as values, packed. */
  readonly packed: Uint8Array;
};

const FORMAT = 'kakehashi/he-public-key/1';

/** Registers of this file; 0 to 3 are left to its callers. */
const [KEY, CRS, RANDOM] = [4, 5, 6];

/** crs of a key: one polynomial, at index 0. */
export const crsOf = (ring: Ring, key: Digest): UniformPolynomials =>
  new UniformPolynomials(ring, fromHex(crsId(ring.parameters, key)));

/** Names the crs of a key, and is its seed. */
export function crsId({ id }: Parameters, key: Digest): Digest {
  check(DIGEST_PATTERN.test(key), 'INVALID_PARAMETER', 'key id');
  return transcriptDigest('kakehashi/he-crs/1', [id, key]);
}

/** Packed values of −(crs s) + e, e fresh. **Once for one key**: two of them show e − e'. */
export function publicPart(ring: Ring, secret: TernaryKey, key: Digest, rng: Rng): Uint8Array {
  const { machine, parameters } = ring;
  using seed = new Secret('public key error seed', rng(32));
  machine.clear(KEY);
  new BinomialErrors(ring, seed).addTo(KEY);
  machine.forward(KEY);
  crsOf(ring, key).take(CRS, 0);
  loadSecret(ring, secret, RANDOM, -1);
  machine.multiplyAdd(KEY, CRS, RANDOM);
  const packed = new Uint8Array(parameters.polynomialBytes);
  machine.pack(KEY, packed);
  machine.wipe(KEY, RANDOM);
  return packed;
}

/** The public key of a single owner, such as the recipient of a result. */
export function ownPublicKey(
  parameters: Parameters,
  secret: TernaryKey,
  key: Digest,
  rng: Rng,
): PublicKey {
  checkLattice(parameters);
  const packed = publicPart(ringOf(parameters), secret, key, rng);
  return { parameters: parameters.id, key, holders: 1, packed };
}

/** Fresh encryptions of zero under one public key, as coefficients in registers. */
export class PublicZeros {
  readonly #ring: Ring;
  readonly #random: PieceStream;
  readonly #errors: BinomialErrors;

  /** Loads the key; nothing else may use registers 4 to 6 until `wipe`. Draws 64 bytes. */
  constructor(ring: Ring, publicKey: PublicKey, rng: Rng) {
    const same = publicKey.parameters === ring.parameters.id;
    check(same, 'INVALID_PARAMETER', 'public key of another parameter set');
    this.#ring = ring;
    unpackInto(ring, KEY, publicKey.packed);
    crsOf(ring, publicKey.key).take(CRS, 0);
    using random = new Secret('encryption randomness seed', rng(32));
    using errors = new Secret('encryption error seed', rng(32));
    this.#random = pieceStream(random.expose());
    this.#errors = new BinomialErrors(ring, errors);
  }

  /** Overwrites registers `c0` and `c1`, which are below 4. */
  into(c0: number, c1: number): void {
    const { machine, parameters } = this.#ring;
    // A piece yields 3/2 n coefficients on average.
    for (let filled = 0; filled < parameters.n; ) {
      const stream = this.#random(parameters.n / 2);
      filled = machine.ternary(stream, filled);
      stream.fill(0);
    }
    machine.clear(RANDOM);
    machine.addSmall(RANDOM);
    machine.forward(RANDOM);
    for (const [register, factor] of [
      [c0, KEY],
      [c1, CRS],
    ] as const) {
      machine.multiply(register, RANDOM, factor);
      machine.inverse(register);
      this.#errors.addTo(register);
    }
  }

  /** Zeroes the secret of the last encryption; call it when done. */
  wipe(...registers: readonly number[]): void {
    this.#ring.machine.wipe(RANDOM, ...registers);
  }
}

/**
 * Packed c0 and c1 of ceil(values.length / n) ciphertexts, in turn.
 *
 * @param values slots below t, 32-bit words where t ≤ 2^32 and 64-bit words above.
 * @param rng 64 bytes are drawn and expanded by AES-256-CTR.
 */
export function encryptPublic(
  parameters: Parameters,
  publicKey: PublicKey,
  values: Slots,
  rng: Rng,
): Uint8Array {
  const ring = ringOf(parameters);
  const count = ciphertextsFor(parameters, values.length);
  checkSlots(parameters, values);
  const { n, polynomialBytes } = parameters;
  const zeros = new PublicZeros(ring, publicKey, rng);
  const out = new Uint8Array(2 * count * polynomialBytes);
  for (let index = 0; index < count; index++) {
    zeros.into(0, 1);
    addCode(ring, 0, block(values, index, n));
    ring.machine.pack(0, out, 2 * index * polynomialBytes);
    ring.machine.pack(1, out, (2 * index + 1) * polynomialBytes);
  }
  zeros.wipe(0, 1);
  return out;
}

/** The key as bytes, for a message or a file. */
export const serializePublicKey = ({ parameters, key, holders, packed }: PublicKey): Uint8Array =>
  encodeCbor({ format: FORMAT, parameters, key, holders, packed });

/** The inverse; refuses every other content with MALFORMED_MESSAGE. */
export function parsePublicKey(parameters: Parameters, bytes: Uint8Array): PublicKey {
  const bad = 'MALFORMED_MESSAGE';
  const value: Cbor = refuseAs(bad, 'public key encoding', () => decodeCbor(bytes));
  check(typeof value === 'object' && value !== null && 'packed' in value, bad, 'public key');
  const { format, parameters: id, key, holders, packed, ...rest } = value;
  check(format === FORMAT && Object.keys(rest).length === 0, bad, 'public key format');
  check(id === parameters.id, bad, 'parameter set of the public key');
  check(typeof key === 'string' && DIGEST_PATTERN.test(key), bad, 'id of the public key');
  const counted = typeof holders === 'number' && Number.isInteger(holders);
  check(counted && holders >= 1 && holders <= MAX_HOLDERS, bad, 'holders of the public key');
  check(packed instanceof Uint8Array, bad, 'public polynomial');
  unpackInto(ringOf(parameters), KEY, packed);
  return { parameters: id, key, holders, packed: packed.slice() };
}
