/** Opens this process to the others of its sandbox, for records of linked runs and uploads (shared-records.ts, shared-uploads.ts). @module */
import { Secret } from '../base/secret.ts';
import type { Rng } from '../base/rng.ts';
import { SandboxRecordPlaces } from '../engine/stores/sandbox-record-places.ts';
import type { SandboxRuns } from '../engine/stores/sandbox-runs.ts';
import type { SandboxStore } from '../engine/stores/sandbox-store.ts';
import type { Log } from '../flows/ports.ts';
import type { PeersSetting } from './configuration.ts';
import { hostPort } from './listen.ts';
import { PeerLine } from './peer-line.ts';
import { RecordsForward } from './records-forward.ts';
import { listenForRecords } from './records-listener.ts';
import type { Records } from './records.ts';
import type { SharedRecords } from './shared-records.ts';
import type { SharedUploads } from './shared-uploads.ts';
import type { UploadsOfRuns } from './uploads-door.ts';

export type ShareOptions = {
  readonly store: SandboxStore;
  readonly runs: Pick<SandboxRuns, 'get'>;
  readonly here: Records;
  readonly shared: SharedRecords;
  readonly uploadsHere: UploadsOfRuns;
  readonly uploads: SharedUploads;
  readonly log: Pick<Log, 'warn'>;
  readonly rng: Rng;
};

const KEY_BYTES = 32;

/** Returns what closes it. Refuses with CONFIGURATION_INVALID an address that is not to be had. */
export async function shareWithPeers(
  { store, runs, here, shared, uploadsHere, uploads, log, rng }: ShareOptions,
  { listen, address }: PeersSetting,
): Promise<() => Promise<void>> {
  const key = new Secret('key of this process', rng(KEY_BYTES));
  const listener = await listenForRecords(here, key, listen, uploadsHere);
  const line = new PeerLine(log);
  const places = new SandboxRecordPlaces(store);
  const reached = address ?? hostPort({ ...listen, port: listener.port });
  const own = { address: reached, key: key.expose() };
  shared.share({ places, runs, forward: new RecordsForward(line), own });
  uploads.share({ places, line, own });
  return async () => {
    line.close();
    await listener.close();
    key[Symbol.dispose]();
  };
}
