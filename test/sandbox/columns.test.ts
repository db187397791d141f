/**
 * Encrypted columns over the sandbox's routes, its store and its jobs: what is taken in, from whom, how
 * much, and what is left after a deletion. The holder's side is the wire that a holder has.
 */
import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { systemRng } from '../../src/base/rng.ts';
import type { SigningKey } from '../../src/base/sign.ts';
import { encodeColumnStream } from '../../src/engine/columns/column-stream.ts';
import { batchDigest, SALT_BYTES } from '../../src/engine/columns/upload-batch.ts';
import { ColumnsWire } from '../../src/engine/transport/columns-wire.ts';
import type { SignedRequest } from '../../src/engine/transport/signed-request.ts';
import { layoutOf } from '../../src/flows/columns/layout.ts';
import { manifestOf } from '../../src/flows/columns/manifest.ts';
import { servedPlan } from '../../src/flows/columns/serve.ts';
import type { Batch } from '../../src/flows/columns/sandbox-columns.ts';
import type { ColumnTable } from '../../src/flows/columns/table.ts';
import { type Study, termsOf } from '../../src/flows/study-terms.ts';
import { encryptColumns, type Row } from '../../src/he/seal/encrypt-columns.ts';
import { generateHolderKey, type HolderKey } from '../../src/he/seal/holder-key.ts';
import { openResult } from '../../src/he/seal/open-result.ts';
import { physicalColumns } from '../../src/he/seal/schema.ts';
import { labSeal } from '../support/column-lab.ts';
import { compiledRun } from '../support/study.ts';
import { SandboxLab } from './sandbox-lab.ts';

const LIST = { format: 'kakehashi/columns/1' };
const PEOPLE: readonly Row[] = [
  { person: 'a', values: { c0: true, c1: 34, c1p: 34 * 76, c2: '0' } },
  { person: 'b', values: { c0: true, c1: 61, c1p: 61 * 49, c2: '1' } },
];
const later = (): Date => new Date(Date.now() + 60_000);

describe('encrypted columns at the sandbox', () => {
  const lab = new SandboxLab();
  let study: Study;
  let key: HolderKey;
  let table: ColumnTable;
  let ciphertexts: { block: number; column: string; blob: Uint8Array }[];

  const wireOf = (who: SigningKey): ColumnsWire => {
    const request: SignedRequest = async (method, at, { body, contentType } = {}) => {
      const call = {
        ...(body === undefined ? {} : { body }),
        ...(contentType === undefined ? {} : { type: contentType }),
      };
      const answer = await lab.call(who, method, at, call);
      const bytes = new Uint8Array(answer.rawPayload);
      return { status: answer.statusCode, headers: {}, body: bytes };
    };
    return new ColumnsWire(request, { now: () => new Date() });
  };
  const identity = (name: string): SigningKey => lab.keys.identity.get(name)!;
  const lu = wireOf(identity('lu'));

  /** A batch of these ciphertexts as it travels. */
  async function batch(number: number, blocks: typeof ciphertexts): Promise<Batch> {
    const upload = { table: table.table, number, salt: systemRng(SALT_BYTES), blocks };
    const parts: Uint8Array[] = [];
    for await (const part of encodeColumnStream([upload])) parts.push(part);
    return { number, digest: batchDigest(upload), bytes: Buffer.concat(parts) };
  }

  beforeAll(async () => {
    study = await lab.study();
    const { session, codec } = await labSeal();
    key = generateHolderKey(session, codec, systemRng);
    const { schema } = layoutOf(termsOf(study), LIST);
    table = { table: toHex(systemRng(32)), study: study.id, blocks: 1, list: LIST };
    ciphertexts = [...encryptColumns(session, codec, key, schema, PEOPLE)];
    deepStrictEqual(
      ciphertexts.map(({ column }) => column),
      physicalColumns(schema).map(({ id }) => id),
    );
  });
  afterAll(() => lab.close());

  test('only a holder opens a table, of the size that the study declares', async () => {
    const { relinearisation } = key;
    await rejects(wireOf(lab.keys.analyst).open(table, relinearisation), { code: 'FORBIDDEN' });
    await rejects(lu.open({ ...table, blocks: 2 }, relinearisation), {
      code: 'PAYLOAD_TOO_LARGE',
    });
    await rejects(lu.open(table, relinearisation.slice(1)), { code: 'MALFORMED_MESSAGE' });
    const nonsense = {
      ...table,
      list: { ...LIST, indicators: [{ where: { column: 'no', ge: 1 } }] },
    };
    await rejects(lu.open(nonsense, relinearisation), { code: 'INVALID_QUERY' });
    await lu.open(table, relinearisation);
    await lu.open(table, relinearisation);
    const second = { ...table, table: toHex(systemRng(32)) };
    await rejects(lu.open(second, relinearisation), { code: 'CONFLICT' });
  });

  test('batches: kept once, only its own, only of the table', async () => {
    const first = await batch(0, ciphertexts.slice(0, 4));
    const jp = wireOf(identity('jp'));
    await rejects(jp.store(table, first), { code: 'NOT_FOUND' });
    await lu.store(table, first);
    await lu.store(table, first);
    const other = await batch(0, ciphertexts.slice(4));
    await rejects(lu.store(table, other), { code: 'SEQUENCE_CONFLICT' });
    await rejects(lu.store(table, await batch(1, ciphertexts.slice(3))), { code: 'CONFLICT' });
    const outside = ciphertexts.slice(4).map((one) => ({ ...one, block: 1 }));
    await rejects(lu.store(table, await batch(1, outside)), { code: 'MALFORMED_MESSAGE' });
    const unknown = ciphertexts.slice(4).map((one) => ({ ...one, column: `${one.column}x` }));
    await rejects(lu.store(table, await batch(1, unknown)), { code: 'MALFORMED_MESSAGE' });
    const damaged = { ...first, bytes: first.bytes.slice(0, -40) };
    await rejects(lu.store(table, damaged), { code: 'MALFORMED_MESSAGE' });

    const last = await batch(1, ciphertexts.slice(4));
    const holder = { name: 'lu', key: identity('lu') };
    const manifest = manifestOf(table, key.relinearisation, [first.digest, last.digest], holder);
    await rejects(lu.complete(table, manifest), { code: 'PROTOCOL_STATE' });
    await rejects(lu.sums(table, [['c0']], later()), { code: 'PROTOCOL_STATE' });
    await lu.store(table, last);
    const swapped = manifestOf(table, key.relinearisation, [last.digest, first.digest], holder);
    await rejects(lu.complete(table, swapped), { code: 'CONFLICT' });
    const forged = { ...manifest, signature: swapped.signature };
    await rejects(lu.complete(table, forged), { code: 'SIGNATURE_REJECTED' });
    await lu.complete(table, manifest);
    await rejects(lu.store(table, last), { code: 'PROTOCOL_STATE' });
  });

  test('sums, across a restart', async () => {
    const layout = layoutOf(termsOf(study), LIST);
    const body = { groupBy: ['sex'], measures: [{ name: 'age', mean: 'age' }], rho: '1/100' };
    const { plan } = compiledRun(study, lab.keys, body);
    const { columns } = servedPlan(layout, plan, 1);
    const products = columns.cells.map(({ factors }) => factors.map(({ id }) => id));
    await lab.restart();
    const results = await lu.sums(table, products, later());
    const { session, codec } = await labSeal();
    const sums = openResult(session, codec, key, layout.schema, columns, results);
    deepStrictEqual(new Set(sums), new Set([34n, 61n, 0n, 1n, 34n * 76n, 61n * 49n]));
    // What was delivered was forgotten, and is the same when it is asked for again.
    deepStrictEqual(await lu.sums(table, products, later()), results);
    await rejects(lu.sums(table, [['c1', 'c1', 'c0']], later()), { code: 'DEPTH' });
    await rejects(lu.sums(table, [['c9']], later()), { code: 'INVALID_PARAMETER' });
    await rejects(wireOf(identity('jp')).sums(table, [['c0']], later()), { code: 'NOT_FOUND' });
  });

  test('a query that needs more is refused with its place, before anything is priced', async () => {
    const query = {
      format: 'kakehashi/query/1',
      where: { column: 'age', ge: 40 },
      measures: [{ name: 'people', count: true }],
      rho: '1/200',
    };
    const at = `/v1/studies/${study.id}/price`;
    const answer = await lab.call(lab.keys.analyst, 'POST', at, { json: { query } });
    strictEqual(answer.statusCode, 400, answer.body);
    const { type, errors } = answer.json<{ type: string; errors: unknown }>();
    strictEqual(type, 'urn:kakehashi:problem:DEPTH');
    deepStrictEqual(errors, [{ pointer: '/where', code: 'NOT_UPLOADED' }]);
    const { where: _, ...served } = query;
    const fine = await lab.call(lab.keys.analyst, 'POST', at, { json: { query: served } });
    strictEqual(fine.statusCode, 200, fine.body);
  });

  test('members see what is there; a deletion leaves no blob', async () => {
    const listed = await lab.call(lab.keys.analyst, 'GET', `/v1/studies/${study.id}/columns`);
    const { tables } = listed.json<{ tables: Record<string, unknown>[] }>();
    deepStrictEqual(
      tables.map(({ holder, columns, state }) => [holder, columns, state]),
      [['lu', ciphertexts.length, 'ready']],
    );
    const blobs = (): string[] =>
      readdirSync(path.join(lab.root, 'sandbox', 'blobs'), { recursive: true, encoding: 'utf8' })
        .map((name) => path.join(lab.root, 'sandbox', 'blobs', name))
        .filter((file) => statSync(file).isFile());
    const digests = ciphertexts.map(({ blob }) => sha256Hex(blob));
    ok(digests.every((digest) => blobs().some((file) => file.endsWith(digest))));
    const nothing = await wireOf(identity('jp')).erase(table);
    deepStrictEqual(nothing, { ciphertexts: 0, bytes: 0 });
    ok(blobs().length > 0);
    const erased = await lu.erase(table);
    strictEqual(erased.ciphertexts, ciphertexts.length);
    // Results and the relinearisation key as well.
    deepStrictEqual(blobs(), []);
    deepStrictEqual(await lu.erase(table), erased);
    await rejects(lu.sums(table, [['c0']], later()), { code: 'NOT_FOUND' });
    await rejects(lu.open(table, key.relinearisation), { code: 'CONFLICT' });
  });
});
