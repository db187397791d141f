/** The store of a holder: a file of its data directory, or the database that it is configured with. @module */
import type { Json } from '../base/canonical-json.ts';
import type { Log } from '../flows/ports.ts';
import { type Environment, readSetting } from '../engine/configuration.ts';
import type { DirectoryPaths } from '../engine/data-paths.ts';
import { openServiceStore, type ServiceStore } from '../engine/service-store.ts';
import { type HolderConfiguration, HolderConfigurationShape, LOG_LEVELS } from './configuration.ts';
import { HOLDER_MIGRATIONS, type HolderTables } from './tables.ts';

/** Of a database that several holders share. */
export const holderSchema = (name: string): string =>
  `kakehashi_holder_${name.replaceAll('-', '_')}`;

/**
 * One process at a time: a holder is one machine. Where the database is, has to be in config.json or in
 * the environment, because the settings of the last start are in it; so has the level of what the store logs,
 * or a flag says it.
 */
export function openHolderStore(
  { config, store: file }: Pick<DirectoryPaths, 'config' | 'store'>,
  environment: Environment,
  flags: Readonly<Record<string, Json | undefined>>,
  makeLog: (settings: Pick<HolderConfiguration, 'logLevel'>) => Log,
): Promise<ServiceStore<HolderTables>> {
  const sources = { environment, file: config };
  const database = readSetting(HolderConfigurationShape, 'database', sources);
  const given = flags['name'] ?? readSetting(HolderConfigurationShape, 'name', sources);
  const level = flags['logLevel'] ?? readSetting(HolderConfigurationShape, 'logLevel', sources);
  const logLevel = LOG_LEVELS.find((one) => one === level) ?? 'info';
  const schema = holderSchema(typeof given === 'string' ? given : 'unnamed');
  return openServiceStore<HolderTables>({
    database,
    file,
    schema,
    migrations: HOLDER_MIGRATIONS,
    log: makeLog({ logLevel }),
    alone: true,
  });
}
