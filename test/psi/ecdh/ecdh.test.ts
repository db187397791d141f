/** ECDH-PSI: outputs against plain sets, and every malformed message refused. */
import { deepStrictEqual, equal, notDeepStrictEqual, rejects } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { concat, toHex, utf8 } from '../../../src/base/bytes.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { GENERATOR } from '../../../src/kernels/edwards25519.ts';
import { Ristretto255 } from '../../../src/kernels/ristretto255.ts';
import { Scalar25519 } from '../../../src/kernels/scalar25519.ts';
import { FRAME_ELEMENTS } from '../../../src/psi/ecdh/messages.ts';
import { receiveCardinality, receiveIntersection } from '../../../src/psi/ecdh/receiver.ts';
import { sendItems } from '../../../src/psi/ecdh/sender.ts';
import { permutation } from '../../../src/psi/shuffle.ts';
import { itemHash } from '../../../src/psi/items.ts';
import { refusal } from '../../support/refusal.ts';
import { both, ChannelPair, type Side, type Tamper } from './channel-pair.ts';

const options = { peerLimit: 10_000, rng: systemRng };
const items = (ids: readonly number[]): Uint8Array =>
  concat(...ids.map((id) => itemHash(utf8(`person ${id}`))));
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

async function run(x: readonly number[], y: readonly number[], pair = new ChannelPair()) {
  const served = sendItems(pair.right, items(y), { ...options, output: 'set' });
  return [...(await both(receiveIntersection(pair.left, items(x), options), served))];
}

async function count(x: readonly number[], y: readonly number[], pair = new ChannelPair()) {
  const served = sendItems(pair.right, items(y), { ...options, output: 'cardinality' });
  return both(receiveCardinality(pair.left, items(x), options), served);
}

describe('outputs', () => {
  test('are those of plain sets', async () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(ids, ids, async (x, y) => {
        const expected = x.flatMap((id, i) => (y.includes(id) ? [i] : []));
        deepStrictEqual(await run(x, y), expected);
        equal(await count(x, y), expected.length);
      }),
      { numRuns: 12 },
    );
  });

  test('over more than one frame, full and not', async () => {
    const [x, y] = [range(0, FRAME_ELEMENTS + 3), range(FRAME_ELEMENTS - 2, 2 * FRAME_ELEMENTS)];
    deepStrictEqual(await run(x, y), range(FRAME_ELEMENTS - 2, FRAME_ELEMENTS + 3));
  });

  test('cost 32 bytes an element thrice, and frames', async () => {
    const pair = new ChannelPair();
    await run(range(0, 100), range(50, 250), pair);
    equal(pair.bytes, (2 * 100 + 200) * 32 + 3 * 5 + 2 * (5 + 38));
  });
});

describe('what goes over the channel', () => {
  test('is fresh in every session', async () => {
    const [one, two] = [new ChannelPair(), new ChannelPair()];
    await run([1], [1], one);
    await run([1], [1], two);
    for (const side of ['left', 'right'] as const) {
      notDeepStrictEqual(one.sent[side][1], two.sent[side][1]);
    }
  });

  test('D is A under b: in the order of A for a set, in a uniform one for a cardinality', async () => {
    const [group, scalars] = [new Ristretto255(), new Scalar25519()];
    const places = new Set<number>();
    for (let i = 0; i < 30; i++) {
      for (const output of ['set', 'cardinality'] as const) {
        const pair = new ChannelPair();
        // The sender draws its nonce, then its scalar.
        const drawn: Uint8Array[] = [];
        const rng = (length: number): Uint8Array => {
          const bytes = systemRng(length);
          drawn.push(bytes.slice());
          return bytes;
        };
        const receive = output === 'set' ? receiveIntersection : receiveCardinality;
        await both<unknown>(
          receive(pair.left, items([1, 2, 3]), options),
          sendItems(pair.right, items([3]), { ...options, rng, output }),
        );
        const b = scalars.reduce(drawn[1]!);
        const split = (frame: Uint8Array): string[] =>
          toHex(frame.subarray(5)).match(/.{64}/g) ?? [];
        const expected = split(
          concat(new Uint8Array(5), group.multiply(pair.sent.left[1]!.subarray(5), b)),
        );
        const d = split(pair.sent.right[2]!);
        deepStrictEqual(d.toSorted(), expected.toSorted());
        if (output === 'set') deepStrictEqual(d, expected);
        else places.add(d.indexOf(expected[0]!));
      }
    }
    // All of 30 uniform draws from three places equal: 3^-29, 2^-46.
    equal(places.size > 1, true);
  });

  test('a permutation has every number once, and its first place is uniform', () => {
    const n = 6;
    const rounds = 6000;
    const firsts = new Array<number>(n).fill(0);
    for (let i = 0; i < rounds; i++) {
      const order = permutation(n, systemRng);
      deepStrictEqual([...order].sort(), range(0, n));
      firsts[order[0]!]! += 1;
    }
    // Chi squared, 5 degrees of freedom: above 35.9 with probability 1e-6.
    const expected = rounds / n;
    const statistic = firsts.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
    equal(statistic < 35.9, true, `chi squared ${statistic}`);
  });
});

describe('own items', () => {
  const pair = new ChannelPair();
  const invalid = refusal('INVALID_PARAMETER');
  for (const [name, bad] of [
    ['none', new Uint8Array(0)],
    ['no whole number', new Uint8Array(17)],
    ['one twice', items([1, 2, 1])],
  ] as const) {
    test(`${name}: refused before anything is sent`, async () => {
      await rejects(receiveIntersection(pair.left, bad, options), invalid);
      await rejects(sendItems(pair.right, bad, { ...options, output: 'set' }), invalid);
      equal(pair.bytes, 0);
    });
  }
});

/** Changes frame `index` of `side`. */
const change =
  (side: Side, index: number, edit: (frame: Uint8Array) => Uint8Array): Tamper =>
  (frame, from, at) =>
    from === side && at === index ? edit(frame) : frame;

const replace = (at: number, bytes: Uint8Array) => (frame: Uint8Array) => {
  const out = frame.slice();
  out.set(bytes, at);
  return out;
};

describe('messages of the peer', () => {
  const faults: [string, (frame: Uint8Array) => Uint8Array][] = [
    ['empty', () => new Uint8Array(0)],
    ['truncated', (frame) => frame.subarray(0, -1)],
    ['trailing', (frame) => concat(frame, Uint8Array.of(0))],
    ['an element short', (frame) => frame.subarray(0, -32)],
    ['an element too many', (frame) => concat(frame, GENERATOR)],
    ['oversized', (frame) => concat(frame, new Uint8Array(1 << 24))],
  ];
  const elementFaults: typeof faults = [
    ['the identity', replace(5, new Uint8Array(32))],
    ['not canonical', replace(5, new Uint8Array(32).fill(0xff))],
    [
      'other bytes',
      replace(
        5,
        Uint8Array.from(GENERATOR, (b) => b ^ 0xff),
      ),
    ],
    ['an element twice', (frame) => replace(5, frame.subarray(37, 69))(frame)],
  ];
  // left 1 is A, right 1 is B, right 2 is D.
  for (const [list, side, index] of [
    ['A', 'left', 1],
    ['B', 'right', 1],
    ['D', 'right', 2],
  ] as const) {
    for (const [name, edit] of [...faults, ...elementFaults]) {
      test(`${list}: ${name}`, async () => {
        await rejects(
          run([1, 2, 3], [2, 3, 4], new ChannelPair(change(side, index, edit))),
          refusal('MALFORMED_MESSAGE'),
        );
      });
    }
  }
  for (const [name, edit] of [
    ...faults,
    ['no items', replace(7, new Uint8Array(4))],
    ['more items than allowed', replace(7, Uint8Array.of(0x11, 0x27, 0, 0))],
    ['an unknown output', replace(6, Uint8Array.of(2))],
    ['the other output', replace(6, Uint8Array.of(1))],
  ] as const) {
    test(`hello: ${name}`, async () => {
      const tamper = change('left', 0, edit);
      await rejects(run([1], [1], new ChannelPair(tamper)), refusal('MALFORMED_MESSAGE'));
    });
  }
  test('hello: another version is named', async () => {
    const tamper = change('right', 0, replace(5, Uint8Array.of(2)));
    await rejects(run([1], [1], new ChannelPair(tamper)), refusal('UNSUPPORTED_VERSION'));
  });
  test('a frame of another kind, or one again', async () => {
    const wrong = change('right', 1, replace(0, Uint8Array.of(0x53)));
    await rejects(run([1], [1], new ChannelPair(wrong)), refusal('PROTOCOL_STATE'));
    const again = change('right', 2, replace(1, Uint8Array.of(1)));
    await rejects(run([1], [1], new ChannelPair(again)), refusal('PROTOCOL_STATE'));
  });
  test('control: the same run untouched has its result', async () => {
    deepStrictEqual(await run([1, 2, 3], [2, 3, 4], new ChannelPair((frame) => frame)), [1, 2]);
  });
  test('a broken channel rejects with its own error', async () => {
    const broken = {
      send: () => Promise.resolve(),
      receive: () => Promise.reject(new Error('gone')),
    };
    await rejects(receiveIntersection(broken, items([1]), options), /gone/);
  });
});
