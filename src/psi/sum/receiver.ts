/**
 * Private intersection-sum, receiver. Learns how many of its items the sender has and, for each of the
 * sender's columns, the sum over those; the sender learns the number of the receiver's items only.
 *
 * Paper       [IKN+20] Ion, Kreuter, Nergiz, Patel, Saxena, Seth, Shanahan, Yung, "On deploying secure
 *             computation: private intersection-sum-with-cardinality", EuroS&P 2020, the protocol
 *             from Diffie-Hellman and additive encryption. There the owner of the values decrypts the sums and has
 *             them; here the receiver masks them first and takes the mask off afterwards. The reason: an
 *             owner chooses its values, and sums of chosen values (powers of two) name who matched.
 * Assumption  DDH in ristretto255, H a random oracle (psi/ecdh); the encryption passed in is IND-CPA.
 * Adversary   semi-honest. A sender that deviates can make the sums wrong, unnoticed. A receiver that
 *             deviates can add up any rows of B instead of the matching ones, a single one too.
 * Leakage     to the receiver: |X ∩ Y|, the sums, |Y|, the number of columns. To the sender: |X|. Both results
 *             are exact, so that they have no finite privacy price: one match shows that person's
 *             value, and two runs over lists that differ in one person show it as well.
 *
 *     receiver(X)                                      sender(Y, v)
 *     a ←$ Z_l*               ◀──── hello ─────▶       b ←$ Z_l*, (pk, sk) ← generate
 *                             ◀── offer, key ──
 *     A_i = a·H(x_i)          ───── A ─────▶
 *                             ◀──── B ──────           B_j = b·H(y_j), shuffled
 *                             ◀──── D ──────           D = shuffle{ b·A_i }
 *     J = { j : a·B_j ∈ D }   ◀─ ciphertexts ─         C_j = Enc(v_j), in the order of B
 *     r ←$
 *     T = Enc(r) + Σ_J C_j    ──── total ────▶
 *     out = |J|, M − r        ◀─── masked ───          M = Dec(T)
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import type { Channel } from '../channel.ts';
import { Inbox, letOthersRun } from '../ecdh/inbox.ts';
import { KIND as ECDH, FRAME_ELEMENTS, frameCount, frameSize } from '../ecdh/messages.ts';
import { checkItems, EcdhSession, refuseDuplicates, refuseIdentity } from '../ecdh/session.ts';
import { Frames } from '../frames.ts';
import {
  type AdditivePublicKey,
  type AdditiveScheme,
  LARGEST_VALUE,
  MOST_SUM_ROWS,
  slotsOf,
} from './additive.ts';
import {
  ciphertextsAFrame,
  decodeMasked,
  decodeOffer,
  drawMask,
  KIND,
  maskedBytes,
  OFFER_BYTES,
} from './messages.ts';

export type SumReceiverOptions = { readonly scheme: AdditiveScheme; readonly rng: Rng };

export type IntersectionSums = {
  readonly cardinality: number;
  /** For each column of the sender. */
  readonly sums: readonly bigint[];
};

/** Adds up the columns of the sender over the `items` (n x 16 bytes, distinct) that both have. */
export async function receiveSums(
  channel: Channel,
  items: Uint8Array,
  { scheme, rng }: SumReceiverOptions,
): Promise<IntersectionSums> {
  const n = checkItems(items);
  const frames = new Frames(channel);
  const options = { output: 'cardinality', peerLimit: MOST_SUM_ROWS, rng } as const;
  using session = await EcdhSession.open(frames, 'receiver', n, options);
  const { columns, keyBytes } = decodeOffer(await frames.receive(KIND.offer, OFFER_BYTES));
  const key = scheme.read(await frames.receive(KIND.key, keyBytes), slotsOf(columns));
  const inbox = new Inbox();
  const lists = [[ECDH.b, session.peerItems] as const, [ECDH.d, n] as const];
  const [matching] = await Promise.all([
    findMatches(frames, items, n, session, inbox),
    inbox.fill(frames, lists),
  ]);
  const chosen = await takeChosen(frames, matching, key);
  const cardinality = chosen.length;
  const masks = Array.from({ length: columns }, () => drawMask(rng));
  await frames.send(KIND.total, key.sum([...chosen, key.encrypt(masks, rng)], rng));
  const masked = decodeMasked(await frames.receive(KIND.masked, maskedBytes(columns)));
  const sums = masked.map((value, column) => value - (masks[column] as bigint));
  const most = LARGEST_VALUE * BigInt(cardinality);
  for (const sum of sums) check(sum >= -most && sum <= most, 'MALFORMED_MESSAGE', 'sum too large');
  return { cardinality, sums };
}

/** For each element of B whether its item is in X. */
async function findMatches(
  frames: Frames,
  items: Uint8Array,
  n: number,
  session: EcdhSession,
  inbox: Inbox,
): Promise<readonly boolean[]> {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let index = 0; index < frameCount(n); index++) {
    const size = frameSize(n, index);
    await frames.send(ECDH.a, session.hide(items, order, index * FRAME_ELEMENTS, size));
    await letOthersRun();
  }
  const theirs = new Set<string>();
  for (let index = 0; index < frameCount(session.peerItems); index++) {
    refuseDuplicates(theirs, session.hideAgain(await inbox.next()));
    await letOthersRun();
  }
  const mine = new Set<string>();
  for (let index = 0; index < frameCount(n); index++) {
    const elements = await inbox.next();
    refuseIdentity(elements);
    const valid = session.group.valid(elements).every(Boolean);
    check(valid, 'MALFORMED_MESSAGE', 'an encoding is no element');
    refuseDuplicates(mine, elements);
  }
  // A set keeps the order of its insertions, which is that of B.
  return Array.from(theirs, (element) => mine.has(element));
}

/** The ciphertexts of the matching elements; the others are dropped frame by frame. */
async function takeChosen(
  frames: Frames,
  matching: readonly boolean[],
  { ciphertextBytes }: AdditivePublicKey,
): Promise<Uint8Array[]> {
  const chosen: Uint8Array[] = [];
  const step = ciphertextsAFrame(ciphertextBytes);
  for (let from = 0; from < matching.length; from += step) {
    const part = matching.slice(from, from + step);
    const body = await frames.receive(KIND.ciphertexts, part.length * ciphertextBytes);
    part.forEach((matches, i) => {
      if (matches) chosen.push(body.slice(i * ciphertextBytes, (i + 1) * ciphertextBytes));
    });
  }
  return chosen;
}
