/** The set to both sides: positions in the sender's list, in the receiver's order; and refusals. */
import { deepStrictEqual, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { FRAME_HEAD_BYTES } from '../../src/psi/frames.ts';
import { distinctItems } from '../../src/psi/items.ts';
import { hearMatches, tellMatches } from '../../src/psi/pairs.ts';
import { refusal } from '../support/refusal.ts';
import { ChannelPair, type Tamper } from './ecdh/channel-pair.ts';

const names = (ids: readonly number[]): Uint8Array =>
  distinctItems(
    ids.map((id) => `person ${id}`),
    ids.length,
  ).hashes;
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

async function told(
  left: readonly number[],
  right: readonly number[],
  matches: readonly number[],
  tamper?: Tamper,
): Promise<number[]> {
  const pair = new ChannelPair(tamper);
  await tellMatches(pair.left, names(left), Uint32Array.from(matches));
  return [...(await hearMatches(pair.right, names(right)))];
}

describe('tellMatches and hearMatches', () => {
  test('nothing, one and several, in the order of the receiver', async () => {
    deepStrictEqual(await told([1, 2], [3], []), []);
    deepStrictEqual(await told([7], [7], [0]), [0]);
    deepStrictEqual(await told([5, 1, 9, 2], [2, 3, 9, 5], [0, 2, 3]), [3, 2, 0]);
  });

  test('more than a frame holds', async () => {
    const all = upTo(70_000);
    deepStrictEqual(await told(all, [...all].reverse(), all), [...all].reverse());
  });

  test('a tag of no item, one twice, and more than there are items', async () => {
    const malformed = refusal('MALFORMED_MESSAGE');
    await rejects(told([1, 2], [2, 3], [0]), malformed);
    await rejects(told([1, 2], [1, 2], [0, 0]), malformed);
    await rejects(told([1, 2, 3], [1], [0, 1, 2]), malformed);
  });

  test('a tag that differs behind its first word', async () => {
    const flip: Tamper = (frame, _, index) => {
      if (index === 1) frame[FRAME_HEAD_BYTES + 11] = (frame[FRAME_HEAD_BYTES + 11] ?? 0) ^ 1;
      return frame;
    };
    await rejects(told([1], [1], [0], flip), refusal('MALFORMED_MESSAGE'));
  });
});
