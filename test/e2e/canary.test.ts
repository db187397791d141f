/**
 * No secret and no row in any log or store: distinctive values go in as identifiers and as values
 * outside every domain, and then every file of every party but the holder's own input is searched,
 * for them and for the private keys.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { SigningKey } from '../../src/base/sign.ts';
import { Institutions } from '../support/institutions.ts';

const PERSON = 'canary-person-7f3a91';
const VALUE = 'canary-value-5d20c4';

const csv = (name: string): string =>
  `patient_id,sex,age\n${PERSON}-${name},F,34\n${PERSON}-2,${VALUE},61\n3,F,${VALUE}\n`;

/** The bytes themselves and the ways in which they could have been written. */
const spellings = (bytes: Uint8Array): Buffer[] => {
  const raw = Buffer.from(bytes);
  return [
    raw,
    ...(['hex', 'base64', 'base64url'] as const).map((way) => Buffer.from(raw.toString(way))),
  ];
};

const files = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

const holding = (found: readonly string[], needles: readonly Buffer[]): string[] =>
  found.filter((file) => {
    const bytes = readFileSync(file);
    return needles.some((needle) => bytes.includes(needle));
  });

test('logs and stores hold no row and no key', async () => {
  const here = new Institutions();
  await here.open({ csv: { lu: csv('lu'), jp: csv('jp') } });
  const { code, err } = await here.ask();
  ok(code === 0, err);

  const everything = files(here.root);
  const inputs = new Set(here.names.map((name) => here.at(`${name}.csv`)));
  const rows = [PERSON, VALUE].flatMap((text) => spellings(Buffer.from(text)));
  deepStrictEqual(
    holding(everything, rows).filter((file) => !inputs.has(file)),
    [],
  );
  deepStrictEqual(new Set(holding(everything, rows)), inputs, 'control: they are in the inputs');

  const keys = everything.filter((file) => file.endsWith('.pem'));
  const seeds = keys.flatMap((file) => {
    using seed = SigningKey.fromPem(readFileSync(file, 'utf8')).seed();
    return spellings(seed.expose());
  });
  deepStrictEqual(
    holding(
      everything.filter((file) => !keys.includes(file)),
      seeds,
    ),
    [],
  );
}, 60_000);
