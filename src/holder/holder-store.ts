/** The store of a holder: a file of its data directory, or the database that it is configured with. @module */
import type { Json } from '../base/canonical-json.ts';
import { type Environment, readSetting } from '../engine/configuration.ts';
import type { DirectoryPaths } from '../engine/data-directory.ts';
import { openServiceStore, type ServiceStore } from '../engine/service-store.ts';
import { HolderConfigurationShape } from './configuration.ts';
import { HOLDER_MIGRATIONS, type HolderTables } from './tables.ts';

/** Of a database that several holders share. */
export const holderSchema = (name: string): string =>
  `kakehashi_holder_${name.replaceAll('-', '_')}`;

/**
 * One process at a time: a holder is one machine. Where the database is, has to be in config.json or in
 * the environment, because the settings of the last start are in it.
 */
export function openHolderStore(
  { config, store: file }: Pick<DirectoryPaths, 'config' | 'store'>,
  environment: Environment,
  flags: Readonly<Record<string, Json | undefined>>,
): Promise<ServiceStore<HolderTables>> {
  const sources = { environment, file: config };
  const database = readSetting(HolderConfigurationShape, 'database', sources);
  const given = flags['name'] ?? readSetting(HolderConfigurationShape, 'name', sources);
  const schema = holderSchema(typeof given === 'string' ? given : 'unnamed');
  return openServiceStore<HolderTables>({
    database,
    file,
    schema,
    migrations: HOLDER_MIGRATIONS,
    alone: true,
  });
}
