/** Rulings 15: what a holder sends leaves at the deadline; work on rows has ended long before. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import type { HolderPorts } from '../../src/flows/ports.ts';
import { holdPooledAggregate } from '../../src/flows/pooled-aggregate.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';

test('the cohort gives up after three quarters of the time, and the send waits for all of it', async () => {
  using lab = await PooledLab.counting({ jp: 5n, lu: 7n });
  const run = lab.compile({ groupBy: ['sex'], rho: '1/10' });
  const [jp, lu] = lab.holders;
  if (jp === undefined || lu === undefined) throw new Error('two holders');
  const seen: [string, number][] = [];
  const seconds = (instant: Date): number => instant.getTime() / 1000;
  const ports = lu.ports(lab.network, run, ExactNoise);
  const watched: HolderPorts = {
    ...ports,
    clock: {
      now: () => new Date(0),
      until: (instant) => {
        seen.push(['sent', seconds(instant)]);
        return Promise.resolve();
      },
    },
    cohort: {
      epoch: (study) => ports.cohort.epoch(study),
      noisedVector: (plan, noise, deadline, during) => {
        seen.push(['rows', seconds(deadline)]);
        return ports.cohort.noisedVector(plan, noise, deadline, during);
      },
    },
  };
  await Promise.all([holdPooledAggregate(run, watched), lab.hold(jp, run, ExactNoise)]);
  const { deadlineSeconds } = run.plan;
  deepStrictEqual(seen, [
    ['rows', 0.75 * deadlineSeconds],
    ['sent', deadlineSeconds],
  ]);
});
