#!/usr/bin/env node
/**
 * The `kakehashi` command. Builds dist when it is missing or older than its sources (a clone; an
 * installed package brings dist and no build script), quietly, and runs it.
 */
import { existsSync } from 'node:fs';

const build = new URL('../../.config/build.mjs', import.meta.url);
if (existsSync(build)) {
  await import(build.href).catch((error) => {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
    process.stderr.write(`dist has to be built, and this user may not write ${error.path}\n`);
    process.exitCode = 1;
  });
}
if (process.exitCode === undefined)
  await import(new URL('../../dist/cli.js', import.meta.url).href);
