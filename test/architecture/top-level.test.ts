/** The top of the repository holds what a newcomer has to know, and nothing more. */
import { deepStrictEqual } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'vitest';
import { ROOT } from './source-tree.ts';

const ALLOWED = new Set([
  ...['src', 'wasm', 'bench', 'sandbox-images', 'test'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE'],
  ...['node_modules', 'dist', 'coverage'], // made by tools, not kept
]);

const strangers = (names: readonly string[]): string[] =>
  names.filter((name) => !name.startsWith('.') && !ALLOWED.has(name));

test('control: a stray entry is found', () => {
  deepStrictEqual(strangers(['src', 'docs', '.ci', 'notes.txt']), ['docs', 'notes.txt']);
});

test('only the agreed entries', () => deepStrictEqual(strangers(readdirSync(ROOT)), []));
