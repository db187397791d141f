/**
 * ECDH-PSI, receiver. Learns X ∩ Y, or |X ∩ Y| alone; the sender learns |X| only.
 *
 * Papers      [Mea86] Meadows, IEEE S&P 1986; [HFH99] Huberman, Franklin, Hogg, EC 1999; the
 *             cardinality by a shuffled answer is Agrawal, Evfimievski, Srikant, SIGMOD 2003.
 * Assumption  DDH in ristretto255 (RFC 9496), H a random oracle. Not post-quantum.
 * Adversary   semi-honest. A sender that deviates can make the output wrong, for single items too,
 *             and one that sees what the receiver does next learns from that. A receiver that deviates
 *             can put in any items, so that a small domain can be enumerated: the number of its
 *             items is declared and limited, what they are is not checked.
 * Leakage     |X| to the sender, |Y| to the receiver. The order of Y is hidden by a shuffle. An exact
 *             set or cardinality has no privacy price that is finite: it is a disclosure by agreement.
 *
 *     receiver(X)                                      sender(Y)
 *     a ←$ Z_l*               ◀──── hello ─────▶       b ←$ Z_l*
 *     A_i = a·H(x_i)          ───── A ─────▶
 *                             ◀──── B ──────           B = shuffle{ b·H(y_j) }
 *                             ◀──── D ──────           D_i = b·A_i, for a cardinality shuffled
 *     out = { i : D_i ∈ a·B }, or the size of it
 *
 * A session is one call: its scalar is drawn in it and wiped at its end.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Channel } from '../channel.ts';
import { Frames } from '../frames.ts';
import { Inbox, letOthersRun } from './inbox.ts';
import { ELEMENT_BYTES, FRAME_ELEMENTS, frameCount, frameSize, KIND } from './messages.ts';
import {
  checkItems,
  type EcdhOptions,
  EcdhSession,
  keyOf,
  refuseDuplicates,
  refuseIdentity,
} from './session.ts';

type Options = Omit<EcdhOptions, 'output'>;

/** The positions of D at which an element of a·B stands, ascending. */
async function run(
  channel: Channel,
  items: Uint8Array,
  options: EcdhOptions,
): Promise<Uint32Array> {
  const n = checkItems(items);
  const frames = new Frames(channel);
  using session = await EcdhSession.open(frames, 'receiver', n, options);
  const inbox = new Inbox();
  const lists = [[KIND.b, session.peerItems] as const, [KIND.d, n] as const];
  const [matches] = await Promise.all([
    compute(frames, items, n, session, inbox),
    inbox.fill(frames, lists),
  ]);
  return matches;
}

async function compute(
  frames: Frames,
  items: Uint8Array,
  n: number,
  session: EcdhSession,
  inbox: Inbox,
): Promise<Uint32Array> {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let index = 0; index < frameCount(n); index++) {
    const size = frameSize(n, index);
    const elements = session.hide(items, order, index * FRAME_ELEMENTS, size);
    await frames.send(KIND.a, elements);
  }
  // Distinct elements stay distinct under the scalar, so that a repetition in B shows here.
  const theirs = new Set<string>();
  for (let index = 0; index < frameCount(session.peerItems); index++) {
    refuseDuplicates(theirs, session.hideAgain(await inbox.next()));
    await letOthersRun();
  }
  const matches: number[] = [];
  const seen = new Set<string>();
  for (let index = 0; index < frameCount(n); index++) {
    const elements = await inbox.next();
    refuseIdentity(elements);
    const valid = session.group.valid(elements).every(Boolean);
    check(valid, 'MALFORMED_MESSAGE', 'an encoding is no element');
    refuseDuplicates(seen, elements);
    for (let i = 0; i < elements.length / ELEMENT_BYTES; i++) {
      if (theirs.has(keyOf(elements, i))) matches.push(index * FRAME_ELEMENTS + i);
    }
  }
  return Uint32Array.from(matches);
}

/**
 * The indices, ascending, of the items that the sender has too. `items` are n x 16 bytes, distinct:
 * the `hashes` of psi/items.ts.
 */
export const receiveIntersection = (
  channel: Channel,
  items: Uint8Array,
  options: Options,
): Promise<Uint32Array> => run(channel, items, { ...options, output: 'set' });

/** How many items both have. The sender has shuffled D, so that the positions say nothing. */
export const receiveCardinality = async (
  channel: Channel,
  items: Uint8Array,
  options: Options,
): Promise<number> => (await run(channel, items, { ...options, output: 'cardinality' })).length;
