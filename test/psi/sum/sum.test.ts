/** What is refused: inputs outside the documented range, and messages that no honest party sends. */
import { rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { ErrorCode } from '../../../src/base/errors.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { FRAME_HEAD_BYTES } from '../../../src/psi/frames.ts';
import { distinctItems } from '../../../src/psi/items.ts';
import { LARGEST_VALUE, MOST_SUM_ROWS } from '../../../src/psi/sum/additive.ts';
import { KIND } from '../../../src/psi/sum/messages.ts';
import { receiveSums } from '../../../src/psi/sum/receiver.ts';
import { sendSums, type SumRows } from '../../../src/psi/sum/sender.ts';
import { refusal } from '../../support/refusal.ts';
import { both, ChannelPair, type Tamper } from '../ecdh/channel-pair.ts';
import { smallPaillier, toyScheme } from './schemes.ts';

const hashes = (n: number): Uint8Array =>
  distinctItems(
    Array.from({ length: n }, (_, i) => `person ${i}`),
    n,
  ).hashes;

const send = (items: Uint8Array, values: SumRows): Promise<void> =>
  sendSums(new ChannelPair().right, items, values, { scheme: toyScheme, rng: systemRng });

describe('the sender refuses', () => {
  const refused: readonly [string, number, SumRows, ErrorCode][] = [
    ['a value over the bound', 1, [[LARGEST_VALUE + 1n]], 'PLAINTEXT_RANGE'],
    ['a value below the bound', 1, [[-LARGEST_VALUE - 1n]], 'PLAINTEXT_RANGE'],
    ['no column', 1, [[]], 'INVALID_PARAMETER'],
    ['17 columns', 1, [Array.from({ length: 17 }, () => 0n)], 'INVALID_PARAMETER'],
    ['rows of unequal length', 2, [[1n], [1n, 2n]], 'INVALID_PARAMETER'],
    ['fewer values than items', 2, [[1n]], 'INVALID_PARAMETER'],
    ['no item', 0, [], 'INVALID_PARAMETER'],
    ['more rows than are served', MOST_SUM_ROWS + 1, [], 'INVALID_PARAMETER'],
  ];
  for (const [name, n, values, code] of refused) {
    test(name, () => rejects(send(hashes(n), values), refusal(code)));
  }
});

const paillier = smallPaillier();

function session(tamper: Tamper, scheme = paillier): Promise<unknown> {
  const { left, right } = new ChannelPair(tamper);
  const values = [[5n], [6n], [7n]];
  const options = { scheme, rng: systemRng };
  return both(receiveSums(left, hashes(3), options), sendSums(right, hashes(3), values, options));
}

/** Changes the first frame of a kind. */
const change =
  (kind: number, action: (body: Uint8Array) => void): Tamper =>
  (frame) => {
    if (frame[0] === kind) action(frame.subarray(FRAME_HEAD_BYTES));
    return frame;
  };

describe('a deviating party is refused', () => {
  const deviations: readonly [string, Tamper, ErrorCode][] = [
    ['another version', change(KIND.offer, (b) => b.fill(2, 0, 1)), 'UNSUPPORTED_VERSION'],
    ['no column', change(KIND.offer, (b) => b.fill(0, 1, 2)), 'MALFORMED_MESSAGE'],
    ['too many columns', change(KIND.offer, (b) => b.fill(17, 1, 2)), 'MALFORMED_MESSAGE'],
    ['a key without bytes', change(KIND.offer, (b) => b.fill(0, 2)), 'MALFORMED_MESSAGE'],
    ['a ciphertext of zero', change(KIND.ciphertexts, (b) => b.fill(0)), 'MALFORMED_MESSAGE'],
    ['a ciphertext over n²', change(KIND.ciphertexts, (b) => b.fill(255)), 'MALFORMED_MESSAGE'],
    ['a total of zero', change(KIND.total, (b) => b.fill(0)), 'MALFORMED_MESSAGE'],
    ['a sum out of range', change(KIND.masked, (b) => b.fill(0)), 'MALFORMED_MESSAGE'],
    ['a truncated frame', (f) => (f[0] === KIND.masked ? f.subarray(1) : f), 'PROTOCOL_STATE'],
    ['an element twice', duplicateElement(0x52), 'MALFORMED_MESSAGE'],
    ['a doubled element twice', duplicateElement(0x53), 'MALFORMED_MESSAGE'],
    ['a doubled identity', change(0x53, (b) => b.fill(0, 0, 32)), 'MALFORMED_MESSAGE'],
    ['no element', change(0x53, (b) => b.fill(255, 0, 32)), 'MALFORMED_MESSAGE'],
  ];
  for (const [name, tamper, code] of deviations) {
    test(name, () => rejects(session(tamper), refusal(code)));
  }
  test('and an honest session is not', () => session((frame) => frame));
});

function duplicateElement(kind: number): Tamper {
  return change(kind, (body) => body.copyWithin(32, 0, 32));
}
