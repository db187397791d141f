/**
 * A program that runs in the sandbox, between institutions, by the shipped command: signed only by who says that it
 * read the clause, run and answered; and nothing of a row left anywhere
 * but in the loaded cohorts, in the clear or to be opened with what is in a data directory.
 */
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { sealNumbered } from '../../src/base/numbered.ts';
import { Secret } from '../../src/base/secret.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { READS_ROWS } from '../../src/study/image-clause.ts';
import { filesBelow } from '../support/canary.ts';
import { command, Institutions } from '../support/institutions.ts';
import {
  plain,
  pooledOf,
  type Released,
  settled,
  statementOf,
} from '../support/sandboxed-institutions.ts';
import { SERIAL } from '../support/studied-image.ts';

/** Everything below the root but what a test wrote and the loaded cohorts. */
const elsewhere = (here: Institutions): string[] =>
  filesBelow(here.root).filter(
    (file) => !/^(?:\w+\.csv|(?:lu|jp)\/cohorts\/.*)$/.test(path.relative(here.root, file)),
  );

function clearIn(files: readonly string[]): string[] {
  const raw = Buffer.alloc(8);
  raw.writeBigInt64LE(BigInt(SERIAL));
  const needles = [raw, Buffer.from(String(SERIAL)), Buffer.from(SERIAL.toString(16))];
  return files.filter((file) => needles.some((needle) => readFileSync(file).includes(needle)));
}

/**
 * Whether 32 bytes that stand together in one of `files` are the key of `sealed`, a first chunk: its plaintext begins with
 * a length and the version of a table, which is 1. In GCM the first block is masked with the block of counter 2.
 */
function opens(sealed: Uint8Array, files: readonly Uint8Array[]): boolean {
  const counter = new Uint8Array(16);
  counter[15] = 2;
  return files.some((bytes) => {
    for (let at = 0; at + 32 <= bytes.length; at += 1) {
      const mask = createCipheriv('aes-256-ecb', bytes.subarray(at, at + 32), null).update(counter);
      const version = [4, 5, 6, 7].map((i) => (sealed[i] ?? 0) ^ (mask[i] ?? 0));
      if (version.join() === '1,0,0,0') return true;
    }
    return false;
  });
}

test('from the signature to the statement, and nothing of a row is left', async () => {
  const { options, query, push } = plain();
  const here = new Institutions();
  await here.prepare(options);

  // Who did not say so has not signed; who reads it is told.
  const draft = here.at('draft.json');
  const silent = await command(['study', 'sign', draft, '--key', here.at('keys', 'lu.pem')]);
  strictEqual(silent.code, 2);
  match(silent.err, /operator-reads-rows/);
  const shown = await command(['study', 'show', here.studyFile]);
  match(shown.out, /IN THE SANDBOX of Example operator/);
  ok(shown.out.includes(READS_ROWS));

  const killed = here.at('kill-the-sandbox');
  const sandbox = await here.sandbox({ file: killed });
  await Promise.all([here.holder('lu'), here.holder('jp')]);
  await here.submit();
  await Promise.all(here.names.map((name) => here.load(name)));
  await push(here);
  const answered = await here.ask(query, 120);
  strictEqual(answered.code, 0, answered.err);
  ok(pooledOf(answered.out) > 75, answered.out);

  const { run } = (JSON.parse(answered.out) as Released).release.receipt;
  const statement = await statementOf(here, run);
  deepStrictEqual(statement.erasure.keys, ['upload/jp/0', 'upload/lu/0']);
  const file = here.at('statement.json');
  writeFileSync(file, JSON.stringify(statement));
  const verified = await command(['verify', file, '--study', here.studyFile]);
  strictEqual(verified.code, 0, verified.err);
  match(verified.out, /sandbox signed that it destroyed the keys of sandboxed-run/);
  writeFileSync(file, JSON.stringify({ ...statement, key: SigningKey.generate().publicText }));
  strictEqual((await command(['verify', file, '--study', here.studyFile])).code, 5);

  deepStrictEqual(clearIn(elsewhere(here)), []);
  deepStrictEqual(filesBelow(here.at('sandbox', 'uploads')), []);
  // Control: the cohorts have it, and a file that had would be found.
  const clear = here.at('sandbox', 'tmp', 'clear');
  writeFileSync(clear, `x${SERIAL}x`);
  deepStrictEqual(clearIn(elsewhere(here)), [clear]);
  writeFileSync(clear, '');
  await sandbox.kill('SIGTERM');
}, 240_000);

test('what a killed sandbox leaves cannot be opened with what is on its disk', async () => {
  const { options, query, push } = plain();
  const here = new Institutions();
  await here.prepare(options);
  const sandbox = await here.sandbox('upload/stored');
  await Promise.all([here.holder('lu'), here.holder('jp')]);
  await here.submit();
  await Promise.all(here.names.map((name) => here.load(name)));
  await push(here);
  const asked = here.ask(query, 200);
  strictEqual(await sandbox.gone, 'SIGKILL');
  const copy = here.at('copy');
  cpSync(here.at('sandbox'), copy, { recursive: true });
  await here.sandbox();
  const { code, out, err } = await settled(here, query, asked);
  strictEqual(code, 0, err);
  ok(pooledOf(out) > 75, out);
  deepStrictEqual(filesBelow(here.at('sandbox', 'uploads')), []);

  const left = filesBelow(path.join(copy, 'uploads'));
  notStrictEqual(left.length, 0);
  deepStrictEqual(clearIn(filesBelow(copy)), []);
  const sealed = new Uint8Array(readFileSync(left[0] ?? ''));
  const others = filesBelow(copy).filter((file) => !left.includes(file));
  ok(
    !opens(
      sealed,
      others.map((file) => new Uint8Array(readFileSync(file))),
    ),
  );
  // Control: a key that stood there would be found.
  const key = new Uint8Array(32).fill(9);
  const table = Uint8Array.of(100, 0, 0, 0, 1, 0, 0, 0, ...new Uint8Array(92));
  const known = sealNumbered(new Secret('known', key.slice()), 0, table);
  ok(opens(known, [Uint8Array.of(1, 2, 3, ...key, 4)]));
}, 400_000);
