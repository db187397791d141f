/**
 * The sampler on known streams. Published: 49 samples at σ = 9 made with the reference
 * implementation of Canonne, Kamath, Steinke and checked by divviup/libprio-rs@16f30b73, whose
 * stream is XofTurboShake128 (draft-irtf-cfrg-vdaf): TurboSHAKE128, D = 1, over an empty tag of
 * two length bytes, the seed behind its length as one byte, and an empty binder. Our own: a
 * pinned seed.
 */
import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { turboshake128 } from '@noble/hashes/sha3-addons.js';
import { describe, test } from 'vitest';
import { concat, fromHex } from '../../../src/base/bytes.ts';
import { Rational } from '../../../src/base/rational.ts';
import { Secret } from '../../../src/base/secret.ts';
import { type ByteSource, bytesOf, seededBytes } from '../../../src/dp/sampler/byte-source.ts';
import {
  discreteGaussianVector,
  gaussianSampler,
} from '../../../src/dp/sampler/discrete-gaussian.ts';
import { referenceGaussian } from '../../../src/dp/sampler/gaussian-reference.ts';
import { sharedData } from '../../support/shared-data.ts';

type Vector = { seed: string; std_num: number; std_denom: number; samples: number[] };

function turboshakeStream(seed: Uint8Array): ByteSource {
  const message = concat(new Uint8Array(2), Uint8Array.of(seed.length), seed);
  const xof = turboshake128.create({ D: 1 }).update(message);
  return bytesOf((length) => xof.xof(length));
}

const path = sharedData('dp/cks20_discrete_gauss_std9.json');

describe.skipIf(path === undefined)('published samples, σ = 9', () => {
  for (const [name, make] of Object.entries({ gaussianSampler, referenceGaussian })) {
    test(name, () => {
      const vector = JSON.parse(readFileSync(path ?? '', 'utf8')) as Vector;
      const variance = Rational.of(vector.std_num ** 2, vector.std_denom ** 2);
      const sampler = make(variance, turboshakeStream(fromHex(vector.seed)));
      deepEqual(
        vector.samples.map(() => Number(sampler.draw())),
        vector.samples,
      );
    });
  }
});

/** Fixed for ever: a resumed run must draw the noise that its reservation committed to. */
const PINNED: readonly [string, readonly number[]][] = [
  ['1/4', [0, 0, 0, 1, -1, 0, -1, 0]],
  ['4/1', [1, -4, 3, 6, 0, 2, 6, -1]],
  ['100/1', [5, 2, -19, 13, 6, -5, 5, 12]],
  ['350/3', [5, 2, -19, 13, 6, -5, 5, 12]],
  [
    '123456789012345678901/7',
    [
      5435975472, -5403851190, -2700999278, -2997453441, 30202883, -289743407, 4100233996,
      2783368169,
    ],
  ],
];

describe('pinned noise of the seed 00 01 ... 1f', () => {
  for (const [variance, expected] of PINNED) {
    test(`σ² = ${variance}`, () => {
      using seed = new Secret(
        'seed',
        Uint8Array.from({ length: 32 }, (_, i) => i),
      );
      const drawn = discreteGaussianVector(Rational.parse(variance), 8, seededBytes(seed));
      deepEqual(Array.from(drawn, Number), expected);
    });
  }

  test('a vector is the same drawn whole or in parts, and across blocks of the stream', () => {
    using seed = new Secret('seed', new Uint8Array(32));
    const whole = discreteGaussianVector(Rational.of(50), 3000, seededBytes(seed));
    const sampler = gaussianSampler(Rational.of(50), seededBytes(seed));
    equal(
      whole.every((value) => value === sampler.draw()),
      true,
    );
  });
});
