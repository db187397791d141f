/** `--print-config`: what a service would run with, from all places, and nothing that is secret. @module */
import { Option } from 'commander';
import { dataDirectoryPaths } from '../engine/data-paths.ts';
import { redacted } from '../engine/redacted.ts';
import type { Io } from './io.ts';

export const printConfigurationOption = (): Option =>
  new Option('--print-config', 'print the settings it would run with, as JSON, and end');

/** `read` takes the path of config.json. */
export function printConfiguration(io: Io, data: string, read: (file: string) => object): void {
  const { config, path } = dataDirectoryPaths(data);
  const shown = { data: path, ...redacted(read(config)) };
  io.out(`${JSON.stringify(shown, null, 2)}\n`);
}
