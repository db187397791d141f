/**
 * A sandbox and its holders as real processes on this machine: what `run` and `demo` stand on.
 * Everything goes the way it goes between institutions: keys and pinned keys in each data
 * directory, a study that stewards sign, the public HTTP API, the control socket of each holder.
 *
 *     ROOT/sandbox  ROOT/holders/<name>  data directories     ROOT/keys  stewards and analyst
 *     ROOT/logs     one file for each process
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { asRefusal, check, type ErrorCode, Refusal } from '../base/errors.ts';
import { KakehashiClient } from '../client/client.ts';
import { readDraft, type Study } from '../flows/study-terms.ts';
import { checkRules } from '../study/rules/evaluate.ts';
import { signStudy } from '../study/signatures.ts';
import { type Service, startService } from './child-process.ts';
import { askHolder } from './control-client.ts';
import {
  fillWithLocalKeys,
  holderDirectory,
  imageKeysOf,
  type LocalKeys,
  makeLocalKeys,
  type Owned,
} from './local-keys.ts';
import { type LocalImage, pushLocalImages } from './local-images.ts';
import { waitForConsent } from './wait-for-consent.ts';

export type LocalCluster = {
  readonly root: string;
  readonly sandbox: string;
  readonly study: Study;
  readonly keys: LocalKeys;
  readonly client: KakehashiClient;
  /** Aborts when the services are stopped. */
  readonly signal: AbortSignal;
};

export type ClusterOptions = {
  readonly root: string;
  /** With or without keys: all are replaced. */
  readonly draft: Json;
  /** Absolute paths of the CSV files of each holder, asked for once the processes are started. */
  readonly files: () => Promise<ReadonlyMap<string, readonly string[]>>;
  readonly step: (name: string) => void;
  /** Programs of the study; they take the place of those of the draft. */
  readonly images?: readonly LocalImage[] | undefined;
  /** Refuses what would fail later, before any process is started. */
  readonly accept: (study: Study) => void;
};

const CONSENT_SECONDS = 20;

async function writeConfiguration(directory: string, configuration: Json): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'config.json'), `${canonicalJson(configuration)}\n`, {
    mode: 0o600,
  });
}

const publicKeys = (owned: ReadonlyMap<string, Owned>): Record<string, string> =>
  Object.fromEntries([...owned].map(([name, { key }]) => [name, key.publicText]));

/** Starts and stops processes; whatever happens, `stop` leaves none behind. */
export class LocalServices {
  readonly #root: string;
  readonly #services: Service[] = [];
  readonly #stopped = new AbortController();

  constructor(root: string) {
    this.#root = root;
  }

  /** Rejects as soon as one of them ends by itself. */
  failed(): Promise<never> {
    return Promise.race(this.#services.map((service) => service.failed));
  }

  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#services.map((service) => service.stop()));
  }

  async #start(name: string, argv: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    this.signal.throwIfAborted();
    const service = startService(name, argv, join(this.#root, 'logs', `${name}.log`));
    // Known before it is ready: a command that is interrupted meanwhile stops it.
    this.#services.push(service);
    return service.ready;
  }

  /** The address of the sandbox. */
  async startSandbox(identities: Record<string, string>): Promise<string> {
    const directory = join(this.#root, 'sandbox');
    await writeConfiguration(directory, { listen: '127.0.0.1:0', holders: identities });
    const { url } = await this.#start('sandbox', ['sandbox', '--data', directory]);
    check(typeof url === 'string', 'PROCESS_FAILED', 'the sandbox is ready without an address');
    return url;
  }

  async startHolder(name: string, sandbox: string, keys: LocalKeys): Promise<void> {
    const { [name]: _own, ...holders } = publicKeys(keys.identities);
    const stewards = (keys.stewards.get(name) ?? []).map(({ key }) => key.publicText);
    const directory = holderDirectory(this.#root, name);
    // All parties are this machine's user: what a study may spend is what its draft says.
    const epochLimit = 'none';
    await writeConfiguration(directory, { name, sandbox, holders, stewards, epochLimit });
    await this.#start(`holder-${name}`, ['holder', '--data', directory]);
  }
}

/** Signs as every steward and hands the study in as the analyst. */
async function agree(client: KakehashiClient, study: Study, keys: LocalKeys): Promise<void> {
  const signatures = [...keys.stewards].flatMap(([holder, stewards]) =>
    stewards.map(({ key }) => signStudy(study, holder, key)),
  );
  await client.submitStudy({ study, signatures });
  await waitForConsent(client, study.id, CONSENT_SECONDS);
}

/** As `cohort load` does it; a refusal says whose file it is about. */
async function load(
  directory: string,
  holder: string,
  study: string,
  files: readonly string[],
): Promise<void> {
  try {
    await askHolder(directory, 'POST', '/v1/cohorts', { study, files });
  } catch (error) {
    const { code, detail, fields, cause } = asRefusal(error);
    throw new Refusal<ErrorCode>(code, `holder ${holder}, ${detail}`, fields, { cause });
  }
}

type Joined = Pick<LocalCluster, 'root' | 'sandbox' | 'keys' | 'client'>;

/** Stewards of every holder sign `study`, and each holder loads its files. */
async function joinStudy(
  { root, sandbox, keys, client }: Joined,
  study: Study,
  files: ReadonlyMap<string, readonly string[]>,
  { step, images = [] }: Pick<ClusterOptions, 'step' | 'images'>,
): Promise<void> {
  step('stewards sign, holders accept');
  await agree(client, study, keys);
  await pushLocalImages(images, {
    study: study.id,
    keys: imageKeysOf(keys),
    sandbox,
    analyst: keys.analyst.key,
  });
  step('holders load their cohorts');
  await Promise.all(
    study.holders.map(({ name }) =>
      load(holderDirectory(root, name), name, study.id, files.get(name) ?? []),
    ),
  );
}

/** One more study between the same parties; the same processes serve it. */
export async function addStudy(
  cluster: LocalCluster,
  { draft, files, step, images }: Pick<ClusterOptions, 'draft' | 'files' | 'step' | 'images'>,
): Promise<LocalCluster> {
  const study = readDraft(fillWithLocalKeys(draft, cluster.keys, images));
  await joinStudy(cluster, study, await files(), { step, images });
  return { ...cluster, study };
}

/** Everything up to the first query. `services` are the caller's to stop. */
export async function startCluster(
  services: LocalServices,
  { root, draft, files, step, accept, images }: ClusterOptions,
): Promise<LocalCluster> {
  step('keys for every party');
  const keys = await makeLocalKeys(root, draft);
  const study = readDraft(fillWithLocalKeys(draft, keys, images));
  checkRules(study);
  accept(study);
  const names = study.holders.map(({ name }) => name);
  await mkdir(join(root, 'logs'), { recursive: true, mode: 0o700 });

  step(`one sandbox and ${names.length} holders start`);
  const sandbox = await services.startSandbox(publicKeys(keys.identities));
  const [cohorts] = await Promise.all([
    files(),
    ...names.map((name) => services.startHolder(name, sandbox, keys)),
  ]);

  const client = new KakehashiClient({ sandbox, key: keys.analyst.key });
  await joinStudy({ root, sandbox, keys, client }, study, cohorts, { step, images });
  return { root, sandbox, study, keys, client, signal: services.signal };
}
