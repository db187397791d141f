/** HPKE sealing: round trip, the lengths on the wire, and every way in which opening must fail. */
import { deepStrictEqual, equal, notDeepStrictEqual, rejects } from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, test } from 'vitest';
import { concat, toHex, utf8 } from '../../src/base/bytes.ts';
import { generateSealKeyPair, open, seal } from '../../src/base/seal.ts';
import { Secret } from '../../src/base/secret.ts';
import { refusal } from '../support/refusal.ts';

const CONTEXT = utf8('study|run|lu|jp|mask-key|1');
const MESSAGE = utf8('thirty-two bytes of mask key !!!');

const malformed = refusal('MALFORMED_MESSAGE');

describe('seal', async () => {
  const [pair, other] = await Promise.all([generateSealKeyPair(), generateSealKeyPair()]);
  const sealed = await seal(pair.publicKey, CONTEXT, MESSAGE);

  test('opens to the message, and adds 1,136 bytes', async () => {
    using opened = await open(pair.privateKey, CONTEXT, sealed);
    deepStrictEqual(opened.expose(), MESSAGE);
    equal(sealed.length, 1120 + MESSAGE.length + 16);
    equal(pair.publicKey.length, 1216);
  });

  test('an empty and a long message, also from the middle of a larger buffer', async () => {
    for (const length of [0, 1, 100_000]) {
      const body = concat(utf8('before'), new Uint8Array(length).fill(7), utf8('behind'));
      const box = await seal(pair.publicKey, CONTEXT, body.subarray(6, 6 + length));
      const moved = concat(utf8('x'), box, utf8('y')).subarray(1, 1 + box.length);
      using opened = await open(pair.privateKey, CONTEXT, moved);
      deepStrictEqual(opened.expose(), new Uint8Array(length).fill(7));
    }
  });

  test('sealing twice gives other bytes, and never the message in clear', async () => {
    const again = await seal(pair.publicKey, CONTEXT, MESSAGE);
    notDeepStrictEqual(again, sealed);
    equal(toHex(again).includes(toHex(MESSAGE)), false);
  });

  test('what was opened does not print', async () => {
    const opened = await open(pair.privateKey, CONTEXT, sealed);
    equal(inspect(opened).includes('116, 104, 105'), false);
    equal(JSON.stringify({ opened }).includes('thirty'), false);
  });

  test('another context is refused: shorter, longer, empty, one bit', async () => {
    const flipped = CONTEXT.slice();
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    const bad = [CONTEXT.subarray(1), concat(CONTEXT, utf8('x')), new Uint8Array(0), flipped];
    for (const context of bad) await rejects(open(pair.privateKey, context, sealed), malformed);
  });

  test('another key is refused', () => rejects(open(other.privateKey, CONTEXT, sealed), malformed));

  // The ML-KEM part (implicit rejection), the X25519 part, the ciphertext, the tag.
  for (const at of [0, 700, 1087, 1088, 1119, 1120, 1120 + MESSAGE.length, -1]) {
    test(`one flipped bit at byte ${at} is refused`, async () => {
      const bad = sealed.slice();
      const index = at < 0 ? bad.length + at : at;
      bad[index] = (bad[index] ?? 0) ^ 0x10;
      await rejects(open(pair.privateKey, CONTEXT, bad), malformed);
    });
  }

  test('truncated and extended bodies are refused', async () => {
    for (const length of [0, 1, 1119, 1120, 1135, sealed.length - 1]) {
      await rejects(open(pair.privateKey, CONTEXT, sealed.subarray(0, length)), malformed);
    }
    await rejects(open(pair.privateKey, CONTEXT, concat(sealed, utf8('x'))), malformed);
  });

  test('a public or private key of the wrong length is refused', async () => {
    for (const length of [0, 32, 1215, 1217]) {
      await rejects(seal(new Uint8Array(length), CONTEXT, MESSAGE), malformed);
    }
    const short = new Secret('seal key', new Uint8Array(31));
    await rejects(open(short, CONTEXT, sealed), malformed);
  });

  test('a wiped key is refused', async () => {
    const pairToWipe = await generateSealKeyPair();
    const box = await seal(pairToWipe.publicKey, CONTEXT, MESSAGE);
    pairToWipe.privateKey[Symbol.dispose]();
    await rejects(open(pairToWipe.privateKey, CONTEXT, box));
  });
});
