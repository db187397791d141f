/** The worked examples of src/he/README.md: they run, and the README shows exactly them. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'vitest';
import { treatedBySex } from './columns.ts';
import { totalChanges } from './paillier.ts';

test('Paillier: the packed sum of rows from two parties', () => {
  const rows = Array.from({ length: 12 }, (_, i) => [500n, -500n, BigInt(i - 6)]);
  deepStrictEqual(totalChanges(rows), [6001n, -6000n, -7n]);
});

test('encrypted columns: counts by group and a sum under a filter', async () => {
  const rows = Array.from({ length: 10 }, (_, i) => ({
    person: `p${i}`,
    values: { treated: i < 6, sex: [null, 'F', 'M'][i % 3] ?? null, hba1c: i === 0 ? 99 : 5.5 },
  }));
  // The first is clamped to 20 %; among the treated are two of each sex and two unknown.
  deepStrictEqual(await treatedBySex(rows), [2n, 2n, 2n, 475n]);
});

describe('src/he/README.md', () => {
  const readme = resolve(import.meta.dirname, '../../../src/he/README.md');
  for (const file of ['paillier.ts', 'columns.ts']) {
    const text = existsSync(readme) ? readFileSync(readme, 'utf8') : '';
    test.skipIf(!text.includes(`<!-- test/he/examples/${file} -->`))(`shows ${file}`, () => {
      const source = readFileSync(resolve(import.meta.dirname, file), 'utf8');
      ok(text.includes(source.trim()), 'the README has another text than the example that runs');
    });
  }
});
