/** Every code that says what is wrong in somebody's input is explained. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { PUBLIC_MESSAGE } from '../../src/base/errors.ts';
import { inputWords } from '../../src/cli/input-words.ts';
import type { Json } from '../../src/base/canonical-json.ts';
import { readSignedStudy } from '../../src/flows/study-terms.ts';
import { NEVER } from '../../src/study/amendment-table.ts';
import { successorDraft } from '../../src/study/amendment.ts';
import { signedStudy, studyDraft, studyKeys } from '../support/study.ts';
import { cli } from '../support/captured-io.ts';
import { scratch } from '../support/scratch.ts';

const SRC = path.join(import.meta.dirname, '..', '..', 'src');
const EXAMPLES = path.join(import.meta.dirname, '..', 'examples');

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(path.join(SRC, file), 'utf8'));

/** Codes as src writes them: `code: 'X'`, `report('X'`, `error: 'X'`, and the table of base/input.ts. */
const USED =
  /(?:code: |report(?:\.\w+)?\(|report\(\w+(?:\(.*\))?, |error: |(?:minimum|maximum|pattern|required|type|enum|minLength|minItems|maxItems|additionalProperties): )'([A-Z]+_[A-Z_]+)'/g;

test('all of them have words', () => {
  const used = new Set(sources.flatMap((text) => [...text.matchAll(USED)].map(([, code]) => code)));
  for (const code of Object.keys(PUBLIC_MESSAGE)) used.delete(code);
  ok(used.has('REVERSED_BINS') && used.has('UNKNOWN_FIELD') && used.size > 30, [...used].join());
  deepStrictEqual(
    [...used].filter((code) => inputWords(code ?? '') === ''),
    [],
  );
  strictEqual(inputWords('OF_A_LATER_VERSION'), '');
});

test('what an amendment never changes: the reason of the table, beside the code', async () => {
  for (const [code, { why }] of Object.entries(NEVER)) strictEqual(inputWords(code), why);
  ok(Object.keys(NEVER).length > 10);
  const keys = studyKeys(['jp', 'lu']);
  const first = signedStudy(studyDraft(keys), keys) as Record<string, Json>;
  const draft = successorDraft(readSignedStudy(first)) as object;
  const next = { study: { ...draft, purpose: 'care' }, signatures: [], history: [first] };
  const { code, out, err } = await cli(['study', 'show', '-'], JSON.stringify(next));
  strictEqual(code, 2, out);
  strictEqual(
    err,
    'An amendment cannot change this, which takes a new study.\n' +
      `  /purpose  PURPOSE_FIXED  ${NEVER.PURPOSE_FIXED.why}\n`,
  );
});

const priced = (query: string) =>
  cli(['query', 'price', '-', '--study', path.join(EXAMPLES, 'study.json')], query);

const example = readFileSync(path.join(EXAMPLES, 'query.json'), 'utf8');

describe('a query that is refused', () => {
  test.each([
    ['0/1'],
    ['-1/200'],
    ['1e-400'],
    ['0.01'],
    ['NaN'],
    ['1,5'],
    ['2/4'],
    ['1/0'],
    [`${'9'.repeat(26)}/1`],
  ])('rho %s: where, which code, and what is needed', async (rho) => {
    const query = { ...(JSON.parse(example) as object), rho };
    const { code, err } = await priced(JSON.stringify(query));
    strictEqual(code, 2);
    strictEqual(
      err,
      'The query is not a valid query of this version.\n' +
        '  /rho  RHO_INVALID  a fraction above 0 in lowest terms is needed, such as "1/200", with no number too long\n',
    );
  });

  test('no JSON: the line and the column at which it ends to be', async () => {
    const trailing = await priced('{"format": "kakehashi/query/1",\n "groupBy": ["holder",]\n}');
    strictEqual(trailing.code, 2);
    match(trailing.err, /\(- is not JSON at line 2, column 23\)\n {2}\/ {2}NOT_JSON {2}not JSON;/);
    match((await priced('{"rho":"1/200",\n"rho":"1/2"}')).err, /not JSON at line 2, column 6\)/);
    match((await priced('')).err, /not JSON at line 1, column 1\)/);
  });

  test('no text at all', async () => {
    const binary = path.join(scratch(), 'query.json');
    writeFileSync(
      binary,
      Uint8Array.from({ length: 256 }, (_, i) => i),
    );
    const study = path.join(EXAMPLES, 'study.json');
    const { code, err } = await cli(['query', 'price', binary, '--study', study]);
    strictEqual(code, 2);
    match(err, /is not text in UTF-8\)/);
  });
});
