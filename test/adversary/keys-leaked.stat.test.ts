/**
 * Rulings, test 1: with all keys, masks and shares public, what a run leaves of a holder is that
 * holder's vector with its own full noise. Hockey-stick test on neighbouring inputs (a count of
 * 0 and of 1 in every cell, 4,096 independent samples each) at two values of epsilon.
 *
 * alpha = 10^-6 for each comparison. Positive control: noise added after summing, that is no
 * noise in what a holder encrypts, is caught.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { systemNoise } from '../../src/engine/noise/system-noise.ts';
import type { Noise } from '../../src/flows/ports.ts';
import { zcdpDelta } from '../../src/dp/accountant/zcdp.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { unmaskedSlots } from '../support/leaked.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import { CELLS, WIDE } from '../support/wide-study.ts';

const RHO = 0.5;

async function leaked(count: bigint, noise: Noise): Promise<BigInt64Array> {
  using lab = await PooledLab.counting({ jp: 0n, lu: count }, WIDE);
  const run = lab.compile({ groupBy: ['code'], rho: '1/2' });
  await Promise.all([lab.assemble(run), ...lab.holders.map((one) => lab.hold(one, run, noise))]);
  const holder = lab.holders.find(({ name }) => name === 'lu');
  if (holder === undefined) throw new Error('no holder');
  return await unmaskedSlots(lab, run, holder);
}

/** Largest excess of P[E] over e^epsilon Q[E] over threshold events E = {x ≥ k}, both directions. */
function hockeyStick(p: BigInt64Array, q: BigInt64Array, epsilon: number): number {
  const share = (v: BigInt64Array, k: bigint, up: boolean): number =>
    v.filter((x) => (up ? x >= k : x <= k)).length / v.length;
  let worst = 0;
  for (let k = -8n; k <= 8n; k++) {
    for (const up of [true, false]) {
      for (const [a, b] of [
        [p, q],
        [q, p],
      ] as const) {
        worst = Math.max(worst, share(a, k, up) - Math.exp(epsilon) * share(b, k, up));
      }
    }
  }
  return worst;
}

/** Hoeffding for a difference of two shares of CELLS samples, e^epsilon on one, alpha over 68 events. */
const slack = (epsilon: number): number =>
  (1 + Math.exp(epsilon)) * Math.sqrt(Math.log(68 / 1e-6) / (2 * CELLS));

describe('all keys leaked', () => {
  const noise = (): Noise => systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng);

  test('a holder keeps its own noise', async () => {
    const own = noise();
    const [p, q] = [await leaked(0n, own), await leaked(1n, own)];
    for (const epsilon of [0.25, 1]) {
      const found = hockeyStick(p, q, epsilon);
      const bound = zcdpDelta(RHO, epsilon);
      ok(found <= bound + slack(epsilon), `epsilon ${epsilon}: ${found} against ${bound}`);
    }
  });

  test('control: noise that comes after summing is caught', async () => {
    const [p, q] = [await leaked(0n, ExactNoise), await leaked(1n, ExactNoise)];
    ok(hockeyStick(p, q, 1) > zcdpDelta(RHO, 1) + slack(1));
  });
});
