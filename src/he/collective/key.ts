/**
 * The collective key of one flow, and this holder's additive share of it.
 *
 *     holder i: s_i ←$ {−1, 0, 1}^n          the key is s = Σ s_i, and nobody ever computes it
 *
 * Paper      Asharov et al., ePrint 2011/613; Mouchet et al., ePrint 2020/304. In seeded symmetric
 *            mode each holder encrypts under its own s_i, so that no public key exists and nothing
 *            is exchanged to make the key.
 * Assumption RLWE with a ternary secret, parameters checked by security.ts when a share is made.
 * Adversary  all other holders and the sandbox together know nothing of s_i but its RLWE samples
 *            and smudged products. Losing one share ends an n-of-n key: the next epoch needs all.
 * Rulings 2  a collective key belongs to one flow: its id is a digest of study, flow, epoch,
 *            attempt and the sorted holders, and every c1 is derived from it.
 * Limits     at most 2^20 ciphertexts under one key, then a new epoch; the caller counts durably.
 * @module
 */
import { type Cbor, decodeCbor, encodeCbor } from '../../base/codec.ts';
import { check, Refusal } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../../base/hash.ts';
import { MAX_HOLDERS } from '../../base/limits.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import type { Parameters } from '../ring/parameters.ts';
import { type Ring, type Values, valuesOf } from '../ring/polynomial.ts';
import { drawTernary, isTernary, loadSecret, type TernaryKey } from '../ring/ternary.ts';
import { MIN_HOLDERS, smudgingFor } from '../security.ts';

export type KeyIdentity = {
  readonly study: Digest;
  /** The flow that the key serves, such as 'pooled-aggregate'. */
  readonly flow: string;
  readonly epoch: number;
  readonly attempt: number;
  /** Names of all holders, 2 to 16, in any order. */
  readonly holders: readonly string[];
};

export type KeyShare = TernaryKey & {
  readonly key: Digest;
  /** Number of holders of the key: decides the smudging. */
  readonly holders: number;
};

const FORMAT = 'kakehashi/he-share/1';

/** Names are compared as sequences of UTF-16 code units, as RFC 8785 sorts keys. */
const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The id of a collective key; equal for every order of the holders. */
export function keyId({ study, flow, epoch, attempt, holders }: KeyIdentity): Digest {
  check(DIGEST_PATTERN.test(study), 'INVALID_PARAMETER', 'study digest');
  check(flow.length > 0, 'INVALID_PARAMETER', 'flow name');
  check(
    holders.length >= MIN_HOLDERS && holders.length <= MAX_HOLDERS,
    'INVALID_PARAMETER',
    `${holders.length} holders`,
  );
  const distinct = new Set(holders).size === holders.length && !holders.includes('');
  check(distinct, 'INVALID_PARAMETER', 'holder names');
  const sorted = [...holders].sort(byCodeUnits);
  return transcriptDigest('kakehashi/he-key/1', [study, flow, epoch, attempt, ...sorted]);
}

/**
 * A fresh share for this holder. Refuses with ENCRYPTION_PARAMETERS what does not reach the target
 * with that many holders.
 */
export function createKeyShare(parameters: Parameters, identity: KeyIdentity, rng: Rng): KeyShare {
  const key = keyId(identity);
  const holders = identity.holders.length;
  smudgingFor(parameters, holders);
  const secret = drawTernary(parameters, 'key share', rng);
  return { parameters: parameters.id, key, holders, secret };
}

/** The share as bytes for a key file, which must be encrypted. */
export function serializeKeyShare({ parameters, key, holders, secret }: KeyShare): Secret {
  const ternary = secret.expose();
  return new Secret(
    'serialized key share',
    encodeCbor({ format: FORMAT, parameters, key, holders, ternary }),
  );
}

/** The inverse; refuses every other content, and another parameter set, with KEY_FILE_INVALID. */
export function parseKeyShare(parameters: Parameters, serialized: Secret): KeyShare {
  const invalid = 'KEY_FILE_INVALID';
  let value: Cbor;
  try {
    value = decodeCbor(serialized.expose());
  } catch (cause) {
    throw new Refusal(invalid, 'key share encoding', undefined, { cause });
  }
  check(typeof value === 'object' && value !== null && 'ternary' in value, invalid, 'key share');
  const { format, parameters: id, key, holders, ternary, ...rest } = value;
  check(format === FORMAT && Object.keys(rest).length === 0, invalid, 'key share format');
  check(id === parameters.id, invalid, 'parameter set of the key share');
  check(typeof key === 'string' && DIGEST_PATTERN.test(key), invalid, 'key id');
  check(
    Number.isInteger(holders) &&
      typeof holders === 'number' &&
      holders >= MIN_HOLDERS &&
      holders <= MAX_HOLDERS,
    invalid,
    'holders of the key',
  );
  check(
    ternary instanceof Uint8Array && isTernary(parameters, ternary),
    invalid,
    'key share coefficients',
  );
  return { parameters: id, key, holders, secret: new Secret('key share', ternary.slice()) };
}

/** The transform of s_i. The caller wipes it. */
export function secretValues(ring: Ring, share: KeyShare): Values {
  loadSecret(ring, share, 0);
  const values = valuesOf(ring.machine.read(0));
  ring.machine.wipe(0);
  return values;
}
