/**
 * Private intersection-sum, sender: the party that owns the columns. Learns the number of the
 * receiver's items only. Paper, assumptions, adversary, leakage and the messages: receiver.ts.
 *
 * Its scalar and its key pair are drawn in the call and gone at its end; ciphertexts of two sessions
 * have nothing in common.
 * @module
 */
import { concat } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import type { Channel } from '../channel.ts';
import { Inbox, letOthersRun } from '../ecdh/inbox.ts';
import {
  KIND as ECDH,
  ELEMENT_BYTES,
  FRAME_ELEMENTS,
  frameCount,
  frameSize,
  MAX_ITEMS,
} from '../ecdh/messages.ts';
import { checkItems, EcdhSession, refuseDuplicates } from '../ecdh/session.ts';
import { permutation } from '../shuffle.ts';
import { Frames } from '../frames.ts';
import {
  type AdditiveKey,
  type AdditiveScheme,
  LARGEST_VALUE,
  MOST_SUM_COLUMNS,
  MOST_SUM_ROWS,
  slotsOf,
} from './additive.ts';
import { ciphertextsAFrame, encodeMasked, encodeOffer, KIND } from './messages.ts';

export type SumSenderOptions = {
  readonly scheme: AdditiveScheme;
  /** The most items that the receiver may declare. */
  readonly peerLimit?: number;
  readonly rng: Rng;
};

/** The values of each row, one for each column. */
export type SumRows = readonly (readonly bigint[])[];

/** How many columns `values` has. Refuses what the plaintexts are not made for. */
function checkValues(values: SumRows, n: number): number {
  check(n <= MOST_SUM_ROWS, 'INVALID_PARAMETER', `${n} rows, at most ${MOST_SUM_ROWS} for sums`);
  const columns = values[0]?.length ?? 0;
  const served = columns > 0 && columns <= MOST_SUM_COLUMNS;
  check(served, 'INVALID_PARAMETER', `${columns} columns, 1 to ${MOST_SUM_COLUMNS} for sums`);
  const even = values.length === n && values.every((row) => row.length === columns);
  check(even, 'INVALID_PARAMETER', 'not one value for each row and column');
  const within = (value: bigint): boolean => value >= -LARGEST_VALUE && value <= LARGEST_VALUE;
  check(
    values.every((row) => row.every(within)),
    'PLAINTEXT_RANGE',
    'a value is too large',
  );
  return columns;
}

/** Serves one session with `items`, n x 16 bytes, distinct, and the values of each. */
export async function sendSums(
  channel: Channel,
  items: Uint8Array,
  values: SumRows,
  { scheme, peerLimit = MAX_ITEMS, rng }: SumSenderOptions,
): Promise<void> {
  const n = checkItems(items);
  const slots = slotsOf(checkValues(values, n));
  const frames = new Frames(channel);
  const options = { output: 'cardinality', peerLimit, rng } as const;
  using session = await EcdhSession.open(frames, 'sender', n, options);
  using key = scheme.generate(slots, rng);
  await frames.send(
    KIND.offer,
    encodeOffer({ columns: slots.count, keyBytes: key.publicKey.length }),
  );
  await frames.send(KIND.key, key.publicKey);
  const order = permutation(n, rng);
  const inbox = new Inbox();
  await Promise.all([
    sendElements(frames, items, order, session, inbox, rng),
    inbox.fill(frames, [[ECDH.a, session.peerItems]]),
  ]);
  await sendCiphertexts(frames, values, order, key, rng);
  const total = await frames.receive(KIND.total, key.ciphertextBytes);
  await frames.send(KIND.masked, encodeMasked(key.decrypt(total, rng)));
}

/** B, and D once all of A has come. */
async function sendElements(
  frames: Frames,
  items: Uint8Array,
  order: Uint32Array,
  session: EcdhSession,
  inbox: Inbox,
  rng: Rng,
): Promise<void> {
  for (let index = 0; index < frameCount(order.length); index++) {
    const size = frameSize(order.length, index);
    await frames.send(ECDH.b, session.hide(items, order, index * FRAME_ELEMENTS, size));
    await letOthersRun();
  }
  const seen = new Set<string>();
  const doubled: Uint8Array[] = [];
  for (let index = 0; index < frameCount(session.peerItems); index++) {
    const elements = await inbox.next();
    refuseDuplicates(seen, elements);
    doubled.push(session.hideAgain(elements));
    await letOthersRun();
  }
  const all = concat(...doubled);
  const shuffle = permutation(session.peerItems, rng);
  for (let index = 0; index < frameCount(shuffle.length); index++) {
    const from = index * FRAME_ELEMENTS;
    const part = shuffle.subarray(from, from + frameSize(shuffle.length, index));
    const elements = Array.from(part, (i) =>
      all.subarray(i * ELEMENT_BYTES, (i + 1) * ELEMENT_BYTES),
    );
    await frames.send(ECDH.d, concat(...elements));
  }
}

/** One ciphertext for each item, in the order of B. */
async function sendCiphertexts(
  frames: Frames,
  values: SumRows,
  order: Uint32Array,
  key: AdditiveKey,
  rng: Rng,
): Promise<void> {
  const step = ciphertextsAFrame(key.ciphertextBytes);
  for (let from = 0; from < order.length; from += step) {
    const part = Array.from(order.subarray(from, from + step), (row) => values[row] as SumRows[0]);
    await frames.send(KIND.ciphertexts, ...(await key.encryptRows(part, rng)));
  }
}
