/**
 * The three distributions of RLWE: uniform from a public seed, ternary, centred binomial.
 *
 * Uniform     rejection from AES-256-CTR under a public key that is a hash of what the polynomial is
 *             for: exactly uniform in [0, q) if the stream is uniform. The key is known to everybody,
 *             so the assumption is the one of Frodo and Kyber-90s for their public matrices:
 *             AES of hashed keys behaves like a random function. SHAKE-128 costs seven times as much.
 * Ternary     rejection of the pattern 11 from pairs of bits: exactly uniform over {0, 1, −1}.
 * Binomial    popcount(a) − popcount(b), a and b uniform of eta bits: variance eta/2, |e| ≤ eta
 *             (Alkim et al., USENIX Security 2016).
 *
 * None has a modular bias. Rejection makes the number of bytes read depend on rejected bits only,
 * which are independent of the accepted ones.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import type { Secret } from '../../base/secret.ts';
import { uniformTries } from '../../kernels/rlwe-arena.ts';
import type { Ring } from './polynomial.ts';
import { type PieceStream, pieceStream } from './stream.ts';

/** `n` codes, uniform over 0, 1, 2, where 2 stands for −1. */
export function ternaryCodes(n: number, rng: Rng): Uint8Array {
  const out = new Uint8Array(n);
  let accepted = 0;
  while (accepted < n) {
    const bytes = rng(Math.ceil(n / 2));
    for (let i = 0; i < 4 * bytes.length && accepted < n; i++) {
      const code = ((bytes[i >> 2] as number) >> (2 * (i & 3))) & 3;
      if (code !== 3) out[accepted++] = code;
    }
    bytes.fill(0);
  }
  return out;
}

/**
 * Uniform polynomials 0, 1, 2, ... of a public 32-byte seed, in any order, fastest in theirs.
 *
 * Limb i of polynomial p has the 16-byte blocks [(p k + i) B, (p k + i + 1) B) of the stream of k limbs,
 * B = uniformTries(n) / 4. Where all B leave residues missing, the blocks of the same numbers of the
 * streams with nonce 1, 2, ... continue it.
 */
export class UniformPolynomials {
  readonly #ring: Ring;
  readonly #seed: Uint8Array;
  readonly #bytes: number;
  #next: number | undefined;
  #stream: PieceStream | undefined;

  constructor(ring: Ring, seed: Uint8Array) {
    check(seed.length === 32, 'INVALID_PARAMETER', 'seed length');
    this.#ring = ring;
    this.#seed = seed;
    this.#bytes = 4 * uniformTries(ring.parameters.n);
  }

  /** Into a register. `index` is below 2^32. */
  take(register: number, index: number): void {
    const valid = Number.isInteger(index) && index >= 0 && index < 2 ** 32;
    check(valid, 'INVALID_PARAMETER', 'index of a public polynomial');
    const { limbs } = this.#ring.parameters;
    if (index !== this.#next || this.#stream === undefined) {
      this.#stream = this.#at(0, index * limbs.length);
    }
    for (let limb = 0; limb < limbs.length; limb++) {
      this.#limb(register, limb, index * limbs.length + limb, this.#stream);
    }
    this.#next = index + 1;
  }

  #at(nonce: number, piece: number): PieceStream {
    return pieceStream(this.#seed, nonce, piece * (this.#bytes / 16));
  }

  #limb(register: number, limb: number, piece: number, stream: PieceStream): void {
    const { machine, parameters } = this.#ring;
    let filled = machine.uniform(register, limb, 0, stream(this.#bytes));
    for (let nonce = 1; filled < parameters.n; nonce++) {
      filled = machine.uniform(register, limb, filled, this.#at(nonce, piece)(this.#bytes));
    }
  }
}

/** Errors of the centred binomial from one secret seed, one polynomial after another. */
export class BinomialErrors {
  readonly #ring: Ring;
  readonly #stream: PieceStream;

  constructor(ring: Ring, seed: Secret) {
    this.#ring = ring;
    this.#stream = pieceStream(seed.expose());
  }

  /** Draws n errors into `small` of the machine. */
  draw(): void {
    const { machine, parameters } = this.#ring;
    const stream = this.#stream(8 * parameters.n);
    machine.binomial(stream, parameters.errorEta);
    stream.fill(0);
  }

  /** Draws n errors and adds them to a register of coefficients. */
  addTo(register: number): void {
    this.draw();
    this.#ring.machine.addSmall(register);
  }
}
