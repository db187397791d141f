/** What encrypted columns refuse, each beside the good form that passes. */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import { beforeAll, describe, test } from 'vitest';
import { type BlobKind, blobBytes } from '../../../src/he/seal/blob.ts';
import { combine, Evaluation } from '../../../src/he/seal/evaluate.ts';
import { openResult } from '../../../src/he/seal/open-result.ts';
import { PRIMES } from '../../../src/he/seal/parameters.ts';
import { type ColumnPlan, type ColumnQuery, planColumns } from '../../../src/he/seal/plan.ts';
import type { Column, Schema } from '../../../src/he/seal/schema.ts';
import { refusal } from '../../support/refusal.ts';
import { Lab, type Store } from './session.ts';

const schema: Schema = {
  on: { type: 'indicator' },
  sex: { type: 'category', domain: ['F', 'M'] },
  x: { type: 'integer', min: -5, max: 5 },
  maybe: { type: 'integer', min: 0, max: 9, nullable: true },
};
const QUERY: ColumnQuery = { filter: 'on', measures: [{ kind: 'sum', of: 'x' }] };

let lab: Lab;
let store: Store;
let plan: ColumnPlan;
let results: Uint8Array[];
beforeAll(async () => {
  lab = await Lab.open();
  store = lab.upload(schema, [{ person: 'a', values: { on: true, x: -4 } }]);
  plan = planColumns(schema, QUERY, 1);
  results = lab.evaluate(plan, store);
});

describe('plans', () => {
  const planned = (query: ColumnQuery, of: Schema = schema, blocks = 1): ColumnPlan =>
    planColumns(of, query, blocks);

  test('deeper than one product', () => {
    equal(planned({ filter: 'on', groupBy: 'sex', measures: [{ kind: 'count' }] }).cells.length, 3);
    const deep: ColumnQuery[] = [
      { filter: 'on', groupBy: 'sex', measures: [{ kind: 'sum', of: 'x' }] },
      { filter: 'on', groupBy: 'sex', measures: [{ kind: 'count', of: 'maybe' }] },
      { filter: 'on', measures: [{ kind: 'product', of: ['x', 'x'] }] },
      { groupBy: 'sex', measures: [{ kind: 'product', of: ['x', 'x'] }] },
    ];
    for (const query of deep) throws(() => planned(query), refusal('INVALID_PARAMETER'));
  });

  test('columns that are not there or of another type', () => {
    const wrong: ColumnQuery[] = [
      { measures: [] },
      { measures: [{ kind: 'count' }] },
      { filter: 'x', measures: [{ kind: 'count' }] },
      { filter: 'nobody', measures: [{ kind: 'count' }] },
      { groupBy: 'on', measures: [{ kind: 'count' }] },
      { groupBy: '__proto__', measures: [{ kind: 'count' }] },
      { filter: 'on', measures: [{ kind: 'sum', of: 'sex' }] },
      { filter: 'on', measures: [{ kind: 'sum', of: 'sex=0' }] },
      { filter: 'on', measures: [{ kind: 'count', of: 'x' }] },
    ];
    for (const query of wrong) throws(() => planned(query), refusal('INVALID_PARAMETER'));
    for (const blocks of [0, 1.5, 2 ** 14 + 1, NaN]) {
      throws(() => planned(QUERY, schema, blocks), refusal('INVALID_PARAMETER'));
    }
  });

  test('a slot that could pass t/2', () => {
    const wide = (max: number): Schema => ({ x: { type: 'integer', min: 0, max } });
    const square: ColumnQuery = { measures: [{ kind: 'product', of: ['x', 'x'] }] };
    equal(planned(square, wide(2 ** 24)).cells[0]?.high, 2n ** 48n);
    throws(() => planned(square, wide(2 ** 24), 2), refusal('PLAINTEXT_RANGE'));
    throws(() => planned(square, wide(2 ** 25)), refusal('PLAINTEXT_RANGE'));
  });

  test('schemas', () => {
    const bad: Column[] = [
      { type: 'integer', min: 1, max: 0 },
      { type: 'integer', min: 0.5, max: 1 },
      { type: 'integer', min: 0, max: 2 ** 31 },
      { type: 'fixed', min: 0, max: 1, perUnit: 0 },
      { type: 'fixed', min: 0, max: 1e9, perUnit: 10 },
      { type: 'date', min: '2020-01-01', max: '2019-12-31' },
      { type: 'date', min: '2020-02-30', max: '2021-01-01' },
      { type: 'category', domain: [] },
      { type: 'category', domain: ['a', 'a'] },
    ];
    for (const column of bad) {
      throws(() => planned(QUERY, { ...schema, y: column }), refusal('INVALID_PARAMETER'));
    }
    throws(() => planned(QUERY, { ...schema, 'x?': schema['x']! }), refusal('INVALID_PARAMETER'));
  });
});

test('two rows of one person', () => {
  const row = { person: 'a', values: {} };
  throws(() => lab.upload(schema, [row, row]), refusal('INVALID_PARAMETER'));
  equal(lab.upload(schema, [row, { ...row, person: 'b' }]).size, 1);
});

describe('payloads', () => {
  const good = (kind: BlobKind): Uint8Array => {
    if (kind === 'column') return store.get(0)!.get('x')!;
    if (kind === 'partial') return lab.partials(plan, store, [0])[0]!;
    if (kind === 'result') return results[0]!;
    return kind === 'secret' ? lab.key.secret.expose() : lab.key.relinearisation;
  };
  for (const kind of ['column', 'partial', 'result', 'relinearisation', 'secret'] as const) {
    test(`${kind}: lengths and residues`, () => {
      const payload = good(kind);
      equal(payload.length, blobBytes(kind));
      deepStrictEqual(lab.codec.fromSeal(kind, lab.codec.toSeal(kind, payload)), payload);
      const residue = (value: bigint): Uint8Array => {
        const bytes = payload.slice();
        new DataView(bytes.buffer).setBigUint64(8 * 8191, value, true);
        return bytes;
      };
      equal(lab.codec.toSeal(kind, residue(PRIMES[0]! - 1n)).length > payload.length, true);
      const bad = [
        residue(PRIMES[0]!),
        residue(2n ** 64n - 1n),
        payload.subarray(1),
        payload.subarray(0, 0),
        Uint8Array.from([...payload.subarray(0, 8), ...payload]),
      ];
      for (const bytes of bad) {
        throws(() => lab.codec.toSeal(kind, bytes), refusal('MALFORMED_MESSAGE'));
      }
    });
  }
});

describe('evaluation', () => {
  test('a block twice, unknown, incomplete; no second finish', () => {
    using evaluation = new Evaluation(lab.session, lab.codec, plan);
    const finish = (): unknown => evaluation.finish(lab.key.relinearisation);
    const columns = store.get(0)!;
    throws(finish, refusal('PROTOCOL_STATE'));
    throws(() => {
      evaluation.add(1, columns);
    }, refusal('INVALID_PARAMETER'));
    throws(() => {
      evaluation.add(0, new Map([['x', columns.get('x')!]]));
    }, refusal('INVALID_PARAMETER'));
    evaluation.add(0, columns);
    throws(() => {
      evaluation.add(0, columns);
    }, refusal('PROTOCOL_STATE'));
    finish();
    throws(finish, refusal('PROTOCOL_STATE'));
    throws(() => combine(lab.session, lab.codec, []), refusal('INVALID_PARAMETER'));
  });

  test('results', () => {
    deepStrictEqual(lab.open(schema, plan, results), [-4n]);
    throws(() => lab.open(schema, plan, []), refusal('MALFORMED_MESSAGE'));
    throws(() => lab.open(schema, plan, [...results, ...results]), refusal('MALFORMED_MESSAGE'));
    const key = { ...lab.key, check: lab.key.secret };
    throws(
      () => openResult(lab.session, lab.codec, key, schema, plan, results),
      refusal('INVALID_PARAMETER'),
    );
  });
});
