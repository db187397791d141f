/** Help is there at once: no native module is loaded for it. */
import { match, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const CLI = path.join(ROOT, 'dist', 'cli.js');
/** Says which native module a process loads. */
const SPY = `data:text/javascript,${encodeURIComponent(
  "const load = process.dlopen; process.dlopen = (module, file, ...more) => { process.stderr.write('native ' + file + '\\n'); return load.call(process, module, file, ...more); };",
)}`;

const run = (...argv: readonly string[]) =>
  spawnSync(process.execPath, ['--import', SPY, ...argv], { cwd: ROOT, encoding: 'utf8' });

test('no native module is loaded by --help', () => {
  for (const argv of [['--help'], ['holder', '--help'], ['cohort', 'load', '--help']]) {
    const { status, stdout, stderr } = run(CLI, ...argv);
    strictEqual(status, 0, stderr);
    match(stdout, /Usage: kakehashi/);
    strictEqual(stderr, '', argv.join(' '));
  }
});

test('control: a native module is seen', () => {
  match(
    run('--input-type=module', '--eval', "await import('libsql')").stderr,
    /^native .*\.node$/m,
  );
});
