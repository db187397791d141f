/** The unbalanced protocol over a channel, its filter file, pseudonyms: results and refusals. */
import { deepStrictEqual, equal, notDeepStrictEqual, rejects, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { concat, utf8 } from '../../../src/base/bytes.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { Secret } from '../../../src/base/secret.ts';
import {
  buildFilter,
  decodeFilter,
  encodeFilter,
  filterHas,
  prefixWidth,
} from '../../../src/psi/oprf/filter.ts';
import { oprfContext } from '../../../src/psi/oprf/group.ts';
import { generateKeyPair } from '../../../src/psi/oprf/keys.ts';
import { pseudonymOf, studyKeyPair } from '../../../src/psi/oprf/pseudonym.ts';
import { evaluate } from '../../../src/psi/oprf/server.ts';
import { queryFilter } from '../../../src/psi/oprf/unbalanced-client.ts';
import { evaluatedFilter, serveEvaluations } from '../../../src/psi/oprf/unbalanced-server.ts';
import { refusal } from '../../support/refusal.ts';
import { both, ChannelPair, type Tamper } from '../ecdh/channel-pair.ts';
import { GROUPS } from './vectors.ts';

const ids = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, i) => utf8(`person ${from + i}`));

describe.each(GROUPS)('$identifier', (group) => {
  const context = oprfContext(group, 1);
  const keys = generateKeyPair(context, systemRng);
  const filter = evaluatedFilter(context, keys, ids(0, 30));
  const booked: number[] = [];

  async function run(inputs: Uint8Array[], pair = new ChannelPair(), quota = 100) {
    const book = (n: number) => {
      booked.push(n);
      return Promise.resolve();
    };
    return both(
      queryFilter(pair.left, context, filter, keys.publicKey, inputs, systemRng),
      serveEvaluations(pair.right, context, keys, quota, book, systemRng),
    );
  }

  test('finds what both have', async () => {
    deepStrictEqual([...(await run(ids(25, 33)))], [0, 1, 2, 3, 4]);
    deepStrictEqual([...(await run(ids(90, 93)))], []);
    deepStrictEqual(booked, [8, 3]);
  });

  test('the quota is refused before anything is evaluated', async () => {
    const pair = new ChannelPair();
    await rejects(run(ids(0, 5), pair, 4), refusal('MALFORMED_MESSAGE'));
    equal(pair.sent.right.length, 0);
  });

  test('messages that are not what they should be', async () => {
    const at =
      (side: 'left' | 'right', index: number, edit: (frame: Uint8Array) => Uint8Array): Tamper =>
      (frame, from, i) =>
        from === side && i === index ? edit(frame) : frame;
    const malformed = refusal('MALFORMED_MESSAGE');
    const cut = (frame: Uint8Array) => frame.subarray(0, -1);
    const long = (frame: Uint8Array) => concat(frame, Uint8Array.of(0));
    const identity = (frame: Uint8Array) => {
      frame.fill(0, 5, 5 + group.elementBytes);
      return frame;
    };
    for (const [side, index] of [
      ['left', 0],
      ['left', 1],
      ['right', 0],
    ] as const) {
      for (const edit of [cut, long]) {
        await rejects(run(ids(0, 2), new ChannelPair(at(side, index, edit))), malformed);
      }
    }
    await rejects(run(ids(0, 2), new ChannelPair(at('left', 1, identity))), malformed);
    await rejects(run(ids(0, 2), new ChannelPair(at('right', 0, identity))), malformed);
    const swap = (frame: Uint8Array) => {
      const [head, size] = [5, group.elementBytes];
      const second = frame.slice(head + size, head + 2 * size);
      frame.copyWithin(head + size, head, head + size);
      frame.set(second, head);
      return frame;
    };
    await rejects(run(ids(0, 2), new ChannelPair(at('right', 0, swap))), refusal('PROOF_REJECTED'));
  });

  test('a filter of another key or suite is refused', async () => {
    const { left } = new ChannelPair();
    const other = generateKeyPair(context, systemRng).publicKey;
    for (const bad of [
      { ...filter, publicKey: other },
      { ...filter, suite: 'other' },
    ]) {
      await rejects(
        queryFilter(left, context, bad, keys.publicKey, ids(0, 1), systemRng),
        refusal('MALFORMED_MESSAGE'),
      );
    }
  });

  test('pseudonyms: equal within a study, unrelated between two', () => {
    const seed = new Secret('seed', systemRng(32));
    const of = (study: string) =>
      evaluate(context, studyKeyPair(context, seed, study).secretKey, ids(0, 3)).map(pseudonymOf);
    deepStrictEqual(of('a'.repeat(64)), of('a'.repeat(64)));
    notDeepStrictEqual(of('a'.repeat(64)), of('b'.repeat(64)));
    throws(() => studyKeyPair(context, seed, 'a study'), refusal('INVALID_PARAMETER'));
  });
});

describe('the filter file', () => {
  const outputs = Array.from({ length: 300 }, () => systemRng(64));
  const filter = buildFilter('suite', Uint8Array.of(1, 2), outputs);
  const file = encodeFilter(filter);

  test('is small, and decodes to what it was', () => {
    deepStrictEqual(decodeFilter(file), filter);
    equal(filter.width, 7); // ceil((9 + 40) / 8)
    equal(file.length, 12 + 8 + 2 + 5 + 300 * 7);
    equal(
      outputs.every((output) => filterHas(filter, output)),
      true,
    );
    deepStrictEqual(
      [
        [1, 40],
        [2, 40],
        [2 ** 20, 40],
        [2 ** 20 + 1, 40],
        [2 ** 20, 80],
      ].map(([n, bits]) => prefixWidth(n!, bits!)),
      [5, 6, 8, 8, 13],
    );
  });

  test('has the false-positive rate it states, seen at 20 bits', () => {
    const loose = buildFilter('suite', Uint8Array.of(1), outputs, 20);
    equal(loose.width, 4); // n / 2^32 is 2^-23.8 a look-up
    // 20,000 look-ups of others: 0.0014 hits expected, above 3 with probability below 2^-40.
    let hits = 0;
    const others = systemRng(20_000 * 4);
    for (let i = 0; i < 20_000; i++) {
      if (filterHas(loose, others.subarray(4 * i, 4 * i + 4))) hits += 1;
    }
    equal(hits <= 3, true);
    // Control: with prefixes of one byte most look-ups hit.
    const wide = {
      ...filter,
      width: 1,
      count: 256,
      prefixes: Uint8Array.from({ length: 256 }, (_, i) => i),
    };
    equal(filterHas(wide, others), true);
  });

  test('is refused where it is anything else', () => {
    const edited = (at: number, value: number): Uint8Array => {
      const out = file.slice();
      out[at] = value;
      return out;
    };
    const swapped = file.slice();
    swapped.copyWithin(27, 34, 41);
    for (const [name, bytes] of [
      ['empty', new Uint8Array(0)],
      ['truncated', file.subarray(0, -1)],
      ['trailing', concat(file, Uint8Array.of(0))],
      ['other magic', edited(0, 0)],
      ['other version', edited(4, 2)],
      ['no width', edited(5, 0)],
      ['reserved byte', edited(6, 1)],
      ['other count', edited(8, 1)],
      ['not ascending', swapped],
    ] as const) {
      throws(() => decodeFilter(bytes), refusal('MALFORMED_MESSAGE'), name);
    }
    throws(() => buildFilter('suite', Uint8Array.of(1), []), refusal('INVALID_PARAMETER'));
    throws(() => buildFilter('suite', Uint8Array.of(1), outputs, 8), refusal('INVALID_PARAMETER'));
  });
});
