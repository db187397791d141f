/**
 * Did the dealer share a mask of zeros and ones that is one on equal tokens only? Checked by both holders
 * without opening the mask, on random linear combinations drawn after the shares arrived:
 *
 *     Σ r_i (m_i² − m_i)  +  Σ s_i m_i (α_i − β_i)  =  0  mod t          m_i = a_i + b_i
 *
 * with r, s uniform and α_i, β_i residues of 39 bits of the tokens that A and B have at position i
 * under a fresh AES-128 key. It splits into what one holder computes alone and two inner products,
 * of vectors of A with weights of B:
 *
 *     A alone   Σ r a² − r a + s a α
 *     B alone   Σ r b² − r b − s b β
 *     crossed   ⟨ a, 2 r b − s β ⟩ + ⟨ α, s b ⟩
 *
 * Soundness   if some m_i is neither 0 nor 1, the sum is uniform in r: zero with probability 1/t. Else, if some
 *             m_i = 1 has different tokens, α_i ≠ β_i but for 2^-39 (AES as a random permutation), and the sum is
 *             uniform in s. One round passes with less than 2^-38, two independent ones 2^-76. t is prime and
 *             r, s and the AES key are unknown to the dealer when it deals.
 * Why both    weights other than 0 and 1 multiply a person. A one on different tokens lets the dealer join strangers, by rules
 *             that depend on who matched: then one person who comes or goes moves up to three pairs, and the squared
 *             sensitivity is five times that of one pair. With both, the dealer can leave out pairs and nothing else.
 * Leakage     the sum is a function of what the dealer knows; zero of a dealer that follows the protocol.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import { deriveKey } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import {
  addResidues,
  multiplyResidues,
  type Residues,
  subtractResidues,
  uniformResidues,
} from './prime-field.ts';
import { TOKEN_BYTES } from './token.ts';

/** Independent repetitions. */
export const CHECK_ROUNDS = 2;

export type Challenge = {
  /** r and s, by position of A's list. */
  readonly bit: Residues;
  readonly pair: Residues;
  /** AES-128 key of α and β. */
  readonly key: Secret;
};

/** The challenge of round `round` from the coin that both holders tossed. */
export function challengeOf(coin: Secret, round: number, length: number): Challenge {
  const label = `kakehashi/mask-check/1 round ${round}`;
  return {
    bit: uniformResidues(coin, `${label} bit`, length),
    pair: uniformResidues(coin, `${label} pair`, length),
    key: deriveKey(coin, `${label} key`, 16),
  };
}

/** 39 bits of AES of each token: below t whatever they are. */
export function tokenResidues(tokens: Uint8Array, { key }: Challenge): Residues {
  const cipher = createCipheriv('aes-128-ecb', key.expose(), null).setAutoPadding(false);
  const words = new Uint32Array(new Uint8Array(cipher.update(tokens)).buffer);
  const out = new Float64Array(tokens.length / TOKEN_BYTES);
  for (let i = 0; i < out.length; i += 1) {
    out[i] = (words[4 * i] as number) + ((words[4 * i + 1] as number) & 0x7f) * 2 ** 32;
  }
  return out;
}

/** Σ r x² − r x + s x y mod t. */
function innerSum({ bit, pair }: Challenge, share: Residues, tokens: Residues): number {
  let total = 0;
  for (let i = 0; i < share.length; i += 1) {
    const x = share[i] as number;
    const bits = multiplyResidues(bit[i] as number, subtractResidues(x, 1));
    const pairs = multiplyResidues(pair[i] as number, tokens[i] as number);
    total = addResidues(total, multiplyResidues(addResidues(bits, pairs), x));
  }
  return total;
}

/** A's part of the sum, from its share `a` and the residues of its own tokens. */
export const termOfA = (challenge: Challenge, a: Residues, alpha: Residues): number =>
  innerSum(challenge, a, alpha);

/** B's part, by position of A's list. */
export const termOfB = (challenge: Challenge, b: Residues, beta: Residues): number =>
  innerSum(
    challenge,
    b,
    beta.map((y) => subtractResidues(0, y)),
  );

/** B's weights of A's share: 2 r b − s β. */
export const weightsOfShare = ({ bit, pair }: Challenge, b: Residues, beta: Residues): Residues =>
  b.map((x, i) => {
    const twice = multiplyResidues(bit[i] as number, addResidues(x, x));
    return subtractResidues(twice, multiplyResidues(pair[i] as number, beta[i] as number));
  });

/** B's weights of the residues of A's tokens: s b. */
export const weightsOfTokens = ({ pair }: Challenge, b: Residues): Residues =>
  b.map((x, i) => multiplyResidues(pair[i] as number, x));
