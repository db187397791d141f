/** A sandbox that deviates from a plan over encrypted columns, and what the holder's checks make of it. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { beforeAll, expect, test } from 'vitest';
import { blobBytes } from '../../src/he/seal/blob.ts';
import { slotLayout } from '../../src/he/seal/check-rows.ts';
import type { Row } from '../../src/he/seal/encrypt-columns.ts';
import { combine } from '../../src/he/seal/evaluate.ts';
import { openSecretKey } from '../../src/he/seal/holder-key.ts';
import { Scope, SealSession } from '../../src/he/seal/library.ts';
import { checkExactly } from '../../src/he/seal/open-result.ts';
import { N, PRIMES, ROWS_PER_BLOCK, T } from '../../src/he/seal/parameters.ts';
import { type ColumnPlan, type ColumnQuery, planColumns } from '../../src/he/seal/plan.ts';
import type { Schema } from '../../src/he/seal/schema.ts';
import { Lab, type Store } from '../he/seal/session.ts';
import { refusal } from '../support/refusal.ts';

const schema: Schema = {
  on: { type: 'indicator' },
  off: { type: 'indicator' },
  x: { type: 'integer', min: 0, max: 100 },
};
const query: ColumnQuery = { filter: 'on', measures: [{ kind: 'sum', of: 'x' }] };
const rows: Row[] = Array.from({ length: ROWS_PER_BLOCK + 100 }, (_, i) => ({
  person: `p${i}`,
  values: { on: i % 2 === 0, off: i % 2 === 1, x: 50 },
}));
const TRUE_SUM = 50n * BigInt(rows.length / 2);

let lab: Lab;
let store: Store;
let plan: ColumnPlan;
beforeAll(async () => {
  lab = await Lab.open();
  store = lab.upload(schema, rows);
  plan = planColumns(schema, query, 2);
});

/** Every slot of a result, as only the holder can see them, without any check. */
function slotsOf(result: Uint8Array): BigInt64Array {
  using scope = new Scope();
  const { seal, context, encoder } = lab.session;
  const secret = openSecretKey(lab.session, lab.codec, lab.key, scope);
  const ciphertext = scope.own(seal.CipherText());
  ciphertext.loadArray(context, lab.codec.toSeal('result', result));
  const plaintext = scope.own(seal.PlainText());
  scope.own(seal.Decryptor(context, secret)).decrypt(ciphertext, plaintext);
  return encoder.decodeBigInt(plaintext, true) as BigInt64Array;
}

const withinBounds = (slots: BigInt64Array): boolean =>
  slots.every((value) => value >= 0n && value <= 200n);

test('control: the honest result opens', () => {
  const results = lab.evaluate(plan, store);
  deepStrictEqual(lab.open(schema, plan, results), [TRUE_SUM]);
  checkExactly(plan, schema, rows, [TRUE_SUM]);
});

test('leaving out a block', () => {
  const [partial] = lab.partials(plan, store, [0]);
  const result = combine(lab.session, lab.codec, [partial!]);
  ok(withinBounds(slotsOf(result)), 'control: bounds alone would let it pass');
  throws(() => lab.open(schema, plan, [result]), refusal('PROOF_REJECTED'));
});

test('another filter than the one asked for', () => {
  const other = planColumns(schema, { ...query, filter: 'off' }, 2);
  const results = lab.evaluate(other, store);
  ok(withinBounds(slotsOf(results[0]!)), 'control: bounds alone would let it pass');
  equal(lab.open(schema, other, results)[0], TRUE_SUM, 'control: as its own plan it is right');
  throws(() => lab.open(schema, plan, results), refusal('PROOF_REJECTED'));
});

test('a ciphertext that decrypts to the secret key', () => {
  // c0 = 0 and c1 = 1, whose transform is 1 in every place: c0 + c1 s = s.
  const crafted = new Uint8Array(blobBytes('result'));
  new BigUint64Array(crafted.buffer).fill(1n, crafted.length / 16);
  using scope = new Scope();
  const { seal, context } = lab.session;
  const secret = openSecretKey(lab.session, lab.codec, lab.key, scope);
  const ciphertext = scope.own(seal.CipherText());
  ciphertext.loadArray(context, lab.codec.toSeal('result', crafted));
  const plaintext = scope.own(seal.PlainText());
  scope.own(seal.Decryptor(context, secret)).decrypt(ciphertext, plaintext);
  const saved = lab.session.saved(plaintext);
  const coefficients = new BigUint64Array(saved.slice(88).buffer);
  equal(
    new Set(coefficients).size,
    3,
    'control: unchecked, the coefficients are −1, 0, 1 in disguise',
  );
  throws(() => lab.open(schema, plan, [crafted]), refusal('PROOF_REJECTED'));
});

test('random residues', () => {
  const random = new BigUint64Array(blobBytes('result') / 8).map(
    (_, i) => (BigInt(i) * 0x9e3779b97f4a7c15n) % PRIMES[0]!,
  );
  throws(() => lab.open(schema, plan, [new Uint8Array(random.buffer)]), refusal('PROOF_REJECTED'));
});

test('adding to one slot: missed by check rows, limited by bounds, found with the rows', () => {
  const { people, checks } = slotLayout(lab.key.check);
  const shifted = (slot: number, by: bigint): Uint8Array => {
    using scope = new Scope();
    const { seal, context, encoder, evaluator } = lab.session;
    const [partial] = lab.partials(plan, store, [0, 1]);
    const sum = scope.own(seal.CipherText());
    sum.loadArray(context, lab.codec.toSeal('partial', partial!));
    const plaintext = scope.own(seal.PlainText());
    encoder.encode(
      BigInt64Array.from({ length: N }, (_, i) => (i === slot ? by : 0n)),
      plaintext,
    );
    evaluator.addPlain(sum, plaintext, sum);
    return combine(lab.session, lab.codec, [lab.codec.fromSeal('partial', lab.session.saved(sum))]);
  };
  const opened = lab.open(schema, plan, [shifted(people[0]!, 7n)]);
  deepStrictEqual(opened, [TRUE_SUM + 7n], 'the known limit of check rows');
  throws(() => {
    checkExactly(plan, schema, rows, opened);
  }, refusal('PROOF_REJECTED'));
  for (const [slot, by] of [
    [people[0]!, 201n],
    [people[0]!, -201n],
    [people[0]!, T / 2n],
    [checks[0]!, 1n],
  ] as const) {
    throws(() => lab.open(schema, plan, [shifted(slot, by)]), refusal('PROOF_REJECTED'));
  }
});

test('a truncated blob never reaches SEAL, whose instance it would end', async () => {
  const blob = store.get(0)!.get('x')!;
  throws(() => lab.codec.toSeal('column', blob.subarray(0, 1000)), refusal('MALFORMED_MESSAGE'));
  const victim = await SealSession.open();
  const sealed = lab.codec.toSeal('column', blob);
  const load = (bytes: Uint8Array): void => {
    victim.seal.CipherText().loadArray(victim.context, bytes);
  };
  load(sealed);
  expect(() => {
    load(sealed.subarray(0, 1000));
  }, 'control').toThrow(/Aborted/);
});
