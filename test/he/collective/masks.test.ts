/** Zero-sum masks, and the trap they close: a share opens what its holder encrypted (rulings 3). */
import { deepStrictEqual, equal, notDeepStrictEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Secret } from '../../../src/base/secret.ts';
import { encryptSeeded } from '../../../src/he/collective/encrypt.ts';
import {
  applyMask,
  drawsMaskKey,
  zeroSumMask,
  zeroSumMaskModulo,
} from '../../../src/he/collective/masks.ts';
import { decryptionShare } from '../../../src/he/collective/share.ts';
import { unpack } from '../../../src/he/ring/pack.ts';
import { RLWE_4096 as P } from '../../../src/he/ring/parameters.ts';
import { decode } from '../../../src/he/ring/plaintext.ts';
import { ringOf } from '../../../src/he/ring/polynomial.ts';
import { refusal } from '../../support/refusal.ts';
import { chiSquare, chiSquareLimit, digest, keySharesOf, seededRng } from '../support.ts';

const [runId, plan] = [digest('masked run'), digest('plan')];
const key = (label: string): Secret =>
  new Secret(label, new Uint8Array(Buffer.from(digest(label), 'hex')));
const maskOf = (holder: string, peers: Record<string, string>, slots = 64): Uint32Array =>
  zeroSumMask(
    holder,
    new Map(Object.entries(peers).map(([peer, label]) => [peer, key(label)])),
    runId,
    plan,
    slots,
  );

describe('masks', () => {
  test('two and three holders: the masks cancel', () => {
    const zero = new Uint32Array(64);
    deepStrictEqual(applyMask(maskOf('jp', { lu: 'k' }), maskOf('lu', { jp: 'k' })), zero);
    const three = [
      maskOf('a', { b: 'ab', c: 'ac' }),
      maskOf('b', { c: 'bc', a: 'ab' }),
      maskOf('c', { a: 'ac', b: 'bc' }),
    ];
    deepStrictEqual(three.reduce(applyMask), zero);
    // Control: with one key of a pair different they do not.
    const [a, b] = three as [Uint32Array, Uint32Array];
    notDeepStrictEqual([a, b, maskOf('c', { a: 'ac', b: 'other' })].reduce(applyMask), zero);
  });

  test('the smaller name by code units draws the key and adds', () => {
    ok(drawsMaskKey('jp', 'lu') && !drawsMaskKey('lu', 'jp'));
    ok(drawsMaskKey('Z', 'a') && drawsMaskKey('a', 'aa') && !drawsMaskKey('é', 'z'));
    const negated = maskOf('lu', { jp: 'k' }).map((x) => -x);
    deepStrictEqual(maskOf('jp', { lu: 'k' }), negated);
  });

  test('another run, another plan, another key: another mask; a prefix stays', () => {
    const peers = new Map([['lu', key('k')]]);
    const mask = zeroSumMask('jp', peers, runId, plan, 8);
    notDeepStrictEqual(zeroSumMask('jp', peers, digest('other'), plan, 8), mask);
    notDeepStrictEqual(zeroSumMask('jp', peers, runId, digest('other'), 8), mask);
    notDeepStrictEqual(maskOf('jp', { lu: 'k2' }, 8), mask);
    deepStrictEqual(zeroSumMask('jp', peers, runId, plan, 100).slice(0, 8), mask);
  });

  test('each modulus has a stream of its own: masks modulo one say nothing of those modulo another', () => {
    const peers = new Map([['lu', key('k')]]);
    const drawn = [2n ** 40n, 2n ** 44n].map((t) =>
      zeroSumMaskModulo('jp', peers, runId, plan, 64, t),
    );
    // From one stream the masks modulo 2^44 would be those modulo 2^40 in their low bits.
    const low = drawn.map((mask) => Array.from(mask, (word) => word % 2n ** 40n));
    notDeepStrictEqual(low[1], low[0]);
    const equal = low[0]?.filter((word, i) => word === low[1]?.[i]) ?? [];
    deepStrictEqual(equal, []);
  });

  test('refusals', () => {
    const invalid = refusal('INVALID_PARAMETER');
    throws(() => maskOf('jp', {}), invalid);
    throws(() => maskOf('jp', { jp: 'k' }), invalid);
    throws(
      () => maskOf('x', Object.fromEntries(Array.from('abcdefghijklmnop', (n) => [n, n]))),
      invalid,
    );
    for (const slots of [0, -1, 1.5]) throws(() => maskOf('jp', { lu: 'k' }, slots), invalid);
    const short = new Map([['lu', new Secret('short', new Uint8Array(31))]]);
    throws(() => zeroSumMask('jp', short, runId, plan, 8), invalid);
    const good = new Map([['lu', key('k')]]);
    throws(() => zeroSumMask('jp', good, 'run', plan, 8), invalid);
    throws(() => zeroSumMask('jp', good, runId, plan.toUpperCase(), 8), invalid);
    throws(() => applyMask(new Uint32Array(8), new Uint32Array(7)), invalid);
  });
});

describe('what a share opens', () => {
  const [share] = keySharesOf(2, 'trap');
  const vector = Uint32Array.from({ length: 4096 }, (_, j) => (j * j) % 1000);
  const ring = ringOf(P);

  /** What anybody computes from one holder's ciphertext and its share. */
  function opened(slots: Uint32Array): Uint32Array {
    if (share === undefined) return new Uint32Array(0);
    const ciphertext = encryptSeeded(P, share, runId, slots, seededRng('trap/encrypt'));
    const part = decryptionShare(P, share, runId, 1, seededRng('trap/share'));
    return decode(ring, ring.add(unpack(P, ciphertext), unpack(P, part)));
  }

  /** Four bytes a slot, each position: 256 classes, alpha = 10^-6. */
  const uniform = (slots: Uint32Array): boolean =>
    [0, 8, 16, 24].every((shift) => {
      const counts = new Array<number>(256).fill(0);
      for (const slot of slots) {
        const byte = (slot >>> shift) & 255;
        counts[byte] = (counts[byte] ?? 0) + 1;
      }
      return chiSquare(counts, new Array<number>(256).fill(1 / 256)) < chiSquareLimit(255);
    });

  test('control: without masks, that holder’s own vector', () => {
    const result = opened(vector);
    deepStrictEqual(result, vector);
    equal(uniform(result), false);
  });

  test('with masks, the masked vector, which looks uniform and has nothing of the plain one', () => {
    const mask = maskOf('jp', { lu: 'trap' }, 4096);
    const result = opened(applyMask(vector, mask));
    deepStrictEqual(result, applyMask(vector, mask));
    ok(uniform(result));
    // A slot equals its plain value with probability 2^-32.
    ok(!result.some((slot, j) => slot === vector[j]));
  });
});
