/** The steps below the protocol, each for its relation: base pads, q = t + rΔ, w = v + eΔ, C = AΔ + B. */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import { p256 } from '@noble/curves/nist.js';
import { describe, test } from 'vitest';
import { GgmForest } from '../../../src/kernels/ggm.ts';
import { elements, fromBytes, multiply } from '../../../src/kernels/reference/gf128.ts';
import { BASE_OTS, choose, finish, offer } from '../../../src/psi/vole/base-ot.ts';
import { NoiseCode } from '../../../src/psi/vole/code.ts';
import {
  baseChoices,
  extendChooser,
  extendHolder,
  extensionBytes,
} from '../../../src/psi/vole/correlated-ot.ts';
import {
  chooserTrees,
  drawNoise,
  growGroup,
  growInputs,
  holderTrees,
  noiseChoices,
  regrowGroup,
  regrowInputs,
  treeSizes,
} from '../../../src/psi/vole/noise-trees.ts';
import { addToAll } from '../../../src/psi/vole/p256.ts';
import { TREES, voleParameters } from '../../../src/psi/vole/parameters.ts';
import { refusal } from '../../support/refusal.ts';
import { seededRng } from './sessions.ts';

const rng = seededRng('correlations');
const bit = (bytes: Uint8Array, i: number): number => (bytes[i >> 3]! >> (i & 7)) & 1;

/** Base pads for Δ as both parties hold them. */
function basePads(delta: Uint8Array) {
  const first = offer(rng);
  const choices = baseChoices(delta);
  const { message, pads } = choose(first.message, choices, rng);
  return { both: finish(first, message), pads, choices };
}

describe('P-256', () => {
  const G = p256.Point.BASE;
  const point = (k: bigint): Uint8Array => G.multiply(k).toBytes(false);
  test('adds and subtracts as @noble/curves does', () => {
    const points = [1n, 2n, 77n, p256.Point.Fn.ORDER - 2n].map(point);
    deepStrictEqual(addToAll(points, point(5n), 1), [6n, 7n, 82n, 3n].map(point));
    const differences = [4n, 3n].map((k) => G.multiply(k).negate().toBytes(false));
    deepStrictEqual(addToAll(points, point(5n), -1).slice(0, 3), [...differences, point(72n)]);
  });
  test('refuses the addend itself, its negative and what is no point', () => {
    const off = point(3n).with(40, 1);
    for (const bad of [
      point(5n),
      G.multiply(5n).negate().toBytes(false),
      off,
      point(3n).slice(1),
      point(3n).with(0, 6),
    ]) {
      throws(() => addToAll([bad], point(5n), 1), refusal('MALFORMED_MESSAGE'));
    }
    throws(() => addToAll([point(1n)], off, 1), refusal('MALFORMED_MESSAGE'));
  });
});

describe('correlations', () => {
  const delta = rng(16);
  const { both, pads, choices } = basePads(delta);

  test('a base pad is the chosen one, and not the other', () => {
    for (let i = 0; i < BASE_OTS; i += 1) {
      const pair = [0, 1].map((c) => both.slice(32 * i + 16 * c, 32 * i + 16 * c + 16));
      const own = pads.slice(16 * i, 16 * i + 16);
      deepStrictEqual(
        pair.map((pad) => Buffer.compare(pad, own) === 0),
        [bit(choices, i) === 0, bit(choices, i) === 1],
      );
    }
  });

  test('correlated OT: q = t + r Δ for every bit', () => {
    const bits = rng(64);
    const { message, t } = extendChooser(both, bits, rng);
    equal(message.length, extensionBytes(512));
    const q = elements(extendHolder(delta, pads, message, 512));
    elements(t).forEach((value, j) => {
      equal(q[j], bit(bits, j) === 1 ? value ^ fromBytes(delta) : value);
    });
    throws(() => extendHolder(delta, pads, message, 640), refusal('MALFORMED_MESSAGE'));
    throws(() => extendChooser(both, bits.slice(0, 5), rng), refusal('INVALID_PARAMETER'));
  });

  test('noise: w = v + e Δ, and compressed C = A Δ + B', async () => {
    const parameters = voleParameters(10, 10);
    const sizes = treeSizes(parameters);
    const noise = drawNoise(sizes, rng);
    const { message, t } = extendChooser(both, noiseChoices(noise, sizes), rng);
    const q = extendHolder(delta, pads, message, sizes.correlations);
    const [ours, theirs] = [holderTrees(q, delta, sizes), chooserTrees(t, noise, sizes)];
    using forest = new GgmForest(sizes.group, sizes.leaves);
    const seed = rng(16);
    using holder = new NoiseCode(seed, parameters.correlations, 1);
    using chooser = new NoiseCode(seed, parameters.correlations, 2);
    const d = fromBytes(delta);
    for (let g = 0; g < TREES / sizes.group; g += 1) {
      const message = new Uint8Array(sizes.messageBytes);
      const seeds = rng(16 * sizes.group);
      // Views: the forest serves both parties here.
      const leaves = growGroup(growInputs(g, ours, sizes, seeds), forest, message).slice();
      const w = regrowGroup(regrowInputs(g, theirs, sizes, message), forest);
      const v = elements(leaves);
      const places = new Map(
        Array.from({ length: sizes.group }, (_, k) => {
          const tree = g * sizes.group + k;
          const value = noise.values.slice(16 * tree, 16 * tree + 16);
          return [k * sizes.leaves + noise.positions[tree]!, fromBytes(value)];
        }),
      );
      elements(w).forEach((value, i) => equal(value, v[i]! ^ multiply(places.get(i) ?? 0n, d)));
      const at = g * sizes.group * sizes.leaves;
      holder.load(0, at, leaves);
      chooser.load(0, at, w);
      for (const [place, value] of places) {
        chooser.load(1, at + place, noise.values.slice(0, 16).fill(0));
        chooser.load(
          1,
          at + place,
          Uint8Array.from({ length: 16 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n)),
        );
      }
    }
    const [b] = (await holder.take(300)).map((b) => elements(b.slice()));
    const [c, a] = (await chooser.take(300)).map((b) => elements(b.slice()));
    c!.forEach((value, i) => equal(value, b![i]! ^ multiply(a![i]!, d)));
    equal(new Set(a).size, 300);
  });
});
