/** The worked run of the README, executed: the command as printed, the text as printed but for the noise. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { command } from '../support/institutions.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');

/** Numbers and suppression differ from run to run; labels, prices and headings do not. */
const words = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/)[0] ?? '');

const exactLines = (text: string): string[] =>
  text.split('\n').filter((line) => /^(?:price|privacy|±|(?:jp|lu) {4,})/.test(line));

test('the worked run does what the README prints', async () => {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const [, shell = '', printed = ''] =
    /```sh\n(npx kakehashi run[^`]*)```\n\n```text\n([^`]*)```/.exec(readme) ?? [];
  const argv = shell.replaceAll('\\\n', ' ').trim().split(/\s+/).slice(2);
  strictEqual(argv[0], 'run');
  const { code, out, err } = await command(
    argv.map((word) => word.replace('test/examples', path.join(ROOT, 'test/examples'))),
  );
  strictEqual(code, 0, err);
  const shown = out.split('\nattested by')[0] ?? '';
  ok(out.includes('\nattested by jp, lu; run '), out);
  deepStrictEqual(words(shown).slice(3), words(printed).slice(3));
  deepStrictEqual(exactLines(shown), exactLines(printed));
}, 60_000);
