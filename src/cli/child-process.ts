/**
 * A service as a child process: this same command line, its log in a file, ready when it prints
 * its ready line.
 *
 * The child holds the read end of a pipe from here and stops when it closes
 * (`--until-stdin-closes`), so that it goes with this process however this process ends.
 * @module
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { check, Refusal } from '../base/errors.ts';
import { refusalOfDocument } from '../engine/transport/problem-response.ts';
import { packageRoot } from './version.ts';

export type Service = {
  readonly name: string;
  /** What the ready line says; a refusal that it printed instead is thrown as it is. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>;
  /** Rejects when the process ends, also when it was stopped; never resolves. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
};

const READY_MS = 30_000;
const GRACE_MS = 10_000;
const LAST_LINES = 5;

/** What the caller set for services of its own must not reach these. */
const withoutSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('KAKEHASHI_')),
  );

/** The end of a log, for the person who has to find out why. */
async function lastLines(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

const isReady = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && 'ready' in value && value.ready === true;

/** Starts the process. Whoever called has to stop it, ready or not. */
export function startService(name: string, argv: readonly string[], log: string): Service {
  const logFile = openSync(log, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [join(packageRoot(), 'dist', 'cli.js'), ...argv, '--json', '--until-stdin-closes'],
    { stdio: ['pipe', 'pipe', logFile], env: withoutSettings(process.env) },
  );
  closeSync(logFile);
  const { stdin, stdout } = child;
  check(stdin !== null && stdout !== null, 'INTERNAL', 'a child without pipes');
  // Writing to a child that is gone is no failure of its own.
  stdin.on('error', () => {});

  let refusal: Refusal | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const failed = ended.then(async (): Promise<never> => {
    // What it refused it has said; of anything else the end of its log knows more.
    if (refusal !== undefined && refusal.code !== 'INTERNAL') throw refusal;
    throw new Refusal('PROCESS_FAILED', `${name}\n${await lastLines(log)}`);
  });

  const stop = async (): Promise<void> => {
    stdin.end();
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(killer);
  };

  const started = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
    createInterface({ input: stdout }).on('line', (line) => {
      const value = parsed(line);
      if (isReady(value)) resolve(value);
      else refusal ??= refusalOfDocument(value, name);
    });
    const late = new Refusal('PROCESS_FAILED', `${name} is not ready after ${READY_MS / 1000} s`);
    setTimeout(() => reject(late), READY_MS).unref();
  });
  const ready = Promise.race([started, failed]);
  // Either may be awaited later or never.
  for (const promise of [ready, failed]) promise.catch(() => {});
  return { name, ready, failed, stop };
}
