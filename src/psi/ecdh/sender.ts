/**
 * ECDH-PSI, sender. Learns |X|; the receiver learns X ∩ Y, or |X ∩ Y| alone. Papers, assumption,
 * adversary and the messages stand at the head of receiver.ts.
 *
 * The sender's items are hidden from the receiver by b, which is fresh for the session, and their
 * order by a shuffle. For a cardinality the answer D is shuffled as well, after all of A has come:
 * the receiver, which cannot undo b, then has no way from a match back to one of its items (DDH).
 * @module
 */
import type { Channel } from '../channel.ts';
import { Frames } from '../frames.ts';
import { Inbox, letOthersRun } from './inbox.ts';
import { ELEMENT_BYTES, FRAME_ELEMENTS, frameCount, frameSize, KIND } from './messages.ts';
import { checkItems, type EcdhOptions, EcdhSession, refuseDuplicates } from './session.ts';
import { permutation } from '../shuffle.ts';

/** Serves one session with `items`, n x 16 bytes, distinct. */
export async function sendItems(
  channel: Channel,
  items: Uint8Array,
  options: EcdhOptions,
): Promise<void> {
  const n = checkItems(items);
  const frames = new Frames(channel);
  using session = await EcdhSession.open(frames, 'sender', n, options);
  const inbox = new Inbox();
  await Promise.all([
    compute(frames, items, n, session, inbox, options),
    inbox.fill(frames, [[KIND.a, session.peerItems]]),
  ]);
}

async function compute(
  frames: Frames,
  items: Uint8Array,
  n: number,
  session: EcdhSession,
  inbox: Inbox,
  { output, rng }: EcdhOptions,
): Promise<void> {
  const order = permutation(n, rng);
  for (let index = 0; index < frameCount(n); index++) {
    const size = frameSize(n, index);
    const elements = session.hide(items, order, index * FRAME_ELEMENTS, size);
    await frames.send(KIND.b, elements);
  }
  const seen = new Set<string>();
  const kept: Uint8Array[] = [];
  for (let index = 0; index < frameCount(session.peerItems); index++) {
    const elements = await inbox.next();
    refuseDuplicates(seen, elements);
    const doubled = session.hideAgain(elements);
    if (output === 'set') await frames.send(KIND.d, doubled);
    else kept.push(doubled);
    await letOthersRun();
  }
  if (output === 'cardinality') {
    await sendShuffled(frames, kept, permutation(session.peerItems, rng));
  }
}

/** D in the order of a fresh permutation. */
async function sendShuffled(
  frames: Frames,
  bodies: readonly Uint8Array[],
  order: Uint32Array,
): Promise<void> {
  const all = new Uint8Array(order.length * ELEMENT_BYTES);
  bodies.forEach((body, i) => {
    all.set(body, i * FRAME_ELEMENTS * ELEMENT_BYTES);
  });
  const shuffled = new Uint8Array(all.length);
  order.forEach((from, to) => {
    const at = from * ELEMENT_BYTES;
    shuffled.set(all.subarray(at, at + ELEMENT_BYTES), to * ELEMENT_BYTES);
  });
  for (let index = 0; index < frameCount(order.length); index++) {
    const at = index * FRAME_ELEMENTS * ELEMENT_BYTES;
    const end = at + frameSize(order.length, index) * ELEMENT_BYTES;
    await frames.send(KIND.d, shuffled.subarray(at, end));
  }
}
