/**
 * exp: against the engine's own within 2 units in the last place, over its whole range; and bit for
 * bit against pinned results, which is the promise: the same on every engine.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { exp } from '../../src/analysis/elementary.ts';

const view = new DataView(new ArrayBuffer(8));
const bits = (x: number): bigint => {
  view.setFloat64(0, x);
  return view.getBigInt64(0);
};
/** Units in the last place between two positive or two negative doubles. */
const ulps = (a: number, b: number): number => Math.abs(Number(bits(a) - bits(b)));

/** As computed here with 1 ulp of error or none; e¹ is the one that has it. */
const PINNED = [
  '4005bf0a8b14576a',
  '3fd78b56362cef38',
  '3ff1aec7b35a00d4',
  '40e1bb7015e84d3b',
  '24dc758233102ace',
  '3ff000000044b830',
];

describe('exp', () => {
  test('within 2 ulp of Math.exp', () => {
    fc.assert(
      fc.property(fc.double({ min: -745, max: 709.7, noNaN: true }), (x) => {
        ok(ulps(exp(x), Math.exp(x)) <= 2, `exp(${x})`);
      }),
      { numRuns: 3000 },
    );
    for (let x = -745; x < 709; x += 0.0717) ok(ulps(exp(x), Math.exp(x)) <= 2, `exp(${x})`);
  });
  test('ends of the range', () => {
    const ends = [0, -0, 709.79, Infinity, -745.2, -Infinity, NaN];
    deepStrictEqual(ends.map(exp), [1, 1, Infinity, Infinity, 0, 0, NaN]);
    ok(Number.isFinite(exp(709.782712893384)) && exp(-745) > 0);
  });
});

describe('the same on every engine', () => {
  test('pinned bits', () => {
    const pinned = (xs: readonly number[]): string[] => xs.map((x) => bits(exp(x)).toString(16));
    deepStrictEqual(pinned([1, -1, 0.1, 10.5, -300.25, 1e-9]), PINNED);
  });
  test('nothing in src/analysis calls a function whose last bits are the engine’s', () => {
    const folder = resolve(import.meta.dirname, '../../src/analysis');
    const exact = 'sqrt|floor|ceil|abs|min|max|round|trunc|sign|imul';
    const inexact = new RegExp(`Math\\.(?!(?:${exact})\\b)\\w+|[^*/ ]\\s*\\*\\*\\s`);
    ok(inexact.test('Math.exp(1)') && inexact.test('x ** 2') && !inexact.test('Math.sqrt(x) * 2'));
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      const code = readFileSync(resolve(folder, file), 'utf8').replaceAll(/\/\*[^]*?\*\//g, '');
      ok(!inexact.test(code), `${file}: ${inexact.exec(code)?.[0] ?? ''}`);
    }
  });
});
