/**
 * What must be nowhere: the identifiers and values that a test planted in its cohorts, and the bytes of
 * every private key. Every file below a directory is searched, and every text that a command printed.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SigningKey } from '../../src/base/sign.ts';

/** Stands in every identifier of the rows that tests load. */
export const CANARY = 'canary7f3a91';
/** Stands where a value is outside every domain. */
export const CANARY_VALUE = 'canary5d20c4';

/** The bytes themselves and the ways in which they could have been written. */
function spellings(bytes: Uint8Array): Buffer[] {
  const raw = Buffer.from(bytes);
  const written = (['hex', 'base64', 'base64url'] as const).map((way) =>
    // Without the last letters, which depend on what follows.
    Buffer.from(raw.toString(way).replace(/.=*$/, '')),
  );
  return [raw, Buffer.from(raw.toString('hex').toUpperCase()), ...written];
}

export const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

const holds = (bytes: Buffer, needles: readonly Buffer[]): boolean =>
  needles.some((needle) => bytes.includes(needle));

function seedsOf(files: readonly string[]): Buffer[] {
  return files.flatMap((file) => {
    using seed = SigningKey.fromPem(readFileSync(file, 'utf8')).seed();
    return spellings(seed.expose());
  });
}

/**
 * Names of the files below `root`, and numbers of the texts, that hold a planted row or a private key.
 * Left out: CSV files, which tests write, and the key files themselves.
 */
export function leaksBelow(root: string, texts: readonly string[] = []): string[] {
  const files = existsSync(root) ? filesBelow(root) : [];
  const keys = files.filter((file) => file.endsWith('.pem'));
  const rows = [CANARY, CANARY_VALUE].flatMap((text) => spellings(Buffer.from(text)));
  const needles = [...rows, ...seedsOf(keys)];
  const suspects = files.filter((file) => !file.endsWith('.csv') && !keys.includes(file));
  return [
    ...suspects.filter((file) => holds(readFileSync(file), needles)),
    ...texts.flatMap((text, i) => (holds(Buffer.from(text), needles) ? [`text ${i}`] : [])),
  ];
}

export function assertNoLeak(root: string, texts: readonly string[]): void {
  deepStrictEqual(leaksBelow(root, texts), [], 'a planted row or a private key where none may be');
}
