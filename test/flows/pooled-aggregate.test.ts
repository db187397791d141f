import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';

const LU = 'patient_id,sex,age\n1,F,34\n2,M,61\n3,F,70\n4,x,12\n';
const JP = 'patient_id,sex,age\n1,F,45\n2,F,66\n3,M,notanumber\n';

describe('pooled aggregate in one process, without noise', () => {
  test('by holder and pooled', async () => {
    using lab = await PooledLab.open({ lu: LU, jp: JP });
    const { body } = await lab.release({ groupBy: ['holder', 'sex'], rho: '1/10' }, ExactNoise);
    const counts = body.cells.map(({ group, value }) => [
      group['holder'] ?? 'all',
      group['sex'],
      value,
    ]);
    deepStrictEqual(counts, [
      ['jp', 'F', 2],
      ['jp', 'M', 1],
      ['jp', null, 0],
      ['lu', 'F', 2],
      ['lu', 'M', 1],
      ['lu', null, 1],
      ['all', 'F', 4],
      ['all', 'M', 2],
      ['all', null, 1],
    ]);
    strictEqual(body.privacy.rho, '1/10');
    strictEqual(body.privacy.outsider.rho, '1/10');
  });

  test('pooled only, filtered, in bins', async () => {
    using lab = await PooledLab.open({ lu: LU, jp: JP });
    const query = {
      where: { all: [{ column: 'sex', in: ['F'] }] },
      groupBy: [{ column: 'age', bins: [0, 40, 60, 111] }],
      rho: '1/10',
    };
    const { body, attestations } = await lab.release(query, ExactNoise);
    deepStrictEqual(
      body.cells.map(({ group, value }) => [group['age'], value]),
      [
        ['[0,40)', 1],
        ['[40,60)', 1],
        ['[60,111)', 2],
        [null, 0],
      ],
    );
    deepStrictEqual(
      attestations.map(({ attestation }) => attestation.holder),
      ['jp', 'lu'],
    );
    ok(attestations.every(({ attestation }) => attestation.charged));
  });
});
