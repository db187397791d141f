/** A command that is interrupted or killed leaves no process behind, and no directory where it can help it. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { scratch } from '../support/scratch.ts';

const CLI = path.resolve(import.meta.dirname, '..', '..', 'dist', 'cli.js');
/** Two studies are run to their ends, beside whatever else this machine does. */
const PATIENCE_MS = 150_000;
const TEST_MS = 200_000;

/** The demonstration with its data directories below `directory`. */
function demo(directory: string): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, [CLI, 'demo', '--people', '100', '--stay'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: directory },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  }
  return { child, said: () => text };
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    ok(Date.now() < end, 'too late');
    await sleep(50);
  }
}

const gone = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.once('close', resolve);
  });

/** Processes that were told about this directory. */
const services = (directory: string): number =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\n')
    .filter((line) => line.includes(directory)).length;

describe('kakehashi demo', () => {
  test(
    'interrupted while its processes start',
    async () => {
      const directory = scratch();
      const { child, said } = demo(directory);
      const code = gone(child);
      await until(() => said().includes('holders start') && services(directory) > 0);
      child.kill('SIGINT');
      strictEqual(await code, 130);
      deepStrictEqual([services(directory), readdirSync(directory)], [0, []]);
    },
    TEST_MS,
  );

  test(
    'interrupted where it waits to be: that is its end',
    async () => {
      const directory = scratch();
      const { child, said } = demo(directory);
      const code = gone(child);
      await until(() => said().includes('Ctrl-C ends it'));
      strictEqual(services(directory), 3);
      child.kill('SIGTERM');
      strictEqual(await code, 0);
      deepStrictEqual([services(directory), readdirSync(directory)], [0, []]);
    },
    TEST_MS,
  );

  test(
    'killed: its processes end by themselves',
    async () => {
      const directory = scratch();
      const { child, said } = demo(directory);
      await until(() => said().includes('holders load'));
      strictEqual(services(directory), 3);
      child.kill('SIGKILL');
      await until(() => services(directory) === 0);
    },
    TEST_MS,
  );
});
