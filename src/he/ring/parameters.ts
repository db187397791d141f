/**
 * The parameters of an RLWE ring: literal → checked → frozen. The rest of he/ trusts the type.
 *
 *     R_q = Z_q[X] / (X^n + 1), q = q_1 ... q_k with primes q_i ≡ 1 mod 2n, one limb each, so
 *     that every R_qi has a negacyclic transform and one coefficient is k residues (CRT).
 *
 * `checkParameters` proves shape only: distinct moduli, sizes, roots of unity. Whether a shape is
 * secure is asked of security.ts, before a key is made. Primality is proved by a test for the
 * literals below; a modulus from elsewhere is the caller's to prove.
 * @module
 */
import { check } from '../../base/errors.ts';
import { isNegacyclicRoot, NTT_MAX_N, NTT_MAX_Q, NTT_MIN_N } from '../../kernels/ntt.ts';

export type LimbLiteral = {
  /** A prime below 2^28, 1 modulo 2n. */
  readonly q: number;
  /** A primitive 2n-th root of unity modulo q. The protocol fixes it: c1 is drawn as values at its powers. */
  readonly psi: number;
};

export type ParametersLiteral = {
  /** Names the set on the wire and in signatures. */
  readonly id: string;
  readonly n: number;
  readonly limbs: readonly LimbLiteral[];
  /** t: slots are integers modulo t. A power of two from 2 to 2^60, or an odd number below 2^48. */
  readonly plaintextModulus: bigint;
  /** eta of the centred binomial error: variance eta/2, |e| ≤ eta; 21 gives sigma 3.24. */
  readonly errorEta: number;
};

export type Limb = LimbLiteral & {
  /** Bits of a packed residue: the bits of q. */
  readonly bits: number;
};

declare const checked: unique symbol;

export type Parameters = Omit<ParametersLiteral, 'limbs'> & {
  readonly limbs: readonly Limb[];
  readonly modulus: bigint;
  /** Bytes of one packed polynomial: for each limb n bits / 8. */
  readonly polynomialBytes: number;
  readonly [checked]: true;
};

/** At most this many limbs, for the exact decoding in plaintext.ts. */
export const MAX_LIMBS = 8;

/** log2 t if t is a power of two, else 0. */
export const plaintextBits = (t: bigint): number =>
  (t & (t - 1n)) === 0n ? t.toString(2).length - 1 : 0;

function checkPlaintextModulus(t: bigint): void {
  const bits = plaintextBits(t);
  const power = t >= 2n && bits > 0 && bits <= 60;
  // The bound of the odd ones is that of wasm/rlwe/plaintext.ts.
  const odd = t > 2n && t % 2n === 1n && t < 2n ** 48n;
  check(power || odd, 'INVALID_PARAMETER', `plaintext modulus ${t}`);
}

/** Refuses a literal of the wrong shape with INVALID_PARAMETER. */
export function checkParameters(literal: ParametersLiteral): Parameters {
  const { id, n, plaintextModulus, errorEta } = literal;
  check(/^[a-z0-9-]{1,64}$/.test(id), 'INVALID_PARAMETER', 'parameter id');
  check(
    Number.isInteger(Math.log2(n)) && n >= NTT_MIN_N && n <= NTT_MAX_N,
    'INVALID_PARAMETER',
    `ring dimension ${n}`,
  );
  checkPlaintextModulus(plaintextModulus);
  check(
    Number.isInteger(errorEta) && errorEta >= 1 && errorEta <= 31,
    'INVALID_PARAMETER',
    `error parameter ${errorEta}`,
  );
  const count = literal.limbs.length;
  check(count >= 1 && count <= MAX_LIMBS, 'INVALID_PARAMETER', `${count} limbs`);
  const distinct = new Set(literal.limbs.map(({ q }) => q)).size === count;
  check(distinct, 'INVALID_PARAMETER', 'repeated modulus');
  // Encoding divides by t modulo every limb.
  const coprime = literal.limbs.every(({ q }) => plaintextModulus % BigInt(q) !== 0n);
  check(coprime, 'INVALID_PARAMETER', 'plaintext modulus and limbs share a factor');
  const limbs = literal.limbs.map(({ q, psi }) => {
    check(
      Number.isInteger(q) && q < NTT_MAX_Q && q > 2 * n && q % (2 * n) === 1,
      'INVALID_PARAMETER',
      `modulus ${q}`,
    );
    check(isNegacyclicRoot(psi, n, q), 'INVALID_PARAMETER', `root of unity of ${q}`);
    return Object.freeze({ q, psi, bits: 32 - Math.clz32(q) });
  });
  return Object.freeze({
    id,
    n,
    plaintextModulus,
    errorEta,
    limbs: Object.freeze(limbs),
    modulus: limbs.reduce((product, { q }) => product * BigInt(q), 1n),
    polynomialBytes: limbs.reduce((sum, { bits }) => sum + (n * bits) / 8, 0),
  }) as Parameters;
}

/**
 * n = 4096 and q of 106 bits, the limit of the 2024 guidelines for 128 bits with a ternary secret
 * (Bossuat et al., ePrint 2024/463). The two largest primes 1 mod 8192 below 2^27 and
 * below 2^26; psi from the smallest generator candidate g = 2, 3, ... for which g^((q−1)/8192)
 * has order 8192. A packed polynomial has 54,272 bytes.
 */
const RING_4096 = {
  name: 'kakehashi-rlwe-4096-106',
  n: 4096,
  limbs: [
    { q: 134176769, psi: 51707741 },
    { q: 134111233, psi: 133095912 },
    { q: 67084289, psi: 14362246 },
    { q: 67043329, psi: 54277638 },
  ],
};

/**
 * n = 8192 and q of 214 bits, the limit there. The six largest primes 1 mod 16384 below 2^27 and the
 * two largest below 2^26, psi as above. A packed polynomial has 219,136 bytes.
 */
const RING_8192 = {
  name: 'kakehashi-rlwe-8192-214',
  n: 8192,
  limbs: [
    { q: 133857281, psi: 77665072 },
    { q: 133644289, psi: 19882282 },
    { q: 133611521, psi: 34093882 },
    { q: 133513217, psi: 55639084 },
    { q: 133251073, psi: 128607860 },
    { q: 132825089, psi: 14976858 },
    { q: 67043329, psi: 8157893 },
    { q: 66994177, psi: 32512407 },
  ],
};

export type RingDimension = 4096 | 8192;

const made = new Map<string, Parameters>();

/** The shipped ring of dimension n with plaintext modulus t; one object for one id. */
export function rlweParameters(n: RingDimension, t: bigint): Parameters {
  const { name, limbs } = n === 4096 ? RING_4096 : RING_8192;
  const bits = plaintextBits(t);
  const id = `${name}-${bits > 0 ? `t${bits}` : `m${t}`}`;
  const known = made.get(id);
  if (known !== undefined) return known;
  const parameters = checkParameters({ id, n, limbs, plaintextModulus: t, errorEta: 21 });
  made.set(id, parameters);
  return parameters;
}

/** The inverse of `.id` for a shipped ring. Refuses every other text with INVALID_PARAMETER. */
export function parametersOf(id: string): Parameters {
  const match = /^kakehashi-rlwe-(4096-106|8192-214)-(?:t([1-9][0-9]?)|m([1-9][0-9]{0,14}))$/.exec(
    id,
  );
  check(match !== null, 'INVALID_PARAMETER', 'parameter id');
  const [, ring, bits, modulus] = match;
  const t = bits === undefined ? BigInt(modulus ?? 0) : 2n ** BigInt(bits);
  const parameters = rlweParameters(ring === '4096-106' ? 4096 : 8192, t);
  check(parameters.id === id, 'INVALID_PARAMETER', 'parameter id');
  return parameters;
}

/** The set of the pooled aggregate: t = 2^32, so that slots add and wrap like 32-bit words. */
export const RLWE_4096: Parameters = rlweParameters(4096, 2n ** 32n);
