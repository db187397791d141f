/** What the README shows for reading a release, run against a real sandbox where the tools are. */
import { spawnSync } from 'node:child_process';
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { Institutions } from '../support/institutions.ts';

const README = readFileSync(path.resolve(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
const block = (language: string, start: string): string => {
  const blocks = [...README.matchAll(new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``, 'g'))];
  const found = blocks.find(([, text = '']) => text.startsWith(start));
  ok(found?.[1] !== undefined, `${start} is in the README`);
  return found[1];
};
const runs = (program: string, ...argv: string[]): boolean => spawnSync(program, argv).status === 0;

const SIGNS = runs('bash', '-c', 'openssl version | grep -q "^OpenSSL 3" && curl --version');
const PYTHON = runs('python3', '--version');

type Cell = { readonly measure: string; readonly value: number };

test.skipIf(!SIGNS)(
  'curl fetches a release with a signed request, Python prints it',
  async () => {
    const here = new Institutions();
    await here.open();
    const { code, out, err } = await here.ask();
    strictEqual(code, 0, err);
    const { release } = JSON.parse(out) as { release: { id: string; cells: Cell[] } };

    const fetched = spawnSync('bash', ['-c', block('sh', 'b64()')], {
      encoding: 'utf8',
      env: {
        ...process.env,
        RUN: release.id,
        SANDBOX: here.url,
        KEY: here.at('keys', 'ana.pem'),
        TMPDIR: here.root,
      },
    });
    strictEqual(fetched.status, 0, fetched.stderr);
    const got = JSON.parse(fetched.stdout) as { cells?: Cell[] };
    deepStrictEqual(got.cells, release.cells, fetched.stdout.slice(0, 300));

    if (!PYTHON) return;
    const [file, script] = [here.at('release.json'), here.at('read.py')];
    writeFileSync(script, block('python', 'import json'));
    for (const document of [fetched.stdout, out]) {
      writeFileSync(file, document);
      const printed = spawnSync('python3', [script, file], { encoding: 'utf8' });
      strictEqual(printed.status, 0, printed.stderr);
      strictEqual(printed.stdout.trim().split('\n').length, release.cells.length);
      ok(printed.stdout.startsWith('people: holder jp, sex F: '), printed.stdout);
    }
  },
  60_000,
);
