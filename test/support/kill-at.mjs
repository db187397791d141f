/**
 * Preloaded into the shipped command by kill tests: `node --import kill-at.mjs dist/cli.js ...`.
 * Kills the process, as kill -9 does, once the step named by KILL_AT is durable.
 */
import { subscribe } from 'node:diagnostics_channel';

const wanted = process.env.KILL_AT;

subscribe('kakehashi:step', (step) => {
  if (step.name === wanted) process.kill(process.pid, 'SIGKILL');
});
