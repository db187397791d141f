/** The committed programs are what their sources compile to, byte by byte; and the demonstrations of them, end to end. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { assembleImage } from '../../src/cli/assemble-image.ts';
import { exampleImage } from '../../src/cli/example-image.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

test.each(['diabetes-calibration', 'biomarker-cutpoint', 'gait-features'] as const)(
  '%s is reproduced',
  async (name) => {
    const { declaration } = await exampleImage(name, ROOT);
    const at = path.join(ROOT, 'sandbox-images/analysis', name);
    const built = await assembleImage(`${at}.ts`, declaration.memory);
    deepStrictEqual(Buffer.from(built), readFileSync(`${at}.wasm`));
  },
  60_000,
);

type Estimate = {
  readonly group: object;
  readonly name: string;
  readonly value: number;
  readonly noise: number;
};

/** What the generators put in, and how near the demonstration comes at its price. */
describe.each([
  ['biomarker', 'cutpoint', 4, 0.7],
  ['gait', 'change_per_year', 20, 3],
] as const)('demo --case %s', (name, field, truth, far) => {
  test('answers near the truth, and from both holders', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['dist/cli.js', 'demo', '--case', name, '--json'],
      { cwd: ROOT, encoding: 'utf8' },
    );
    strictEqual(status, 0, stderr);
    const { release } = JSON.parse(stdout) as { release: { estimates: readonly Estimate[] } };
    const found = release.estimates.filter((estimate) => estimate.name === field);
    deepStrictEqual(
      found.map(({ group }) => group),
      [{ holder: 'jp' }, { holder: 'lu' }, {}],
    );
    const pooled = found.find(({ group }) => !('holder' in group))?.value ?? Infinity;
    ok(Math.abs(pooled - truth) < far, `${pooled}`);
  }, 180_000);
});
