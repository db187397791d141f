/** Opens this process to the others of its sandbox, for the records of linked runs (shared-records.ts). @module */
import { Secret } from '../base/secret.ts';
import type { Rng } from '../base/rng.ts';
import { SandboxRecordPlaces } from '../engine/stores/sandbox-record-places.ts';
import type { SandboxRuns } from '../engine/stores/sandbox-runs.ts';
import type { SandboxStore } from '../engine/stores/sandbox-store.ts';
import type { Log } from '../flows/ports.ts';
import type { PeersSetting } from './configuration.ts';
import { hostPort } from './listen.ts';
import { RecordsForward } from './records-forward.ts';
import { listenForRecords } from './records-listener.ts';
import type { Records } from './records.ts';
import type { SharedRecords } from './shared-records.ts';

export type ShareOptions = {
  readonly store: SandboxStore;
  readonly runs: Pick<SandboxRuns, 'get'>;
  readonly here: Records;
  readonly shared: SharedRecords;
  readonly log: Pick<Log, 'warn'>;
  readonly rng: Rng;
};

const KEY_BYTES = 32;

/** Returns what closes it. Refuses with CONFIGURATION_INVALID an address that is not to be had. */
export async function shareRecords(
  { store, runs, here, shared, log, rng }: ShareOptions,
  { listen, address }: PeersSetting,
): Promise<() => Promise<void>> {
  const key = new Secret('key of this process', rng(KEY_BYTES));
  const listener = await listenForRecords(here, key, listen);
  const forward = new RecordsForward(log);
  shared.share({
    places: new SandboxRecordPlaces(store),
    runs,
    forward,
    own: { address: address ?? hostPort({ ...listen, port: listener.port }), key: key.expose() },
  });
  return async () => {
    forward.close();
    await listener.close();
    key[Symbol.dispose]();
  };
}
