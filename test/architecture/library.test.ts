/** Every entry of the package is built, can be imported by its name, and offers something that works. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const { name, exports } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  exports: Record<string, string>;
};
const entries = Object.entries(exports).filter(([entry]) => entry !== './package.json');

test.each(entries)('%s', async (_, file) => {
  const module = (await import(path.join(ROOT, file))) as Record<string, unknown>;
  ok(Object.keys(module).length > 3, file);
  ok(
    Object.values(module).some((value) => typeof value === 'function'),
    file,
  );
});

test('the package finds itself by name, and what it finds computes', async () => {
  const audit = (await import(`${name}/audit`)) as { leafHash: (data: Uint8Array) => Uint8Array };
  deepStrictEqual(audit.leafHash(new Uint8Array(0)).length, 32);
  const linkage = (await import(`${name}/linkage`)) as {
    canonicalDate: (text: string) => string | undefined;
  };
  deepStrictEqual(linkage.canonicalDate('昭和64年1月7日'), '1989-01-07');
  const dp = (await import(`${name}/dp`)) as {
    Rational: { of: (n: number, d: number) => object };
    epsilonUp: (rho: object, delta: object) => string;
  };
  deepStrictEqual(dp.epsilonUp(dp.Rational.of(1, 10), dp.Rational.of(1, 10 ** 6)), '2.1420');
  const he = (await import(`${name}/he`)) as {
    chooseParameters: (facts: object) => { sets: readonly { n: number }[] };
  };
  const facts = { largestSum: 1000n, ciphertexts: 2 ** 20, holders: 2, mode: 'seeded' };
  deepStrictEqual(
    he.chooseParameters(facts).sets.map(({ n }) => n),
    [4096],
  );
});
