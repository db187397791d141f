/**
 * A disk that is full, and one that is read-only: what was promised stands, nothing is half done, and
 * when there is room again everything goes on. Full is a limit on the size of files (prlimit, which
 * util-linux has everywhere and which needs no privilege): a write beyond it fails as on a full disk.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { test } from 'vitest';
import { chargedOnce } from '../support/die-at.ts';
import { Institutions, QUERY, type Service } from '../support/institutions.ts';

const SMALL = 4096;

/** From now on no file of the process grows beyond `bytes`. */
function limitFiles({ pid }: Service, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
}

const lines = (file: string): string[] => readFileSync(file, 'utf8').split('\n');

test("a holder's disk is full in the middle of a run: it waits, and goes on when there is room", async () => {
  const here = new Institutions();
  const { lu } = await here.open();
  limitFiles(lu, SMALL);
  const waiting = await here.ask(QUERY, 8);
  strictEqual(waiting.code, 6, waiting.out + waiting.err);
  limitFiles(lu, 'unlimited');
  const { code, err } = await here.ask();
  strictEqual(code, 0, err);
  await chargedOnce(here);
}, 240_000);

test("the sandbox's disk is full: it says so, and goes on when there is room", async () => {
  const here = new Institutions();
  const { sandbox } = await here.open();
  limitFiles(sandbox, SMALL);
  const refused = await here.ask(QUERY, 8);
  ok(refused.code !== 0, refused.out);
  match(refused.out, /urn:kakehashi:problem:[A-Z_]+/);
  strictEqual((await fetch(`${here.url}/livez`)).status, 200);
  ok((await fetch(`${here.url}/readyz`)).status >= 500);
  limitFiles(sandbox, 'unlimited');
  await sleep(1500);
  strictEqual((await fetch(`${here.url}/readyz`)).status, 200);
  const { code, err } = await here.ask();
  strictEqual(code, 0, err);
  await chargedOnce(here);
  deepStrictEqual(
    lines(here.log('sandbox')).filter((line) => line.includes('SQLITE') && !line.startsWith('{')),
    [],
  );
}, 240_000);

test.skipIf(spawnSync('bwrap', ['--ro-bind', '/', '/', 'true']).status !== 0)(
  'a disk that is read-only: a service does not start on it and a backup is not written, in one sentence',
  async () => {
    const here = new Institutions();
    const { sandbox } = await here.open();
    await sandbox.kill('SIGTERM');
    const cli = path.join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
    const box = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', process.execPath, cli];
    for (const [argv, code] of [
      [['sandbox', '--data', here.data('sandbox')], 'DATA_DIRECTORY_DAMAGED'],
      [['backup', '--data', here.data('lu'), '--out', here.at('backup')], 'FILE_NOT_FOUND'],
    ] as const) {
      const { status, stdout, stderr } = spawnSync('bwrap', [...box, ...argv, '--json']);
      ok(status !== 0 && status !== null);
      match(String(stdout), new RegExp(`problem:${code}"`));
      ok(!String(stderr).includes(' at '), String(stderr));
    }
    await here.sandbox();
    const { code, err } = await here.ask();
    strictEqual(code, 0, err);
  },
  240_000,
);
