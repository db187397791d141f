/** Directories that a user may not use: a refusal that names them, and no stack. */
import { match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { cli } from '../support/captured-io.ts';
import { scratch } from '../support/scratch.ts';

const EXAMPLE = path.join(import.meta.dirname, '..', 'examples', 'diabetes');

describe('a place that cannot be used', () => {
  test('run: the new directory would be below a file', async () => {
    const file = path.join(scratch(), 'file');
    writeFileSync(file, '');
    const { code, err } = await cli([
      'run',
      ...['--study', path.join(EXAMPLE, 'study.json'), '--query', path.join(EXAMPLE, 'query.json')],
      ...['lu', 'jp'].flatMap((name) => ['--holder', `${name}=${path.join(EXAMPLE, name)}.csv`]),
      ...['--data', path.join(file, 'data')],
    ]);
    strictEqual(code, 2);
    match(err, /^A file cannot be opened\. \(.*file\/data: ENOTDIR\)\n$/);
  });

  test('ledger: no store is made where there was none', async () => {
    const { code, err } = await cli(['ledger', '--data', path.join(scratch(), 'none')]);
    strictEqual(code, 6);
    match(err, /No holder is running/);
  });

  test('ledger of a stopped holder whose settings were options: it says what to do', async () => {
    const data = scratch();
    writeFileSync(path.join(data, 'store.db'), '');
    const { code, err } = await cli(['ledger', '--data', data]);
    strictEqual(code, 2);
    match(err, /put what it is started with into config\.json/);
    match(err, /\/stewards {2}MISSING_FIELD {2}is missing/);
  });
});
