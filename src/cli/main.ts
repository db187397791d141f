/** The process of the command line: standard streams, signals, exit code. Builds to dist/cli.js. @module */
import { buffer } from 'node:stream/consumers';
import type { Io } from './io.ts';
import { runCli } from './program.ts';

const io: Io = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  lively: process.stderr.isTTY && (process.env['NO_COLOR'] ?? '') === '',
  environment: process.env,
  stdin: async () => new Uint8Array(await buffer(process.stdin)),
  inputClosed: () =>
    new Promise((resolve) => {
      const { stdin } = process;
      for (const end of ['end', 'close', 'error']) stdin.once(end, () => resolve(end));
      stdin.resume();
      // A file has no unref, and ends by itself.
      if ('unref' in stdin) stdin.unref();
    }),
  interrupted: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.once(signal, () => resolve(signal));
      }
    }),
};

// `kakehashi ... | head` closes the pipe: the reader has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await runCli(process.argv.slice(2), io);
