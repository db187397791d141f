/**
 * No SEAL object is left behind: the memory of the process stays where it is over many uploads,
 * evaluations and openings. Control: 200 ciphertexts that are not freed show in the same figure.
 */
import { ok } from 'node:assert/strict';
import { test } from 'vitest';
import type { SealCiphertext } from '../../../src/he/seal/library.ts';
import { planColumns } from '../../../src/he/seal/plan.ts';
import type { Schema } from '../../../src/he/seal/schema.ts';
import { Lab } from './session.ts';

const MIB = 2 ** 20;
const schema: Schema = { on: { type: 'indicator' }, x: { type: 'integer', min: 0, max: 9 } };
const rows = [{ person: 'a', values: { on: true, x: 3 } }];
const plan = planColumns(schema, { filter: 'on', measures: [{ kind: 'sum', of: 'x' }] }, 1);

/** Two collections' worth of waiting, so that only the module's own memory is left to grow. */
async function resident(): Promise<number> {
  for (let i = 0; i < 3; i += 1) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().rss;
}

test('150 whole queries, and some that are refused half-way', async () => {
  const lab = await Lab.open();
  const once = (): void => {
    const store = lab.upload(schema, rows);
    const results = lab.evaluate(plan, store);
    lab.open(schema, plan, results);
    try {
      lab.open(schema, plan, [results[0]!.slice().fill(1, 0, 64)]);
    } catch {
      // Refused, and that must free as much as an answer does.
    }
  };
  for (let i = 0; i < 60; i += 1) once();
  const before = await resident();
  for (let i = 0; i < 150; i += 1) once();
  const grown = (await resident()) - before;
  ok(grown < 40 * MIB, `grown by ${Math.round(grown / MIB)} MiB`);

  const kept: SealCiphertext[] = [];
  const sealed = lab.codec.toSeal('partial', lab.partials(plan, lab.upload(schema, rows), [0])[0]!);
  for (let i = 0; i < 400; i += 1) {
    const leaked = lab.session.seal.CipherText();
    leaked.loadArray(lab.session.context, sealed);
    kept.push(leaked);
  }
  const leak = (await resident()) - before;
  ok(leak > 60 * MIB, `control: 400 x 384 KiB show as ${Math.round(leak / MIB)} MiB`);
  ok(kept.length === 400);
});
