/** The blocks of src/dp/README.md, each run as it stands there, with everything the library exports. */
import { equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import * as dp from '../../src/dp/dp.ts';

const README = path.resolve(import.meta.dirname, '..', '..', 'src', 'dp', 'README.md');
const blocks = Array.from(
  readFileSync(README, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g),
  (match) => match[1] ?? '',
);

/** Runs a block and returns its top-level constants. */
function run(block: string): Record<string, unknown> {
  const names = Array.from(
    block.matchAll(/^const (?:\{ ([^}]+) \}|(\w+)) =/gm),
    (m) => m[1] ?? m[2],
  );
  const body = `${block}\nreturn { ${names.join(', ')} };`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  return new Function(...Object.keys(dp), body)(...Object.values(dp)) as Record<string, unknown>;
}

const results = blocks.map(run);
const [count, quantiles, keys, cost] = results;

test('every block runs and gives what its comments say', () => {
  equal(blocks.length, 4);
  equal(String(count?.['variance']), '100/1');
  equal(count?.['epsilon'], /'([\d.]+)'/.exec(blocks[0] ?? '')?.[1]);
  equal(String(quantiles?.['variance']), '20/1');
  const leaves = quantiles?.['leaves'] as Float64Array;
  ok(leaves.length === 8 && Math.abs(leaves.reduce((sum, x) => sum + x, 0) - 97) < 60);
  const shown = keys?.['shown'] as Map<string, bigint>;
  ok(shown.has('C50') && !shown.has('nobody'));
  equal(String((keys?.['price'] as dp.Rational[])[0]), '1/2');
  ok((cost?.['epsilon'] as number) > 1 && (cost?.['epsilon'] as number) < 4);
  ok((cost?.['detected'] as number) > 0.01);
  equal(cost?.['first'], true);
});
