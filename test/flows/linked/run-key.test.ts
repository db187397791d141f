/** Inner products under A's key are exact modulo t over several blocks, and the noise fits at the largest size. */
import { equal, rejects, throws } from 'node:assert/strict';
import { test } from 'vitest';
import { systemRng } from '../../../src/base/rng.ts';
import { Secret } from '../../../src/base/secret.ts';
import { RunColumns, RunKey, weightsOf } from '../../../src/flows/linked/run-key.ts';
import { freshNoise, productNoise, sumNoise } from '../../../src/he/noise.ts';
import { rlweParameters } from '../../../src/he/ring/parameters.ts';
import { floodingOver } from '../../../src/he/rlwe/inner-product.ts';
import {
  FIELD_PRIME,
  type Residues,
  uniformResidues,
} from '../../../src/psi/tokens/prime-field.ts';

const ROWS = 10_000;
const RUN = 'ab'.repeat(32);
const T = BigInt(FIELD_PRIME);
const residues = (label: string): Residues => {
  using seed = new Secret('seed', new Uint8Array(32).fill(9));
  return uniformResidues(seed, label, ROWS);
};
const inner = (x: Residues, y: Residues): bigint =>
  x.reduce((sum, value, i) => sum + BigInt(value) * BigInt(y[i] ?? 0), 0n);

test('a sum of two inner products of full-size residues, and what B adds', () => {
  using key = new RunKey(RUN, systemRng);
  const [x, y, v, w] = ['x', 'y', 'v', 'w'].map(residues) as [
    Residues,
    Residues,
    Residues,
    Residues,
  ];
  const sent = [key.encrypt(x), key.encrypt(y)];
  const columns = new RunColumns(RUN, key.publicBytes);
  const [first = [], second = []] = sent.map((column) => columns.read(column));
  const added = -123_456_789n;
  const answer = columns.product(
    [
      [first, weightsOf(v)],
      [second, weightsOf(w)],
    ],
    added,
    systemRng,
  );
  const opened = key.open(answer);
  equal((((opened - inner(x, v) - inner(y, w) - added) % T) + T) % T, 0n);
  throws(() => key.open(answer.subarray(1)), { code: 'MALFORMED_MESSAGE' });
});

test('a key that was wiped opens nothing', async () => {
  const key = new RunKey(RUN, systemRng);
  key[Symbol.dispose]();
  await rejects(async () => key.encrypt(residues('x')), { code: 'PROTOCOL_STATE' });
});

test('two columns of 2^22 rows with weights below t leave room for flooding', () => {
  const parameters = rlweParameters(8192, T);
  const each = productNoise(parameters, freshNoise(parameters), T);
  const { totalNoise } = floodingOver(parameters, sumNoise(each, 2 * (2 ** 22 / 8192)), 1026);
  equal(totalNoise.ceil() < parameters.modulus / (2n * T), true);
});
