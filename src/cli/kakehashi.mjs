#!/usr/bin/env node
/**
 * The `kakehashi` command. Builds dist when it is missing or older than its sources (a clone; an
 * installed package brings dist and no build script), quietly, and runs it.
 */
import { existsSync } from 'node:fs';

const build = new URL('../../.config/build.mjs', import.meta.url);
if (existsSync(build)) await import(build.href);
if (process.exitCode === undefined)
  await import(new URL('../../dist/cli.js', import.meta.url).href);
