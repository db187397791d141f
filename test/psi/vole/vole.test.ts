/** VOLE-PSI gives the plain intersection, of any sizes, reports what it dropped and sends what it says it sends. */
import { deepStrictEqual, equal, notDeepStrictEqual, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { MAX_FRAME_BYTES } from '../../../src/psi/channel.ts';
import { sessionBytes } from '../../../src/psi/vole/messages.ts';
import { voleParameters } from '../../../src/psi/vole/parameters.ts';
import { oprfReceive } from '../../../src/psi/vole/receiver.ts';
import { oprfSend, voleSend } from '../../../src/psi/vole/sender.ts';
import { refusal } from '../../support/refusal.ts';
import { Link, names, plainMatches, type Sent, session } from './sessions.ts';

const bytesFrom = (frames: readonly Sent[], party: string): number =>
  frames.reduce((sum, { from, frame }) => sum + (from === party ? frame.length : 0), 0);

const SIZES = [
  [0, 3],
  [3, 0],
  [2, 1],
  [600, 41],
] as const;

describe('VOLE-PSI', () => {
  for (const [nx, ny] of SIZES) {
    test(`${nx} and ${ny} items`, async () => {
      const [xs, ys] = [names(nx), names(ny, Math.floor(nx / 2))];
      const { received, sent, frames } = await session(xs, ys);
      deepStrictEqual([...received.matches], plainMatches(xs, ys));
      deepStrictEqual([received.peerItems, sent.peerItems], [ny, nx]);
      const expected = sessionBytes(voleParameters(nx, ny), 'match');
      equal(bytesFrom(frames, 'receiver'), expected.receiver);
      equal(bytesFrom(frames, 'sender'), expected.sender);
    });
  }

  test('duplicates count once and are reported; text and bytes are the same identifier', async () => {
    const xs = ['b', 'a', 'b', '久保田', 'c', 'a', ''];
    const ys = [utf8('a'), utf8('久保田'), utf8('a'), utf8(''), utf8('x'.repeat(200))];
    const { received, sent } = await session(xs, ys);
    deepStrictEqual([...received.matches], [1, 3, 6]);
    deepStrictEqual([...received.duplicates], [2, 5]);
    deepStrictEqual([...sent.duplicates], [2]);
    deepStrictEqual([received.peerItems, sent.peerItems], [4, 5]);
  });

  test('more than one bin, more than one frame of masks', async () => {
    const [xs, ys] = [names(60_000), names(66_000, 59_990)];
    const { received, frames } = await session(xs, ys);
    deepStrictEqual(
      [...received.matches],
      Array.from({ length: 10 }, (_, i) => 59_990 + i),
    );
    const parameters = voleParameters(60_000, 66_000);
    equal(parameters.bins, 2);
    equal(bytesFrom(frames, 'sender'), sessionBytes(parameters, 'match').sender);
    ok(frames.every(({ frame }) => frame.length <= MAX_FRAME_BYTES));
  });

  test('nothing repeats between two sessions of the same lists', async () => {
    const [xs, ys] = [names(20), names(20, 10)];
    const runs = [await session(xs, ys), await session(xs, ys)];
    const tail = (run: (typeof runs)[0]): Set<string> =>
      // Last of all come the masks: 6 + 2 bytes would do here, they have 7.
      new Set(run.frames.map(({ frame }) => toHex(frame.subarray(-7))));
    const [first, second] = runs.map(tail);
    deepStrictEqual(
      [...first!].filter((mask) => second!.has(mask)),
      [],
    );
  });
});

describe('tokens', () => {
  const tokenOf = (tokens: Uint8Array, i: number): string =>
    toHex(tokens.subarray(16 * i, 16 * i + 16));

  test('equal for equal identifiers only, 16 bytes, and nothing else is sent', async () => {
    const link = new Link();
    const [xs, ys] = [
      ['a', 'b', 'b', 'c'],
      ['c', 'd', 'a', 'a'],
    ];
    const [ours, theirs] = await Promise.all([
      oprfReceive(xs, link.end('receiver')),
      oprfSend(ys, link.end('sender')),
    ]);
    deepStrictEqual([...ours.rows], [0, 1, 3]);
    deepStrictEqual([...theirs.rows], [0, 1, 2]);
    deepStrictEqual([[...ours.duplicates], [...theirs.duplicates]], [[2], [3]]);
    equal(ours.tokens.length, 48);
    equal(tokenOf(ours.tokens, 0), tokenOf(theirs.tokens, 2));
    equal(tokenOf(ours.tokens, 2), tokenOf(theirs.tokens, 0));
    const all = [0, 1, 2].flatMap((i) => [tokenOf(ours.tokens, i), tokenOf(theirs.tokens, i)]);
    equal(new Set(all).size, 4);
    const expected = sessionBytes(voleParameters(3, 3), 'tokens');
    equal(bytesFrom(link.sent, 'receiver'), expected.receiver);
    equal(bytesFrom(link.sent, 'sender'), expected.sender);
  });

  test('another session has another function', async () => {
    const run = async (): Promise<Uint8Array> => {
      const link = new Link();
      const [{ tokens }] = await Promise.all([
        oprfReceive(['a'], link.end('receiver')),
        oprfSend(['a'], link.end('sender')),
      ]);
      return tokens;
    };
    notDeepStrictEqual(await run(), await run());
  });

  test('a receiver of tokens and a sender of masks do not meet', async () => {
    const link = new Link();
    const ours = oprfReceive(['a'], link.end('receiver'));
    await rejects(voleSend(['a'], link.end('sender')), refusal('PROTOCOL_STATE'));
    link.close();
    await rejects(ours, /gone/);
  });
});
