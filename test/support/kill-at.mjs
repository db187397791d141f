/**
 * Preloaded into the shipped command by kill tests: `node --import kill-at.mjs dist/cli.js ...`.
 * Kills the process, as kill -9 does, once a step is durable: the one named by KILL_AT, or the
 * n-th after the file KILL_FILE appeared with the number n in it. The file then has its name.
 */
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';

const wanted = process.env.KILL_AT;
const file = process.env.KILL_FILE;
let left;

function countDown(name) {
  try {
    left ??= Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return; // not armed
  }
  if (left === undefined) return;
  left -= 1;
  if (left > 0) return;
  writeFileSync(file, name);
  process.kill(process.pid, 'SIGKILL');
}

subscribe('kakehashi:step', ({ name }) => {
  if (name === wanted) process.kill(process.pid, 'SIGKILL');
  if (file !== undefined) countDown(name);
});
