/** Where noise comes from: one constructor, one caller, and nothing that could leave it out. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';

const SRC = path.resolve(import.meta.dirname, '..', '..', 'src');

type Source = { readonly name: string; readonly text: string };

const sources: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(SRC, name), 'utf8') }));

const callers = (files: readonly Source[]): string[] =>
  files.filter(({ text }) => /(?<!function )\bsystemNoise\(/.test(text)).map(({ name }) => name);

test('systemNoise is constructed by the holder process only', () => {
  deepStrictEqual(callers(sources), ['holder/main.ts']);
});

test('control: a second constructor would be found', () => {
  const other = { name: 'cli/demo.ts', text: 'const noise = systemNoise(vault, rng);' };
  strictEqual(callers([...sources, other]).length, 2);
});

test('nothing in src knows noise that is none', () => {
  const names = sources.filter(({ text }) => /ExactNoise|noNoise|KILL_AT/.test(text));
  deepStrictEqual(names, []);
});
