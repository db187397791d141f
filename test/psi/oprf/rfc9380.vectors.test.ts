/**
 * RFC 9380: expand_message_xmd (appendix K) with its intermediate msg_prime, tags above 255 bytes
 * against @noble/curves, and P256_XMD:SHA-256_SSWU_RO_ (appendix J.1.1) as this project calls it.
 */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve.js';
import { p256, p256_hasher } from '@noble/curves/nist.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { describe, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../../src/base/bytes.ts';
import { messageExpander } from '../../../src/psi/oprf/expand-message.ts';
import { refusal } from '../../support/refusal.ts';
import { GROUPS, readVectors } from './vectors.ts';

type Expand = {
  readonly DST: string;
  readonly tests: readonly {
    readonly DST_prime: string;
    readonly len_in_bytes: string;
    readonly msg: string;
    readonly msg_prime: string;
    readonly uniform_bytes: string;
  }[];
};

describe.each(['sha256', 'sha512'] as const)('expand_message_xmd, %s', (name) => {
  const { DST, tests } = readVectors(`rfc9380-expand-${name}.json`) as Expand;
  test(`${tests.length} vectors`, () => {
    deepStrictEqual(tests.length, 10);
    for (const vector of tests) {
      const expand = messageExpander(name, utf8(DST), Number(vector.len_in_bytes));
      deepStrictEqual(toHex(expand(utf8(vector.msg))), vector.uniform_bytes);
    }
  });
  test('control: another tag gives other bytes', () => {
    const [vector] = tests;
    const expand = messageExpander(name, utf8(`${DST}.`), Number(vector!.len_in_bytes));
    deepStrictEqual(toHex(expand(utf8(vector!.msg))) === vector!.uniform_bytes, false);
  });
});

test('expand_message_xmd: a tag above 255 bytes is hashed (section 5.3.3)', () => {
  for (const length of [255, 256, 400]) {
    const tag = new Uint8Array(length).fill(7);
    const [ours, theirs] = [
      messageExpander('sha512', tag, 100)(utf8('message')),
      expand_message_xmd(utf8('message'), tag, 100, sha512),
    ];
    deepStrictEqual(toHex(ours), toHex(theirs));
  }
});

test('expand_message_xmd: an empty tag, and more than 255 digests, are refused', () => {
  const invalid = refusal('INVALID_PARAMETER');
  throws(() => messageExpander('sha256', new Uint8Array(0), 32), invalid);
  throws(() => messageExpander('sha256', utf8('tag'), 255 * 32 + 1), invalid);
});

type Curve = {
  readonly dst: string;
  readonly vectors: readonly { readonly msg: string; readonly P: { x: string; y: string } }[];
};

test('P256_XMD:SHA-256_SSWU_RO_ (appendix J.1.1)', () => {
  const { dst, vectors } = readVectors('rfc9380-p256.json') as Curve;
  const group = GROUPS.find(({ identifier }) => identifier === 'P256-SHA256')!;
  const one = fromHex('1'.padStart(64, '0'));
  deepStrictEqual(vectors.length, 5);
  for (const { msg, P } of vectors) {
    const { x, y } = p256_hasher.hashToCurve(utf8(msg), { DST: dst }).toAffine();
    deepStrictEqual([x, y], [BigInt(P.x), BigInt(P.y)]);
    const point = p256.Point.fromBytes(group.multiplyHashed([utf8(msg)], utf8(dst), one));
    deepStrictEqual(point.toAffine(), { x, y });
  }
});
