/** How products over encrypted columns are divided into jobs: everything once, a bounded part at a time, results in order. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { test } from 'vitest';
import type { Blobs, Job, Jobs } from '../../../src/flows/ports.ts';
import { blindSums, type StoredTable } from '../../../src/flows/columns/blind-sums.ts';
import { blobBytes } from '../../../src/he/seal/blob.ts';
import { splitResults } from '../../../src/he/seal/column-jobs.ts';

type Params = { readonly columns: string[]; readonly cells: string[][]; readonly part: number[] };

const table = (blocks: number): StoredTable => ({
  table: 'a'.repeat(64),
  blocks,
  relinearisation: 'key',
  ciphertext: (block, id) => `${block}/${id}`,
});

/** Jobs that compute nothing: a result payload begins with the length of its product's name. */
function recorded() {
  const sums: (Params & { readonly inputs: readonly string[] })[] = [];
  const keys = new Set<string>();
  let [running, most] = [0, 0];
  const jobs: Jobs = {
    submit: async (job: Job) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      ok(!keys.has(job.key));
      keys.add(job.key);
      const params = job.params as unknown as Params;
      if (job.kind === 'columns-sum') sums.push({ ...params, inputs: job.inputs });
      return JSON.stringify(params.cells);
    },
  };
  const get = async (digest: string): Promise<Uint8Array> => {
    const cells = JSON.parse(digest) as string[][];
    const size = blobBytes('result');
    const bytes = new Uint8Array(cells.length * size);
    cells.forEach((cell, i) => {
      bytes[i * size] = cell.join('*').length;
    });
    return bytes;
  };
  return { jobs, blobs: { get } as unknown as Blobs, sums, most: () => most };
}

const GROUPS = Array.from({ length: 21 }, (_, g) => `h${'='.repeat(g)}`);
const COUNTS = GROUPS.map((group) => [group]);
const SUMS = GROUPS.map((group) => [group, 'cost']);

for (const [name, blocks, products] of [
  ['groups over a million rows', 123, [...COUNTS, ...SUMS]],
  ['groups of a few rows', 1, [...COUNTS, ...SUMS]],
  ['one product', 123, [['treated', 'cost']]],
  ['one column', 400, [['cost']]],
] as const) {
  test(name, async () => {
    const { jobs, blobs, sums, most } = recorded();
    const all = products.map((ids) => [...ids]);
    const results = splitResults(await blindSums(table(blocks), all, { jobs, blobs }));
    deepStrictEqual(
      results.map(([first]) => first),
      all.map((ids) => ids.join('*').length),
    );
    const done = sums.flatMap(({ cells, part }) =>
      cells.flatMap((cell) => part.map((block) => `${block}/${cell.join('*')}`)),
    );
    equal(done.length, blocks * all.length);
    equal(new Set(done).size, done.length);
    ok(most() <= 3);
    ok(blocks === 1 || sums.length > 1, 'a thread would have nothing to do');
    for (const { inputs, columns, part } of sums) {
      ok(inputs.length <= 1 + 256 && columns.length <= 8);
      deepStrictEqual(
        inputs.slice(1),
        part.flatMap((block) => columns.map((id) => `${block}/${id}`)),
      );
    }
    // A relinearisation for each product of two and job: few of them.
    const relinearised = sums.reduce(
      (count, { cells }) => count + cells.filter((cell) => cell.length === 2).length,
      0,
    );
    ok(relinearised <= 5 * all.length, `${relinearised} relinearisations`);
  });
}
