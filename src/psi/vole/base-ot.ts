/**
 * 128 oblivious transfers of random 16-byte pads: Chou, Orlandi, "The Simplest Protocol for Oblivious
 * Transfer", LATINCRYPT 2015 (ePrint 2015/267), on NIST P-256.
 *
 * Assumption  computational Diffie-Hellman on P-256 (its square form for the chooser, which is
 *             equivalent), SHA-256 as a random oracle. Not post-quantum: whoever records a session and
 *             later computes discrete logarithms on P-256 learns the choices' pads, and with them all.
 * Adversary   semi-honest. Not universally composable against malicious parties (ePrint 2017/370
 *             and others), which is not claimed. Choices are hidden perfectly, whatever the computation.
 *
 *     offerer                                        chooser, bits c_0 … c_127
 *     a ←$ [1, q)
 *                      ───── A = aG ─────▶           b_i ←$ [1, q),  B_i = b_i G + c_i A
 *                      ◀──── B_0 … B_127 ─────       pad_i = H(i, A, B_i, x(b_i A))
 *     pad_i,0 = H(i, A, B_i, x(a B_i))
 *     pad_i,1 = H(i, A, B_i, x(a (B_i − A)))
 *
 * Timing      OpenSSL multiplies. The sums b_i G + A are computed for every i, chosen or not, with bigints:
 *             their time depends on secret points, each used once, and not on which is then picked.
 * @module
 */
import { createECDH, type ECDH } from 'node:crypto';
import { check, refuseAs } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { transcriptBytes } from '../../base/transcript.ts';
import { addToAll, integerOf, P256_ORDER, POINT_BYTES } from './p256.ts';

export const BASE_OTS = 128;
export const OFFER_BYTES = POINT_BYTES;
export const CHOICE_BYTES = BASE_OTS * POINT_BYTES;
const PAD = 16;

/** One-time: `finish` may be called once. */
export type Offer = { readonly key: ECDH; readonly message: Uint8Array };

function freshKey(rng: Rng): ECDH {
  for (;;) {
    const scalar = rng(32);
    const value = integerOf(scalar);
    if (value === 0n || value >= P256_ORDER) continue;
    const key = createECDH('prime256v1');
    key.setPrivateKey(scalar);
    scalar.fill(0);
    return key;
  }
}

const publicOf = (key: ECDH): Uint8Array => new Uint8Array(key.getPublicKey());

function pad(index: number, offer: Uint8Array, choice: Uint8Array, key: ECDH, point: Uint8Array) {
  const shared = refuseAs('MALFORMED_MESSAGE', 'base OT point', () => key.computeSecret(point));
  const bytes = transcriptBytes('kakehashi/base-ot/1', [index, offer, choice, shared]);
  return sha256(bytes).subarray(0, PAD);
}

/** The offerer's first step. */
export function offer(rng: Rng): Offer {
  const key = freshKey(rng);
  return { key, message: publicOf(key) };
}

/** The chooser's only step: bit i of `choices` (16 bytes) picks; `pads` has 16 bytes for each i. */
export function choose(
  message: Uint8Array,
  choices: Uint8Array,
  rng: Rng,
): { readonly message: Uint8Array; readonly pads: Uint8Array } {
  check(choices.length === BASE_OTS / 8, 'INVALID_PARAMETER', `${choices.length} choice bytes`);
  const keys = Array.from({ length: BASE_OTS }, () => freshKey(rng));
  const plain = keys.map(publicOf);
  const shifted = addToAll(plain, message, 1);
  const answer = new Uint8Array(CHOICE_BYTES);
  const pads = new Uint8Array(BASE_OTS * PAD);
  keys.forEach((key, i) => {
    const mask = -(((choices[i >> 3] as number) >> (i & 7)) & 1);
    const point = answer.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES);
    const [zero, one] = [plain[i] as Uint8Array, shifted[i] as Uint8Array];
    for (let k = 0; k < POINT_BYTES; k += 1) {
      const byte = zero[k] as number;
      point[k] = byte ^ (mask & (byte ^ (one[k] as number)));
    }
    pads.set(pad(i, message, point, key, message), i * PAD);
  });
  return { message: answer, pads };
}

/** The offerer's last step: pad i,0 and pad i,1, 32 bytes for each i. */
export function finish({ key, message }: Offer, answer: Uint8Array): Uint8Array {
  check(answer.length === CHOICE_BYTES, 'MALFORMED_MESSAGE', `${answer.length} bytes of choices`);
  const points = Array.from({ length: BASE_OTS }, (_, i) =>
    answer.slice(i * POINT_BYTES, (i + 1) * POINT_BYTES),
  );
  const shifted = addToAll(points, message, -1);
  const pads = new Uint8Array(2 * BASE_OTS * PAD);
  points.forEach((point, i) => {
    pads.set(pad(i, message, point, key, point), 2 * i * PAD);
    pads.set(pad(i, message, point, key, shifted[i] as Uint8Array), (2 * i + 1) * PAD);
  });
  return pads;
}
