/** `kakehashi psi` with both parties as processes: every protocol and output on 200 rows a side. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'vitest';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';
import { EXPECTED, psi, ROWS, writeTables } from './psi-files.ts';

/** As built: it starts a worker that lies beside it. */
const party = resolve(import.meta.dirname, '../../dist/psi-party.js');

type Document = Record<string, unknown> & { readonly seconds: number; readonly bytes: number };

async function json(...more: string[]): Promise<Document> {
  const { out, err } = await psi(party, writeTables(scratch()), ...more, '--json');
  equal(err, '');
  return JSON.parse(out) as Document;
}

describe('kakehashi psi, two processes', () => {
  for (const protocol of ['vole', 'ecdh']) {
    test(`a set by ${protocol}`, async () => {
      const { seconds, bytes, ...rest } = await json('--protocol', protocol);
      const { matches, left, right } = EXPECTED;
      deepStrictEqual(rest, { protocol, output: 'set', matches, left, right });
      ok(seconds > 0 && seconds < 30);
      // Elements or masks of both lists, and no more than that many times a megabyte.
      ok(bytes > 32 * ROWS && bytes < 2 ** 20, `${bytes} bytes`);
    });
  }

  test('over two threads a party', async () => {
    const { protocol, matches } = await json('--protocol', 'vole', '--threads', '2');
    deepStrictEqual([protocol, matches], ['vole', EXPECTED.matches]);
    await rejects(json('--threads', '0'), refusal('INVALID_PARAMETER'));
  });

  test('a cardinality names the protocol that gave it', async () => {
    const { protocol, cardinality, matches } = await json('--output', 'cardinality');
    deepStrictEqual([protocol, cardinality, matches], ['ecdh', EXPECTED.cardinality, undefined]);
  });

  test('sums of columns of the right table', async () => {
    const document = await json('--output', 'sum', '--sum', 'cost,days');
    const { protocol, sums, cardinality, blanks, encryption } = document;
    deepStrictEqual(
      { protocol, sums, cardinality, blanks, encryption },
      {
        protocol: 'ecdh',
        sums: EXPECTED.sums,
        cardinality: EXPECTED.cardinality,
        blanks: { cost: 0, days: 0 },
        encryption: 'paillier-3072',
      },
    );
  });

  test('--out writes the pairs for their owner only; text has a summary on stderr', async () => {
    const place = scratch();
    const out = join(place, 'pairs.csv');
    const { err, out: shown } = await psi(party, writeTables(place), '--out', out);
    equal(shown, '');
    ok(/ecdh, \d+\.\d\d s, \d+ bytes/.test(err), err);
    const lines = EXPECTED.matches.map((pair) => pair.join(','));
    equal(readFileSync(out, 'utf8'), ['left,right', ...lines, ''].join('\n'));
    equal(statSync(out).mode & 0o777, 0o600);
  });
});

describe('refused before a process is started', () => {
  const nowhere = { left: '/nowhere/left.csv', right: '/nowhere/right.csv' };
  const refused = (...more: string[]) => psi('/nowhere/party.mjs', nowhere, ...more);
  const cases: readonly (readonly string[])[] = [
    ['--output', 'cardinality', '--protocol', 'vole'],
    ['--output', 'sum'],
    ['--sum', 'cost'],
    ['--output', 'sum', '--sum', 'cost,cost'],
    ['--output', 'sum', '--sum', Array.from({ length: 17 }, (_, i) => `c${i}`).join(',')],
    ['--output', 'cardinality', '--out', '/nowhere/out.csv'],
    ['--timeout', '0'],
  ];
  for (const options of cases) {
    test(options.join(' ').slice(0, 60), () =>
      rejects(refused(...options), refusal('INVALID_PARAMETER')),
    );
  }
  test('--out on a file that is there', async () => {
    const there = join(scratch(), 'there.csv');
    writeFileSync(there, '');
    await rejects(refused('--out', there), refusal('FILE_EXISTS'));
  });
});
