/** `kakehashi run --image`: a program over files, with everybody's keys and signatures made for the run. */
import { ok, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { imageDigest } from '../../src/image/layout.ts';
import { declarationFor } from '../support/image.ts';
import { command, holdersOf, json } from '../support/institutions.ts';
import { scratch } from '../support/scratch.ts';
import { answering, i64, RESERVE, wasm } from '../support/wasm-text.ts';

/** Answers 7, whatever the rows are. */
const BINARY = wasm({ functions: [RESERVE, [[], answering(...i64(7n))]] });
const DECLARATION = declarationFor(BINARY);

test('the answer of a program, and a file that is none', async () => {
  const directory = scratch();
  const put = (name: string, content: object | string | Uint8Array): string => {
    const file = path.join(directory, name);
    const text = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(file, text ? content : JSON.stringify(content));
    return file;
  };
  const image = path.join(directory, 'program.tar');
  const build = ['image', 'build', put('program.wasm', BINARY), '--out', image];
  await json([...build, '--declaration', put('declaration.json', DECLARATION)]);
  const names = ['lu', 'jp'];
  const each = <T>(value: T) => Object.fromEntries(names.map((name) => [name, value]));
  const draft = {
    format: 'kakehashi/study/1',
    title: 'A program',
    purpose: 'research',
    expires: '2099-12-31',
    holders: names.map((name) => ({ ...holdersOf([name])[0], identity: undefined })),
    cohort: {
      person: 'id',
      rowsPerPerson: 1,
      cellsPerPerson: 1,
      declaredSize: each(1000),
      nulls: [''],
      columns: { age: { type: 'integer', min: 0, max: 110 } },
    },
    operations: ['image'],
    honestHolders: 1,
    images: [],
    linkage: null,
    minimumCell: 0,
    budget: each({ rho: '2000/1', delta: '0/1' }),
  };
  const digest = imageDigest(DECLARATION, BINARY);
  const query = {
    format: 'kakehashi/query/1',
    measures: [{ name: 'seven', image: { digest, blocks: 8 } }],
    rho: '2000/1',
  };
  const rows = ['id,age', ...Array.from({ length: 40 }, (_, i) => `${i},${20 + i}`), ''].join('\n');
  const run = (archive: string) => [
    ...['run', '--study', put('draft.json', draft), '--query', put('query.json', query)],
    ...['--image', archive],
    ...names.flatMap((name) => ['--holder', `${name}=${put(`${name}.csv`, rows)}`]),
  ];
  const { release } = (await json(run(image))) as {
    release: { estimates: readonly { readonly value: number }[] };
  };
  const [seven] = release.estimates;
  ok(seven !== undefined && Math.abs(seven.value - 7) < 4, JSON.stringify(release.estimates));
  const none = await command([...run(put('none.tar', 'no archive')), '--json']);
  ok(none.code !== 0);
  strictEqual(/urn:kakehashi:problem:(\w+)/.exec(none.out)?.[1], 'IMAGE_REJECTED');
}, 200_000);
