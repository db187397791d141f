/**
 * Ciphertexts of an ended run at a sandbox that keeps them for no time: real processes, killed before and
 * after the deletion, and every file of the sandbox searched for what the holders had sent.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { openStore } from '../../src/engine/sqlite/store.ts';
import { SANDBOX_MIGRATIONS, type SandboxTables } from '../../src/engine/stores/sandbox-store.ts';
import { decodeFrame } from '../../src/flows/frame.ts';
import { command, Institutions, json, QUERY } from '../support/institutions.ts';

const SLICE = 32;
const STRIDE = 256;
type Erased = { type: string; run: string; statements: { holder: string }[] };
type Cells = { release: { cells: { value: number }[] } };

/** Slices of what is looked for: a store cuts a long value into pages. */
const slicesOf = (body: Uint8Array): Buffer[] =>
  Array.from({ length: Math.floor((body.length - SLICE) / STRIDE) }, (_, i) =>
    Buffer.from(body.subarray(i * STRIDE, i * STRIDE + SLICE)),
  );

/** The bodies of contributions and shares in the copy of a store. */
async function ciphertexts(file: string): Promise<Uint8Array[]> {
  const store = openStore<SandboxTables>(file, SANDBOX_MIGRATIONS);
  const rows = await store.all(
    store.db
      .selectFrom('frame')
      .select('bytes')
      .where('kind', 'in', ['contribution', 'share'])
      .where('size', '>', 1000n),
  );
  await store.close();
  return rows.map(({ bytes }) => decodeFrame(bytes).body);
}

/** Files below a directory with any of the slices in them. */
function filesWith(directory: string, slices: readonly Buffer[]): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => path.join(one.parentPath, one.name))
    .filter((file) => {
      const bytes = readFileSync(file);
      return slices.some((slice) => bytes.includes(slice));
    });
}

const query = (n: number) => ({ ...QUERY, rho: `1/${n}` });

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 120; i += 1) {
    if (await holds()) return;
    await sleep(500);
  }
  ok(false, `never: ${what}`);
}

test('killed between blobs and frames, and once more after them: no ciphertext is left, all else is', async () => {
  const here = new Institutions();
  await here.prepare({ settings: { retentionDays: 0 } });
  const doomed = await here.sandbox('erasure/blobs');
  const lu = await here.holder('lu');
  await here.holder('jp');
  await here.submit();
  await Promise.all(here.names.map((name) => here.load(name)));
  const backup = here.at('backup-lu');
  await json(['backup', '--data', here.data('lu'), '--out', backup]);
  const directory = here.data('sandbox');

  const asked = here.ask(query(100));
  strictEqual(await doomed.gone, 'SIGKILL');
  mkdirSync(here.at('seen'));
  for (const end of ['', '-wal']) {
    cpSync(path.join(directory, `store.db${end}`), here.at('seen', `store.db${end}`));
  }
  const found = await ciphertexts(here.at('seen', 'store.db'));
  strictEqual(found.length, 4, 'a contribution and a share of each holder');
  const slices = found.flatMap(slicesOf);
  ok(slices.length > 100, 'something to look for');
  ok(filesWith(directory, slices).length > 0, 'before the deletion');

  const again = await here.sandbox('erasure/frames');
  strictEqual(await again.gone, 'SIGKILL');
  const last = await here.sandbox();
  await until('erased', () => filesWith(directory, slices).length === 0);
  const first = await asked;
  // The client may have lost its answer with the sandbox; the run has not.
  const { code, out, err } = first.code === 0 ? first : await here.ask(query(100));
  strictEqual(code, 0, err);
  const { cells } = (JSON.parse(out) as Cells).release;

  // The same again is the stored release, free; another one runs, and goes as well.
  const same = await here.ask(query(100));
  deepStrictEqual((JSON.parse(same.out) as Cells).release.cells, cells);
  const other = await here.ask(query(200));
  strictEqual(other.code, 0, other.err);
  const { spent } = await here.ledger('lu');
  deepStrictEqual(spent, { rho: '3/200', delta: '0/1' });
  await erasedRuns(here, 2);

  // A holder that is set back takes what it sent without the bodies, and goes on.
  await lu.kill('SIGKILL');
  const before = here.at('lu-before');
  renameSync(here.data('lu'), before);
  await json(['restore', backup, '--data', here.data('lu')]);
  for (const kept of [path.join('keys', 'identity.pem'), 'cohorts']) {
    cpSync(path.join(before, kept), path.join(here.data('lu'), kept), { recursive: true });
  }
  await here.holder('lu');
  const third = await here.ask(query(1000), 90);
  strictEqual(third.code, 0, third.err);
  deepStrictEqual((await here.ledger('lu'))['spent'], { rho: '2/125', delta: '0/1' });
  const log = await erasedRuns(here, 3);
  const verified = await command(['verify', log, '--study', here.studyFile]);
  strictEqual(verified.code, 0, verified.err);
  ok(/statements that a holder destroyed its keys of a run/.test(verified.out), verified.out);
  ok(verified.out.includes('that nobody kept a copy of what was deleted'), verified.out);
  await last.kill('SIGKILL');
  deepStrictEqual(filesWith(directory, slices), []);
}, 300_000);

/** Waits until the log of the study has that many entries of erasures, each of another run; gives its file. */
async function erasedRuns(here: Institutions, many: number): Promise<string> {
  const analyst = ['--sandbox', here.url, '--key', here.at('keys', 'ana.pem')];
  let log = '';
  await until(`${many} erasures in the log`, async () => {
    log = here.at(`log-${process.hrtime.bigint()}.json`);
    await json(['audit', 'export', here.study, ...analyst, '--out', log]);
    const { entries } = JSON.parse(readFileSync(log, 'utf8')) as { entries: { entry: Erased }[] };
    const erased = entries.map(({ entry }) => entry).filter(({ type }) => type === 'erasure');
    const said = erased.flatMap(({ run, statements }) =>
      statements.map(({ holder }) => `${run} ${holder}`),
    );
    // Each holder says once of a run that its keys are gone, before the deletion here or after it.
    strictEqual(new Set(said).size, said.length);
    return new Set(erased.map(({ run }) => run)).size === many && said.length >= 4;
  });
  return log;
}
