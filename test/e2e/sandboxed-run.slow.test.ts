/**
 * A program that runs in the sandbox, between institutions, by the shipped command: signed only by who says that it
 * read the clause, run and answered; killed at every durable step, on either side; and nothing of a row left anywhere
 * but in the loaded cohorts, in the clear or to be opened with what is in a data directory.
 */
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { openNumbered, sealNumbered } from '../../src/base/numbered.ts';
import { Secret } from '../../src/base/secret.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { READS_ROWS } from '../../src/study/image-clause.ts';
import { filesBelow } from '../support/canary.ts';
import { FIRST_VALUE } from '../support/image-lab.ts';
import { command, Institutions, type KillAt } from '../support/institutions.ts';
import { sandboxed } from '../support/sandboxed-institutions.ts';
import { answering, RESERVE, wasm } from '../support/wasm-text.ts';

/** Nobody else has this number. */
const SERIAL = 0x5d20c47f3a91;

const PLAIN = wasm({ functions: [RESERVE, [[], answering(...FIRST_VALUE)]] });

const plain = () => sandboxed(PLAIN, () => Array.from({ length: 40 }, () => SERIAL));

type Estimate = { readonly group: Record<string, string>; readonly value: number };
type Answer = {
  readonly release: {
    readonly estimates: readonly Estimate[];
    readonly receipt: { readonly run: string };
  };
};

const pooledOf = (out: string): number =>
  (JSON.parse(out) as Answer).release.estimates.find(({ group }) => group['holder'] === undefined)
    ?.value ?? Number.NaN;

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

/** Whether 32 bytes that stand together in one of `keys` open `sealed` as its first chunk. */
function opens(sealed: Uint8Array, keys: readonly Uint8Array[]): boolean {
  return keys.some((bytes) => {
    for (let at = 0; at + 32 <= bytes.length; at += 1) {
      try {
        openNumbered(new Secret('tried', bytes.slice(at, at + 32)), 0, sealed);
        return true;
      } catch {
        // Not this one.
      }
    }
    return false;
  });
}

type Statement = {
  readonly erasure: { readonly keys: readonly string[]; readonly of: { readonly id: string } };
};

/** The statement about a run, once it is there. */
async function statementOf(here: Institutions, run: string): Promise<Statement> {
  const at = ['--study', here.study, '--data', here.data('lu')];
  for (;;) {
    const answer = await command(['cohort', 'uploads', ...at, '--statement', run, '--json']);
    if (answer.code === 0) return JSON.parse(answer.out) as Statement;
    match(answer.out + answer.err, /NOT_FOUND|nothing at this address/);
    await sleep(200);
  }
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

  const { run } = (JSON.parse(answered.out) as Answer).release.receipt;
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
  const left = filesBelow(here.at('sandbox', 'uploads'));
  notStrictEqual(left.length, 0);
  const files = filesBelow(here.at('sandbox')).filter((file) => !left.includes(file));
  const sealed = new Uint8Array(readFileSync(left[0] ?? ''));
  const small = files.map((file) => new Uint8Array(readFileSync(file)));
  deepStrictEqual(clearIn(filesBelow(here.at('sandbox'))), []);
  ok(!opens(sealed, small));
  // Control: a key that stood there would be tried.
  const key = new Uint8Array(32).fill(9);
  const known = sealNumbered(new Secret('known', key.slice()), 0, new Uint8Array(100));
  ok(opens(known, [Uint8Array.of(1, 2, 3, ...key, 4)]));

  await here.sandbox();
  const { code, out, err } = await asked;
  strictEqual(code, 0, err);
  ok(pooledOf(out) > 75, out);
  deepStrictEqual(filesBelow(here.at('sandbox', 'uploads')), []);
}, 300_000);

/** Who dies, and where; the answer and the charge are those of a run in which nobody did. */
describe.each<[string, 'sandbox' | 'lu', string]>([
  ['when an upload is opened', 'sandbox', 'upload/opened'],
  ['when a key is destroyed', 'sandbox', 'upload/destroyed'],
  ['when the statement is there', 'sandbox', 'upload/statement'],
  ['when it has touched data', 'lu', 'ledger/touch'],
])('a kill %s', (_, who, step) => {
  test(`of ${who}: one charge, and the answer of the rows`, async () => {
    const { options, query, push } = plain();
    const here = new Institutions();
    await here.prepare(options);
    const at = (name: string): KillAt | undefined => (name === who ? step : undefined);
    const sandbox = await here.sandbox(at('sandbox'));
    const [lu] = await Promise.all([here.holder('lu', at('lu')), here.holder('jp')]);
    await here.submit();
    await Promise.all(here.names.map((name) => here.load(name)));
    await push(here);
    const asked = here.ask(query, 200);
    strictEqual(await (who === 'sandbox' ? sandbox : lu).gone, 'SIGKILL');
    await (who === 'sandbox' ? here.sandbox() : here.holder('lu'));
    const { code, out, err } = await asked;
    strictEqual(code, 0, err);
    ok(pooledOf(out) > 75, out);
    for (const name of here.names) {
      const { spent } = (await here.ledger(name)) as { spent: { rho: string } };
      strictEqual(spent.rho, '1/1');
    }
    const { run } = (JSON.parse(out) as Answer).release.receipt;
    strictEqual((await statementOf(here, run)).erasure.of.id, run);
  }, 300_000);
});
