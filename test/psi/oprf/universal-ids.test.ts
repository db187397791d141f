/** Ids of both parties: equal for equal rows, other under other keys; what a peer may not send. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import type { ErrorCode } from '../../../src/base/errors.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { Secret } from '../../../src/base/secret.ts';
import { oprfContext } from '../../../src/psi/oprf/group.ts';
import { type OprfKeyPair } from '../../../src/psi/oprf/keys.ts';
import { studyKeyPair } from '../../../src/psi/oprf/pseudonym.ts';
import { ristretto255Sha512 } from '../../../src/psi/oprf/ristretto255-sha512.ts';
import { universalIds } from '../../../src/psi/oprf/universal-ids.ts';
import { refusal } from '../../support/refusal.ts';
import { both, ChannelPair, type Tamper } from '../ecdh/channel-pair.ts';

const context = oprfContext(ristretto255Sha512(), 1);
const keysOf = (holder: number, study: string): OprfKeyPair =>
  studyKeyPair(context, new Secret('seed', new Uint8Array(32).fill(holder)), study.repeat(64));
const list = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, i) => utf8(`person ${from + i}`));
const hex = (ids: Uint8Array): string[] =>
  Array.from({ length: ids.length / 16 }, (_, i) =>
    Buffer.from(ids.subarray(16 * i, 16 * i + 16)).toString('hex'),
  );

/** Rows 0 to n of the first, n/2 to 3n/2 of the second. */
async function session(n: number, study = 'a', pair = new ChannelPair(), rows = n) {
  const of = (holder: number) => ({ context, keys: keysOf(holder, study), rng: systemRng });
  const [one, two] = await Promise.all([
    universalIds('first', list(0, n), pair.left, of(1)),
    universalIds('second', list(n / 2, n / 2 + rows), pair.right, of(2)),
  ]);
  return [hex(one), hex(two)] as const;
}

describe('ids of two parties', () => {
  test('are equal for equal rows only, over more than one batch', async () => {
    const n = 1200;
    const [one, two] = await session(n);
    deepStrictEqual(one.slice(n / 2), two.slice(0, n / 2));
    equal(new Set([...one, ...two]).size, (3 * n) / 2);
  });

  test('are the same in every session of a study, and of two studies none is equal', async () => {
    const [one] = await session(40);
    deepStrictEqual((await session(40))[0], one);
    const [other, second] = await session(40, 'b');
    equal(new Set([...one, ...other, ...second.slice(20)]).size, 100);
  });

  test('need both keys: with another key of one party no id is the same', async () => {
    const pair = new ChannelPair();
    const of = (holder: number) => ({ context, keys: keysOf(holder, 'a'), rng: systemRng });
    const third = await both(
      universalIds('first', list(0, 40), pair.left, of(3)),
      universalIds('second', list(0, 40), pair.right, of(2)),
    );
    const [one] = await session(40);
    equal(new Set([...hex(third), ...one]).size, 80);
  });
});

describe('what a peer may not send', () => {
  const at =
    (index: number, edit: (frame: Uint8Array) => Uint8Array): Tamper =>
    (frame, from, i) =>
      from === 'right' && i === index ? edit(frame) : frame;
  const flip = (place: number) => (frame: Uint8Array) =>
    frame.map((byte, i) => (i === place ? byte ^ 1 : byte));
  const either = ['MALFORMED_MESSAGE', 'PROOF_REJECTED'] as const;
  const cases: [string, Tamper, readonly ErrorCode[]][] = [
    ['an answer of another key', at(2, flip(40)), either],
    ['a proof that is none', at(2, (f) => flip(f.length - 1)(f)), either],
    ['the identity as a request', at(1, (f) => f.fill(0, 5, 37)), ['MALFORMED_MESSAGE']],
    ['a request cut short', at(1, (f) => f.subarray(0, f.length - 1)), ['MALFORMED_MESSAGE']],
    ['a key that is no element', at(0, (f) => f.fill(0xff, 5)), ['MALFORMED_MESSAGE']],
  ];
  test.each(cases)('%s', async (_, tamper, codes) => {
    const refused = codes.map((code) => refusal(code));
    await rejects(session(8, 'a', new ChannelPair(tamper)), (error: unknown) =>
      refused.some((is) => is(error)),
    );
  });

  test('a list of another length', async () => {
    await rejects(session(8, 'a', new ChannelPair(), 10), refusal('MALFORMED_MESSAGE'));
  });
});
