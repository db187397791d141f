/**
 * Smudging noise: the centred sum of 8 uniform words of w bits, modulo each limb.
 *
 *     x = Σ_{k<8} u_k − 4 (2^w − 1),  u_k uniform in [0, 2^w):   symmetric, |x| ≤ 4 (2^w − 1),
 *                                                            variance 8 (4^w − 1) / 12
 *
 * w comes from security.ts, which says why this law and how wide. The words are the AES-256-CTR
 * key stream of a fresh seed: 64 bytes a coefficient. No rejection, no branch on a drawn bit.
 * The sum is below 2^64, cut into two words (H, L) and reduced as H 2^32 + L modulo q_i.
 *
 * Wide words  w > 61 is drawn as parts of at most 61 bits, low part first, each with its own 64 bytes:
 *             with u_k = Σ_p 2^(61 p) u_kp the sum is Σ_p 2^(61 p) Σ_k u_kp, exactly the same law.
 * @module
 */
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { WordFactors } from '../../kernels/rlwe.ts';
import { STREAM_PIECE } from '../../kernels/rlwe-arena.ts';
import type { Parameters } from './parameters.ts';
import { type Coefficients, coefficientsOf, type Ring } from './polynomial.ts';
import { type PieceStream, pieceStream } from './stream.ts';
import { type Smudging, SMUDGING_WORDS } from '../security.ts';

const BYTES = 8 * SMUDGING_WORDS;

/** Bits of a word that one pass of the kernel sums. */
const PASS_BITS = 61;

type Pass = { readonly bits: number; readonly factors: readonly WordFactors[] };

/** Pass p of a law: words of `bits` bits, their sum times 2^(61 p), less the centre in the first. */
function passesOf({ limbs }: Parameters, { wordBits, tail }: Smudging): Pass[] {
  return Array.from({ length: Math.ceil(wordBits / PASS_BITS) }, (_, p) => {
    const shift = BigInt(PASS_BITS * p);
    return {
      bits: Math.min(PASS_BITS, wordBits - PASS_BITS * p),
      factors: limbs.map(({ q }) => {
        const m = BigInt(q);
        return {
          base: p === 0 ? Number((m - (tail % m)) % m) : 0,
          wl: Number(2n ** shift % m),
          wh: Number(2n ** (shift + 32n) % m),
        };
      }),
    };
  });
}

/** Terms of one law from one secret seed, one polynomial after another. */
export class SmudgingNoise {
  readonly #ring: Ring;
  readonly #stream: PieceStream;
  readonly #passes: readonly Pass[];

  constructor(ring: Ring, smudging: Smudging, seed: Secret) {
    this.#ring = ring;
    this.#stream = pieceStream(seed.expose());
    this.#passes = passesOf(ring.parameters, smudging);
  }

  /** Draws n terms and adds them to a register of coefficients. */
  addTo(register: number): void {
    const { machine, parameters } = this.#ring;
    const step = Math.min(parameters.n, STREAM_PIECE / BYTES);
    for (const { bits, factors } of this.#passes) {
      for (let from = 0; from < parameters.n; from += step) {
        const stream = this.#stream(BYTES * step);
        machine.smudge(stream, from, bits);
        stream.fill(0);
      }
      machine.addWords(register, factors);
    }
  }
}

/** One polynomial with coefficients of the law. The caller wipes it. */
export function smudgingNoise(ring: Ring, smudging: Smudging, rng: Rng): Coefficients {
  using seed = new Secret('smudging seed', rng(32));
  ring.machine.clear(0);
  new SmudgingNoise(ring, smudging, seed).addTo(0);
  const noise = coefficientsOf(ring.machine.read(0));
  ring.machine.wipe(0);
  return noise;
}
